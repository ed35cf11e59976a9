//! `text.upper` and `text.lower`: a text in capitals or in small letters.

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;

/// What to change.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The text.
    text: String,
}

pub(crate) async fn upper(_: ActionContext, parameters: Parameters) -> Result<String, ActionError> {
    Ok(parameters.text.to_uppercase())
}

pub(crate) async fn lower(_: ActionContext, parameters: Parameters) -> Result<String, ActionError> {
    Ok(parameters.text.to_lowercase())
}
