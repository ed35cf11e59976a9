//! `file.read`: the text of a file.

use baigong_flow::{ActionContext, ActionError};
use baigong_tabular::encoding;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::support::{paths, trouble::from_tables, work::blocking};

/// Which file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The file: an artifact of this run, a file of the package, or a whole path.
    file: String,
    /// utf-8, gbk, gb18030, …; found out when left empty.
    encoding: Option<String>,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<String, ActionError> {
    blocking(context, move |context| {
        let bytes = super::bytes(&paths::to_read(context, &parameters.file)?)?;
        Ok(encoding::decode(&bytes, parameters.encoding.as_deref(), &parameters.file).map_err(from_tables)?.0)
    })
    .await
}
