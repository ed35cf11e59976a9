//! The errors of the actions: a short code for `catch`, and a sentence that says what happened and what to do.

use std::{
    io::{Error, ErrorKind},
    path::Path,
};

use baigong_flow::{ActionError, HostError};
use baigong_tabular::Problem;

/// The data in a file or a variable is not what the action needs.
pub(crate) fn invalid_data(message: impl Into<String>) -> ActionError {
    ActionError::new("invalidData", message)
}

/// A parameter of the step cannot be used.
pub(crate) fn invalid_parameter(message: impl Into<String>) -> ActionError {
    ActionError::new("invalidParameter", message)
}

/// Something is larger than the action takes.
pub(crate) fn too_large(message: impl Into<String>) -> ActionError {
    ActionError::new("tooLarge", message)
}

/// The run was cancelled.
pub(crate) fn cancelled() -> ActionError {
    ActionError::new("cancelled", "the run was cancelled")
}

/// A table that could not be read or written.
pub(crate) fn from_tables(problem: Problem) -> ActionError {
    match problem {
        Problem::Data(message) => invalid_data(message),
        Problem::Parameter(message) => invalid_parameter(message),
        Problem::TooLarge(message) => too_large(message),
        Problem::Stopped => cancelled(),
    }
}

/// A fault of the program, not of the flow.
pub(crate) fn internal(message: impl Into<String>) -> ActionError {
    ActionError::new("internal", message)
}

/// What the host answered.
pub(crate) fn from_host(error: HostError) -> ActionError {
    ActionError::new(error.code, error.message)
}

/// The operating system refused to `verb` ("read", "write", …) the file at `path`.
pub(crate) fn file_error(verb: &str, path: &Path, error: &Error) -> ActionError {
    let (code, remedy) = match error.kind() {
        ErrorKind::NotFound => ("fileNotFound", "Check the name and the folder"),
        ErrorKind::PermissionDenied => {
            ("fileAccess", "Ask for the right to use this folder, or close the program that holds the file")
        }
        ErrorKind::AlreadyExists => ("fileExists", "Choose another name, or set overwrite: true"),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ("diskFull", "Make room on the disk and run again"),
        ErrorKind::IsADirectory => ("fileAccess", "This is a folder; name a file in it"),
        ErrorKind::NotADirectory => ("fileAccess", "A part of this path is a file, not a folder"),
        ErrorKind::DirectoryNotEmpty => ("fileExists", "The folder is not empty"),
        _ => ("fileAccess", "Check the disk and the network drive"),
    };
    // The system's own words: a part of the path that we made ourselves says nothing to anybody.
    let told = error.to_string();
    let told = told.split_once(" at path ").map_or(told.as_str(), |(told, _)| told);
    ActionError::new(code, format!("cannot {verb} {}: {told}. {remedy}.", path.display()))
}
