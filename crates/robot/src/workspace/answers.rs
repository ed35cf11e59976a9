//! Errors in the words of the libraries: `{status, code, message}`. They try again five times unless the status is 400, 401,
//! 403, 404 or 409, so that what will not pass gets one of these.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use baigong_flow::HostError;
use serde_json::json;

/// Why a request was not done.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: String,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID", message)
    }

    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", message)
    }

    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "CONFLICT", message)
    }

    /// This machine could not do it: a full disk passes.
    pub(super) fn storage(error: &std::io::Error) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", format!("the robot's disk: {error}"))
    }
}

impl From<HostError> for Refusal {
    fn from(error: HostError) -> Self {
        let status = match error.code.as_str() {
            "notFound" => StatusCode::NOT_FOUND,
            "conflict" => StatusCode::CONFLICT,
            "forbidden" | "notSupported" => StatusCode::FORBIDDEN,
            "unavailable" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        };
        Self { status, code: error.code, message: error.message }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "status": self.status.as_u16(), "code": self.code, "message": self.message });
        (self.status, Json(body)).into_response()
    }
}
