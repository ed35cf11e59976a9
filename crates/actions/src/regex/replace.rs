//! `regex.replace`: a text with every match of a pattern replaced.

use ::regex::Captures;
use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::support::{trouble::too_large, work::blocking};

const LONGEST: usize = 64 * 1024 * 1024;

/// What to replace.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The text.
    text: String,
    /// The regular expression.
    pattern: String,
    /// What stands there afterwards; $1 or ${name} is what a group matched.
    with: String,
    /// Capitals and small letters are the same.
    #[serde(default)]
    ignore_case: bool,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<String, ActionError> {
    blocking(context, move |_| {
        let Parameters { text, pattern, with, ignore_case } = &parameters;
        let compiled = super::compile(pattern, text, *ignore_case)?;
        let places = with.matches('$').count();
        let mut added = 0_usize;
        let replaced = compiled.replace_all(text, |captures: &Captures<'_>| {
            let mut part = String::new();
            // Counted before it is made: many $0 in one replacement of one long match would fill the memory.
            let matched = captures.get(0).map_or(0, |whole| whole.len());
            added = added.saturating_add(matched.saturating_mul(places)).saturating_add(with.len());
            if added < LONGEST {
                captures.expand(with, &mut part);
            }
            part
        });
        if added >= LONGEST {
            Err(too_large("the text would become longer than 64 MiB"))
        } else {
            Ok(replaced.into_owned())
        }
    })
    .await
}
