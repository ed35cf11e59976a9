//! `text.join`: many texts put together.

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::support::table::text_of;

/// What to put together.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The parts: texts or numbers.
    parts: Vec<Value>,
    /// What stands between two parts.
    #[serde(default)]
    separator: String,
}

pub(crate) async fn run(_: ActionContext, parameters: Parameters) -> Result<String, ActionError> {
    let parts: Vec<_> = parameters.parts.iter().map(text_of).collect();
    Ok(parts.join(&parameters.separator))
}
