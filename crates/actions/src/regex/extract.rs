//! `regex.extract`: all matches of a pattern in a text, with what its groups matched.

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::support::{trouble::too_large, work::blocking};

const MOST: usize = 1_000_000;

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

/// For each match a list: the whole match, then its groups.
pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<Vec<Vec<String>>, ActionError> {
    blocking(context, move |_| {
        let Parameters { text, pattern, ignore_case } = &parameters;
        let compiled = super::compile(pattern, text, *ignore_case)?;
        let found = compiled.captures_iter(text).map(|captures| {
            captures.iter().map(|group| group.map_or_else(String::new, |group| group.as_str().to_owned())).collect()
        });
        let found: Vec<Vec<String>> = found.take(MOST + 1).collect();
        if found.len() > MOST { Err(too_large(format!("there are more than {MOST} matches"))) } else { Ok(found) }
    })
    .await
}
