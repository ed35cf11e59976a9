//! The wheels that a package brings along, so that its environment is built without any network: a folder of wheels, the
//! list that pip installs them by (each with its hash), and what they were made for.

use serde::{Deserialize, Serialize};

use crate::{Environment, PackageError, source::Source};

/// The folder of the package.
pub const BUNDLE_FOLDER: &str = "baigong-wheels";
/// What the wheels were made for.
pub const BUNDLE_FILE: &str = "baigong-wheels/bundle.json";
/// What pip installs, each wheel with its hash.
pub const BUNDLE_LOCK: &str = "baigong-wheels/requirements.lock";

/// What the wheels were made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bundle {
    /// The version of Python, major and minor: "3.11".
    pub python: String,
    /// System and processor: "linux-x86_64".
    pub platform: String,
    /// [`Environment::requirements_digest`] of the environment.
    pub requirements: String,
}

/// This machine as bundles name it.
#[must_use]
pub fn this_platform() -> String {
    format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH)
}

/// The bundle of a package, if it has one.
pub(crate) fn read(source: &mut Source, environment: &Environment) -> Result<Option<Bundle>, PackageError> {
    if !source.has_file(BUNDLE_FILE) {
        return Ok(None);
    }
    const REMEDY: &str = "Make it again: `baigong package bundle DIR`";
    let refused = |message: String| PackageError::refused(BUNDLE_FILE, message, REMEDY);
    let bytes = source.read_document(BUNDLE_FILE)?;
    let bundle: Bundle = serde_json::from_slice(&bytes).map_err(|error| refused(error.to_string()))?;
    if bundle.requirements != environment.requirements_digest() {
        return Err(refused(format!(
            "the wheels were gathered for other requirements than {} has now",
            environment.place
        )));
    }
    if !source.has_file(BUNDLE_LOCK) {
        return Err(refused(format!("the package has no file {BUNDLE_LOCK}")));
    }
    Ok(Some(bundle))
}
