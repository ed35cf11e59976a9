//! The one error of the operations, by what the caller can do about it. The public text is shown to callers and logged;
//! the private source is logged only. Each dialect maps the variants to its own codes in one exhaustive `match`.

use std::fmt;

/// The result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation did not happen. Nothing was changed unless the variant says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or the caller may not see it: the two look the same.
    #[error("{kind} {id} does not exist")]
    NotFound {
        /// What was looked for, in the standard's terms: "task", "robot".
        kind: &'static str,
        /// How it was asked for.
        id: String,
    },
    /// A name or another unique value is taken.
    #[error("{kind} \"{name}\" already exists")]
    AlreadyExists {
        /// What exists already.
        kind: &'static str,
        /// The name that is taken.
        name: String,
    },
    /// A value is out of its range, or not one of those allowed.
    #[error("{field}: {reason}")]
    Invalid {
        /// The field's name as the caller wrote it.
        field: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// A time does not have the documented form.
    #[error("{field}: the time must look like 2026-11-21 08:30:00")]
    InvalidTime {
        /// The field's name as the caller wrote it.
        field: String,
    },
    /// A day does not have the documented form, or there is no such day.
    #[error("{field}: \"{given}\" is not a date that looks like 2026-11-21")]
    InvalidDate {
        /// The field's name as the caller wrote it.
        field: String,
        /// What stands there.
        given: String,
    },
    /// The thing is in a state that does not allow this.
    #[error("{0}")]
    Conflict(String),
    /// The task is cancelled already (T/TSAC 10101).
    #[error("the task is cancelled already")]
    AlreadyCancelled,
    /// The task has ended already (T/TSAC 10102).
    #[error("the task has ended already")]
    AlreadyEnded,
    /// The write carries a lease that has been given to someone else: the caller must stop.
    #[error("the lease is no longer valid: fence {given} is behind {current}")]
    StaleFence {
        /// The fence that the write carried.
        given: i64,
        /// The fence in force.
        current: i64,
    },
    /// No token, or one that is unknown, expired or revoked.
    #[error("the token is not valid")]
    Unauthenticated,
    /// The token was good, but its time is over.
    #[error("the token has expired")]
    TokenExpired,
    /// The same signature or key came with another request before.
    #[error("the same signature came with another request before")]
    Replayed,
    /// A download address that was not given out like this, or is too old.
    #[error("the address is not valid or has expired: ask for a new one")]
    BadAddress,
    /// There is no user of that name.
    #[error("the user is not registered")]
    UnknownUser,
    /// The password is wrong or cannot be read.
    #[error("the password is wrong")]
    WrongPassword,
    /// Too many wrong passwords.
    #[error("the account is locked")]
    Locked,
    /// The caller may see it but not do this.
    #[error("no permission: {0} is needed")]
    Forbidden(String),
    /// More than the configured limit: ask later or for less.
    #[error("{0}")]
    LimitReached(String),
    /// A robot or a licence cannot serve this now (T/TSAC 11001).
    #[error("{0}")]
    RobotState(String),
    /// There is no license for it, or it has expired (T/TSAC 11002).
    #[error("{0}")]
    NotLicensed(String),
    /// The platform cannot do it now, but may be able to later (full disk, database away, queue of writes full).
    #[error("{0}")]
    Unavailable(String),
    /// A fault of ours. The text shown says nothing of it; the source goes to the log.
    #[error("internal error")]
    Internal(#[source] Private),
}

/// The private cause of an [`Error::Internal`]: shown in logs, never to callers.
#[derive(Debug)]
pub struct Private(Box<dyn std::error::Error + Send + Sync>);

impl fmt::Display for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl std::error::Error for Private {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl Error {
    /// `kind` with `id` is not there for this caller.
    #[expect(clippy::needless_pass_by_value, reason = "callers give ids and names as they have them")]
    pub fn not_found(kind: &'static str, id: impl ToString) -> Self {
        Self::NotFound { kind, id: id.to_string() }
    }

    /// A `kind` called `name` exists already.
    pub fn already_exists(kind: &'static str, name: impl Into<String>) -> Self {
        Self::AlreadyExists { kind, name: name.into() }
    }

    /// `field` has a value that is not allowed; `reason` says what would be.
    pub fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), reason: reason.into() }
    }

    /// The state of things does not allow it.
    pub fn conflict(reason: impl Into<String>) -> Self {
        Self::Conflict(reason.into())
    }

    /// Not now.
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable(reason.into())
    }

    /// A fault of ours, with its private cause.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(Private(cause.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_text_of_an_internal_error_hides_its_cause() {
        let error = Error::internal("password=hunter2");
        assert_eq!(error.to_string(), "internal error");
        assert_eq!(std::error::Error::source(&error).map(ToString::to_string).as_deref(), Some("password=hunter2"));
    }
}
