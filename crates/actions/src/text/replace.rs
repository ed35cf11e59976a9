//! `text.replace`: a text with every occurrence of one text replaced by another.

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::support::trouble::{invalid_parameter, too_large};

/// The longest result, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;

/// What to replace.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The text.
    text: String,
    /// What to look for, exactly.
    find: String,
    /// What stands there afterwards.
    with: String,
}

pub(crate) async fn run(_: ActionContext, parameters: Parameters) -> Result<String, ActionError> {
    let Parameters { text, find, with } = parameters;
    if find.is_empty() {
        return Err(invalid_parameter("find must not be empty"));
    }
    let found = text.matches(&find).count();
    if found.saturating_mul(with.len()).saturating_add(text.len()) > LONGEST {
        return Err(too_large("the text would become longer than 64 MiB"));
    }
    Ok(text.replace(&find, &with))
}
