//! `text.split`: the parts of a text between separators.

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;

/// What to split.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The text.
    text: String,
    /// What stands between two parts. Left empty: any blanks or line breaks.
    separator: Option<String>,
    /// Cut the blanks around each part and leave out empty parts.
    #[serde(default)]
    trim: bool,
}

pub(crate) async fn run(_: ActionContext, parameters: Parameters) -> Result<Vec<String>, ActionError> {
    let Parameters { text, separator, trim } = parameters;
    let parts: Vec<&str> = match separator.as_deref() {
        None | Some("") => text.split_whitespace().collect(),
        Some(separator) => text.split(separator).collect(),
    };
    let parts = parts.into_iter().map(|part| if trim { part.trim() } else { part });
    Ok(parts.filter(|part| !(trim && part.is_empty())).map(str::to_owned).collect())
}
