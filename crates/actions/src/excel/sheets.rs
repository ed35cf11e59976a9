//! `excel.sheets`: the names of the sheets of a workbook.

use baigong_flow::{ActionContext, ActionError};
use calamine::Reader;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::support::{paths, work::blocking};

/// Which workbook.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The file: an artifact of this run, a file of the package, or a whole path.
    file: String,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<Vec<String>, ActionError> {
    blocking(context, move |context| {
        Ok(super::open(context, &paths::to_read(context, &parameters.file)?)?.sheet_names())
    })
    .await
}
