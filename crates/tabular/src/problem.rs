//! Why a table could not be read or written, in words its owner can act on.

use std::fmt;

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The data is not what it should be; the text names the place.
    Data(String),
    /// What was asked for does not exist.
    Parameter(String),
    /// Something is larger than is read.
    TooLarge(String),
    /// Whoever asked has given up.
    Stopped,
}

impl Problem {
    pub(crate) fn data(text: impl Into<String>) -> Self {
        Self::Data(text.into())
    }

    pub(crate) fn parameter(text: impl Into<String>) -> Self {
        Self::Parameter(text.into())
    }

    pub(crate) fn too_large(text: impl Into<String>) -> Self {
        Self::TooLarge(text.into())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data(text) | Self::Parameter(text) | Self::TooLarge(text) => f.write_str(text),
            Self::Stopped => f.write_str("it was stopped"),
        }
    }
}

impl std::error::Error for Problem {}
