//! `text.pad`: a text filled up to a length: 1 becomes 000001.

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::support::{table::text_of, trouble::invalid_parameter};

/// What to fill up.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The text or number.
    text: Value,
    /// How many characters the result has at least.
    length: u16,
    /// The character to fill with; 0 when left empty.
    with: Option<String>,
    /// Fill at the end instead of at the beginning.
    #[serde(default)]
    right: bool,
}

pub(crate) async fn run(_: ActionContext, parameters: Parameters) -> Result<String, ActionError> {
    let text = text_of(&parameters.text);
    if text.contains('\n') {
        return Err(invalid_parameter("the text must be a single line"));
    }
    let missing = usize::from(parameters.length).saturating_sub(text.chars().count());
    let with = parameters.with.filter(|with| !with.is_empty()).unwrap_or_else(|| "0".to_owned());
    if with.chars().count() != 1 {
        return Err(invalid_parameter(format!("with must be a single character, “{with}” is several")));
    }
    let fill = with.repeat(missing);
    Ok(if parameters.right { format!("{text}{fill}") } else { format!("{fill}{text}") })
}
