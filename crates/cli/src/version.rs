//! `baigong version`.

use crate::output;

/// The version of this program: the packages', or what the build was told in `BAIGONG_VERSION`. The second program of the
/// tests has one of its own.
pub(crate) const VERSION: &str = match (env!("CARGO_BIN_NAME").as_bytes(), option_env!("BAIGONG_VERSION")) {
    (b"baigong-next", _) => "9.8.7",
    (_, Some(version)) => version,
    (_, None) => env!("CARGO_PKG_VERSION"),
};

/// Shows the version and what it was built for.
pub(crate) fn show() {
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    output::line(&format!("baigong {VERSION} ({system} {machine})"));
}
