//! `text.contains`: whether a text has another one in it.

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;

/// What to look for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The text.
    text: String,
    /// What to look for in it.
    part: String,
    /// Capitals and small letters are the same.
    #[serde(default)]
    ignore_case: bool,
}

pub(crate) async fn run(_: ActionContext, parameters: Parameters) -> Result<bool, ActionError> {
    let Parameters { text, part, ignore_case } = parameters;
    Ok(if ignore_case { text.to_lowercase().contains(&part.to_lowercase()) } else { text.contains(&part) })
}
