//! Zip files: create, extract.

pub(crate) mod create;
mod entry_name;
pub(crate) mod extract;

use std::path::Path;

use baigong_flow::ActionError;
use zip::result::ZipError;

use crate::support::trouble::{file_error, invalid_data};

/// The most files in a zip.
const MOST_ENTRIES: usize = 20_000;
/// The most bytes of all files together, unpacked.
const LARGEST: u64 = 2 * 1024 * 1024 * 1024;

fn failed(path: &Path, error: ZipError) -> ActionError {
    match error {
        ZipError::Io(error) if error.raw_os_error().is_some() => file_error("read", path, &error),
        error => invalid_data(format!(
            "{} is not a zip file that can be read: {error}. Zips with a password are not supported; otherwise fetch it anew.",
            path.display()
        )),
    }
}

#[cfg(test)]
mod tests;
