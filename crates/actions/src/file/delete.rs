//! `file.delete`: deletes one file. Never a folder: that has cost too many people too much.

use std::fs;

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::support::{paths, trouble::file_error, work::blocking};

/// Which file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The file: an artifact of this run, or a whole path.
    file: String,
    /// It is no error when the file does not exist.
    #[serde(default)]
    missing_ok: bool,
}

/// Whether there was a file to delete.
pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<bool, ActionError> {
    blocking(context, move |context| {
        let path = match paths::to_change(context, &parameters.file) {
            Err(error) if parameters.missing_ok && error.code == "fileNotFound" => return Ok(false),
            found => found?,
        };
        fs::remove_file(&path).map_err(|error| file_error("delete", &path, &error))?;
        Ok(true)
    })
    .await
}
