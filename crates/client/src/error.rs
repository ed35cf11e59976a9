//! What can go wrong, by what the caller can do about it: the line between "certainly not done" and "nobody knows" runs
//! here.

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call has no answer that counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No connection: the request was not sent.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// The request was sent, or may have been, and no answer came.
    #[error("no answer came: {0}")]
    NoAnswer(String),
    /// The other side refused, in its own words: nothing was done. It says nothing of what is there already.
    #[error("refused with {code}: {message}")]
    Refused {
        /// Its code.
        code: String,
        /// Its message.
        message: String,
    },
    /// What the request names is not there, in the other side's words: nothing was done.
    #[error("refused with {code}: {message}")]
    Gone {
        /// Its code.
        code: String,
        /// Its message.
        message: String,
    },
    /// The other side does not know us: the name, the password or the secret is wrong.
    #[error("does not let us in: {0}")]
    NotLetIn(String),
    /// The answer is not what the dialect prints.
    #[error("answered something else than its dialect prints: {0}")]
    Strange(String),
}

impl Error {
    /// Whether the request was certainly not carried out.
    #[must_use]
    pub fn is_certainly_undone(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Refused { .. } | Self::Gone { .. } | Self::NotLetIn(_))
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        let is_unsent = error.is_connect() || error.is_builder();
        // The address may hold what nobody should read.
        let mut text = error.without_url().to_string();
        text.truncate(text.char_indices().nth(300).map_or(text.len(), |(at, _)| at));
        if is_unsent { Self::Unreachable(text) } else { Self::NoAnswer(text) }
    }
}
