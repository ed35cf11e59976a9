//! `text.number`: the exact number a text means: "1,234.50" becomes 1234.50.

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::support::{number, table::text_of, trouble::invalid_data};

/// What to read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The text: "1,234.50", "(12.00)", "1.5E+07".
    text: Value,
    /// What an empty text counts as; an error when left empty.
    blank: Option<Value>,
}

/// The number as plain text, without separators.
pub(crate) async fn run(_: ActionContext, parameters: Parameters) -> Result<String, ActionError> {
    let text = text_of(&parameters.text);
    let text = match &parameters.blank {
        Some(blank) if text.trim().is_empty() => text_of(blank),
        _ => text,
    };
    let number = number::parse(&text).ok_or_else(|| invalid_data(number::why_not(&text)))?;
    Ok(number.to_string())
}
