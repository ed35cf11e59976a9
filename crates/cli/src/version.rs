//! `baigong version`.

use crate::output;

/// Shows the version and what it was built for.
pub(crate) fn show() {
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    output::line(&format!("baigong {} ({system} {machine})", env!("CARGO_PKG_VERSION")));
}
