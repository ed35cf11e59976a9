//! Files: read, write, copy, move, list, delete.

pub(crate) mod copy;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod relocate;
pub(crate) mod write;

use std::{fs, path::Path};

use baigong_flow::ActionError;

use crate::support::trouble::{file_error, too_large};

/// The largest file that is taken into memory, in bytes.
const LARGEST: u64 = 256 * 1024 * 1024;

/// The bytes of the file at `path`, which must not be too large.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, ActionError> {
    let size = fs::metadata(path).map_err(|error| file_error("read", path, &error))?.len();
    if size > LARGEST {
        let limit = LARGEST / 1024 / 1024;
        return Err(too_large(format!("{} is larger than {limit} MiB. Split it into smaller files.", path.display())));
    }
    fs::read(path).map_err(|error| file_error("read", path, &error))
}

/// The last part of a path: what users call the file.
pub(crate) fn short_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
