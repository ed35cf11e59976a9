//! What is wrong with a package: every problem says where it is and what to do about it.

use std::{fmt, io};

use serde::{Deserialize, Serialize};

/// One thing that is wrong with a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where: a file of the package, with line and column where they are known ("baigong.yaml:3:5").
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it; empty where the message says it all.
    pub remedy: String,
}

impl Problem {
    /// A problem at `place`.
    pub fn new(place: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)?;
        if self.remedy.is_empty() { Ok(()) } else { write!(f, ". {}", self.remedy) }
    }
}

/// Why a package could not be used.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The package is at fault. There is at least one problem.
    #[error("{}", joined(.0))]
    Refused(Vec<Problem>),
    /// This machine is at fault: its disk is full, a file cannot be opened. Nothing is known of the package.
    #[error("{action}: {cause}")]
    Storage {
        /// What was tried.
        action: String,
        /// What the system said.
        cause: io::Error,
    },
}

fn joined(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl PackageError {
    /// The package is refused for one reason.
    pub(crate) fn refused(place: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Refused(vec![Problem::new(place, message, remedy)])
    }

    /// For `map_err`: this machine could not do `action`.
    pub(crate) fn storage(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let action = action.into();
        move |cause| Self::Storage { action, cause }
    }

    /// The problems of the package; empty when the machine is at fault.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Refused(problems) => problems,
            Self::Storage { .. } => &[],
        }
    }
}

impl From<Problem> for PackageError {
    fn from(problem: Problem) -> Self {
        Self::Refused(vec![problem])
    }
}

impl From<PackageError> for baigong_model::Error {
    fn from(error: PackageError) -> Self {
        match error {
            PackageError::Refused(_) => Self::invalid("package", error.to_string()),
            PackageError::Storage { ref cause, .. } => match cause.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::unavailable("the disk is full"),
                _ => Self::internal(error),
            },
        }
    }
}
