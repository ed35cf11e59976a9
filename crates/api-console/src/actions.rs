//! What the caller may do to an object now, and why not: beside each object, from the rules that enforce it.

use baigong_model::{Error, Result};
use schemars::JsonSchema;
use serde::Serialize;

/// Whether something may be done.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Action {
    /// Whether it may
    allowed: bool,
    /// Why not
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<Result<()>> for Action {
    fn from(rule: Result<()>) -> Self {
        let reason = rule.err().map(|error| match error {
            Error::NotFound { .. } => "it is deleted".to_owned(),
            other => other.to_string(),
        });
        Self { allowed: reason.is_none(), reason }
    }
}
