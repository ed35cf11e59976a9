//! `file.move`: moves or renames a file.

use std::{fs, io};

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::support::{atomic, paths, trouble::file_error, work::blocking};

/// From where to where.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The file to move: an artifact of this run, or a whole path.
    from: String,
    /// Its new place: a name among this run's artifacts, or a whole path.
    to: String,
    /// Replace an existing file outside the artifacts.
    #[serde(default)]
    overwrite: bool,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<atomic::WrittenPath, ActionError> {
    blocking(context, move |context| {
        let from = paths::to_change(context, &parameters.from)?;
        let to = paths::to_write(context, &parameters.to)?;
        let failed = |error: &io::Error| file_error("move", &from, error);
        if fs::canonicalize(&from).ok() == fs::canonicalize(&to.path).ok() {
            return Ok(to.path.to_string_lossy().into_owned());
        }
        // Copied and then deleted: this works between disks too, and a break in between loses nothing.
        let mut source = fs::File::open(&from).map_err(|error| failed(&error))?;
        let mut copy = atomic::begin(&to.path)?;
        io::copy(&mut source, &mut copy).map_err(|error| failed(&error))?;
        let written = atomic::finish(copy, &to, parameters.overwrite)?;
        fs::remove_file(&from).map_err(|error| failed(&error))?;
        Ok(written)
    })
    .await
}
