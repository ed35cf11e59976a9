//! `file.copy`: copies a file, whole or not at all.

use std::{fs, io};

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::support::{atomic, paths, trouble::file_error, work::blocking};

/// From where to where.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The file to copy: an artifact of this run, a file of the package, or a whole path.
    pub(super) from: String,
    /// The copy: a name among this run's artifacts, or a whole path.
    pub(super) to: String,
    /// Replace an existing file outside the artifacts.
    #[serde(default)]
    pub(super) overwrite: bool,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<atomic::WrittenPath, ActionError> {
    blocking(context, move |context| {
        let from = paths::to_read(context, &parameters.from)?;
        let to = paths::to_write(context, &parameters.to)?;
        let mut source = fs::File::open(&from).map_err(|error| file_error("read", &from, &error))?;
        let mut copy = atomic::begin(&to.path)?;
        io::copy(&mut source, &mut copy).map_err(|error| file_error("copy", &from, &error))?;
        atomic::finish(copy, &to, parameters.overwrite)
    })
    .await
}
