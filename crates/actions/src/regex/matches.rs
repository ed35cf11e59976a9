//! `regex.match`: whether a pattern is found in a text.

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::support::work::blocking;

/// What to look for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The text.
    text: String,
    /// The regular expression.
    pattern: String,
    /// Capitals and small letters are the same.
    #[serde(default)]
    ignore_case: bool,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<bool, ActionError> {
    blocking(context, move |_| {
        let Parameters { text, pattern, ignore_case } = &parameters;
        Ok(super::compile(pattern, text, *ignore_case)?.is_match(text))
    })
    .await
}
