//! `text.trim`: a text without the blanks around it.

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;

/// What to trim.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The text.
    text: String,
}

pub(crate) async fn run(_: ActionContext, parameters: Parameters) -> Result<String, ActionError> {
    Ok(parameters.text.trim().to_owned())
}
