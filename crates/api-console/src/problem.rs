//! Which code and status a failure gets, in one exhaustive match each.

use baigong_api_kit::{Code, Failure};
use baigong_model::Error;

/// Every code, its status and its meaning.
pub(crate) const ALL: &[Code] = &[
    Code { code: "malformed", status: 400, meaning: "the body cannot be read" },
    Code { code: "invalid", status: 400, meaning: "a field is not as it should be" },
    Code { code: "unauthenticated", status: 401, meaning: "the token is not valid" },
    Code { code: "wrong-credentials", status: 401, meaning: "the username or the password is wrong" },
    Code { code: "forbidden", status: 403, meaning: "the caller may not do this" },
    Code { code: "locked", status: 403, meaning: "too many wrong passwords: try again later" },
    Code { code: "not-found", status: 404, meaning: "there is no such thing" },
    Code { code: "method-not-allowed", status: 405, meaning: "the path is not served by this method" },
    Code { code: "conflict", status: 409, meaning: "the state of things does not allow it" },
    Code { code: "too-large", status: 413, meaning: "the body is too large" },
    Code { code: "unsupported-media-type", status: 415, meaning: "the body must be JSON in UTF-8" },
    Code { code: "key-reused", status: 422, meaning: "the Idempotency-Key came with another request" },
    Code { code: "too-many-requests", status: 429, meaning: "too many calls: try again in a moment" },
    Code { code: "internal", status: 500, meaning: "a fault of the platform; the log tells more" },
    Code { code: "unavailable", status: 503, meaning: "the platform cannot do it now" },
];

/// The status and the meaning of a code.
pub(crate) fn about(code: &str) -> (u16, &'static str) {
    ALL.iter().find(|it| it.code == code).map_or((500, ""), |it| (it.status, it.meaning))
}

/// A failure in this dialect's words.
pub(crate) struct Told {
    pub(crate) code: &'static str,
    /// What is wrong beyond what the code means.
    pub(crate) detail: String,
    /// The field it is about.
    pub(crate) field: Option<String>,
}

fn told(code: &'static str, detail: impl Into<String>) -> Told {
    Told { code, detail: detail.into(), field: None }
}

/// What a failure is.
pub(crate) fn of(failure: &Failure) -> Told {
    match failure {
        Failure::Shape(problem) => {
            Told { code: "invalid", detail: problem.to_string(), field: Some(problem.field.clone()) }
        }
        Failure::Header { name: "authorization", .. } => {
            told("unauthenticated", "Authorization: Bearer <token> is required")
        }
        Failure::Header { name: "content-type", .. } => told("unsupported-media-type", "Content-Type is required"),
        Failure::Header { name, .. } => told("invalid", format!("the header {name} is required")),
        Failure::MalformedBody(reason) => told("malformed", reason),
        Failure::ContentType { expected } => told("unsupported-media-type", format!("must be {expected} in UTF-8")),
        Failure::TooLarge(most) => told("too-large", format!("at most {most} bytes")),
        Failure::NotStored => told("unavailable", "the upload could not be stored"),
        Failure::NoSuchOperation => told("not-found", "nothing is served at this path"),
        Failure::WrongMethod => told("method-not-allowed", ""),
        Failure::Dialect { code, detail } => told(code, detail),
        Failure::Fault { id } => told("internal", format!("number {id}")),
        Failure::Error(error) => of_error(error),
    }
}

fn of_error(error: &Error) -> Told {
    let text = error.to_string();
    let code = match error {
        Error::NotFound { .. } => "not-found",
        Error::Invalid { field, .. } | Error::InvalidTime { field } | Error::InvalidDate { field, .. } => {
            return Told { code: "invalid", detail: text, field: Some(field.clone()) };
        }
        Error::AlreadyExists { .. }
        | Error::Conflict(_)
        | Error::AlreadyCancelled
        | Error::AlreadyEnded
        | Error::StaleFence { .. }
        | Error::RobotState(_) => "conflict",
        Error::Replayed => "key-reused",
        Error::Unauthenticated | Error::TokenExpired => "unauthenticated",
        Error::UnknownUser | Error::WrongPassword => return told("wrong-credentials", ""),
        Error::Locked => "locked",
        Error::BadAddress | Error::Forbidden(_) | Error::NotLicensed(_) => "forbidden",
        Error::LimitReached(_) => "too-many-requests",
        Error::Unavailable(_) => "unavailable",
        // An internal error says nothing of itself.
        Error::Internal(_) => return told("internal", ""),
    };
    told(code, text)
}
