//! The parameters by which a request says who signed it.

use axum::http::request::Parts;
use baigong_api_kit::{Failure, Problem, ProblemKind, form};

/// The parameters, decoded, each once: which of two a signature is for would be anyone's guess.
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Of a request.
    pub(crate) fn of(parts: &Parts) -> Result<Self, Failure> {
        form(parts.uri.query().unwrap_or_default().as_bytes()).map(Self)
    }

    /// A parameter that need not be there.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that must be there.
    pub(crate) fn need(&self, name: &'static str) -> Result<&str, Failure> {
        let problem = |kind| Failure::Shape(Problem { field: name.to_owned(), kind });
        match self.get(name) {
            None => Err(problem(ProblemKind::Absent)),
            Some("") => Err(problem(ProblemKind::Empty)),
            Some(value) => Ok(value),
        }
    }
}
