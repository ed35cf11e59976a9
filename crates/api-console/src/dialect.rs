//! How the native interface words success and failure, and how it knows its callers: HTTP's own statuses, the object itself
//! as the answer, problem details (RFC 9457) for failures.

use std::{ops::Deref, sync::Arc};

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE},
        request::Parts,
    },
    response::Response,
};
use baigong_api_kit::{Answer, Asked, Description, Dialect, Failure, Header, Origin, ProblemKind};
use baigong_core::{Platform, accounts};
use baigong_model::{Permission, Secret};
use serde_json::{Value, json};

use crate::{once, problem};

/// What failures are (RFC 9457).
const PROBLEM: &str = "application/problem+json";

/// The native dialect.
pub struct Console;

/// Who calls.
pub struct Caller {
    caller: baigong_core::Caller,
    /// The token they came with.
    pub(crate) token: Secret<String>,
}

impl Deref for Caller {
    type Target = baigong_core::Caller;

    fn deref(&self) -> &Self::Target {
        &self.caller
    }
}

impl Dialect for Console {
    type Context = Platform;
    type Caller = Caller;
    const NAME: &'static str = "console";
    const PREFIX: &'static str = "/api/console";
    const REFUSES_UNKNOWN_FIELDS: bool = true;
    const POST_NEEDS_BODY: bool = false;

    async fn authenticate(platform: &Platform, parts: &Parts, _body: &[u8]) -> Result<Caller, Failure> {
        let token = bearer(parts)?;
        let caller = accounts::authenticate(platform, token, Origin::of(parts).address).await?;
        Ok(Caller { caller, token: Secret::new(token.to_owned()) })
    }

    async fn around<'a, F>(
        asked: Asked<'a, Self>,
        run: impl FnOnce(Option<Caller>) -> F + Send + 'a,
    ) -> Result<Response, Failure>
    where
        F: Future<Output = Result<Response, Failure>> + Send + 'a,
    {
        once::around(asked, run).await
    }

    fn may(caller: &Caller, permission: Permission) -> bool {
        caller.permissions().has(permission)
    }

    fn name(caller: &Caller) -> Arc<str> {
        caller.username.clone()
    }

    fn told(failure: &Failure) -> (&'static str, String) {
        let told = problem::of(failure);
        (told.code, told.detail)
    }

    fn ok(status: StatusCode, data: &dyn Answer) -> serde_json::Result<Response> {
        let mut body = Vec::with_capacity(256);
        data.write_json(&mut body)?;
        Ok(respond(status, "application/json", body))
    }

    fn err(failure: &Failure) -> Response {
        let told = problem::of(failure);
        let (status, title) = problem::about(told.code);
        let mut body = json!({ "type": "about:blank", "title": title, "status": status, "code": told.code });
        if !told.detail.is_empty() {
            body["detail"] = told.detail.into();
        }
        if let Some(field) = told.field {
            body["field"] = field.into();
        }
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = respond(status, PROBLEM, body.to_string().into_bytes());
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }

    fn describe() -> Description {
        Description {
            title: "Baigong",
            about: "The native interface. A write with an Idempotency-Key is done once: the same request with the same \
                    key gets the first answer for a day.",
            version: "1.0.0",
            headers: &[Header { name: "authorization", about: "Bearer <token>: from login", is_credential: true }],
            codes: problem::ALL,
        }
    }

    fn envelope(data: Value) -> Value {
        data
    }

    fn failure() -> (&'static str, Value) {
        let text = |about: &str| json!({ "type": "string", "description": about });
        let schema = json!({
            "type": "object",
            "properties": {
                "type": text("Always about:blank"),
                "title": text("What the code means"),
                "status": { "type": "integer", "description": "The status of HTTP" },
                "code": text("What went wrong, as a word for programs"),
                "detail": text("What is wrong here"),
                "field": text("The field it is about"),
            },
            "required": ["type", "title", "status", "code"],
        });
        (PROBLEM, schema)
    }
}

/// The token of `Authorization: Bearer <token>`.
fn bearer(parts: &Parts) -> Result<&str, Failure> {
    let problem = |kind| Failure::Header { name: "authorization", kind };
    let given = parts.headers.get(AUTHORIZATION).ok_or_else(|| problem(ProblemKind::Absent))?;
    let (scheme, token) = given.to_str().unwrap_or_default().split_once(' ').unwrap_or_default();
    let token = token.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
        Ok(token)
    } else {
        Err(problem(ProblemKind::Empty))
    }
}

/// An answer of this kind.
pub(crate) fn respond(status: StatusCode, kind: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    // Answers hold tokens and secrets now and then.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
