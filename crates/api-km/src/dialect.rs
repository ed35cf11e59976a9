//! How KM words success and failure, and how it knows its callers. The status is 200 wherever there is an operation; `code`
//! tells.

use std::{ops::Deref, sync::Arc};

use axum::{
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE, request::Parts},
    response::Response,
};
use baigong_api_kit::{Answer, Code, Description, Dialect, Failure, Limit, Origin, Problem, ProblemKind};
use baigong_core::{Platform, open_api_tokens};
use baigong_model::{Error, Permission};
use baigong_protocol::km_signature::{Signed, V2};
use serde_json::{Value, json};

use crate::query::Query;

/// The dialect of KM front ends.
pub struct Km;

/// Who calls.
pub struct Caller(baigong_core::Caller);

impl Deref for Caller {
    type Target = baigong_core::Caller;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

const HEAD: &[u8] = br#"{"code":200,"message":"OK","visible":false,"exception":null,"#;

const CODES: &[Code] = &[
    Code { code: "200", status: 200, meaning: "OK" },
    Code { code: "400", status: 200, meaning: "the request is not as it should be; the message says why" },
    Code { code: "500", status: 200, meaning: "a fault of the platform; the log tells more" },
];

impl Dialect for Km {
    type Context = Platform;
    type Caller = Caller;
    const NAME: &'static str = "km";
    const PREFIX: &'static str = "/api/v1";

    async fn authenticate(platform: &Platform, parts: &Parts, _body: &[u8]) -> Result<Caller, Failure> {
        let query = Query::of(parts)?;
        let (email, timestamp, sign) = (query.need("email")?, query.need("timestamp")?, query.need("sign")?);
        let nonce = match query.get("sign_version").filter(|version| !version.is_empty()) {
            None => None,
            Some(V2) => Some(query.need("nonce")?),
            Some(_) => return Err(refusal("sign_version must be v2, or absent")),
        };
        let signed = Signed { email, timestamp, nonce };
        let caller = open_api_tokens::authenticate(platform, signed, sign, Origin::of(parts).address).await;
        caller.map(Caller).map_err(|error| match error {
            Error::Unauthenticated => refusal("sign is wrong"),
            Error::Replayed => refusal("nonce was used before"),
            other => other.into(),
        })
    }

    fn may(caller: &Caller, permission: Permission) -> bool {
        caller.permissions().has(permission)
    }

    fn name(caller: &Caller) -> Arc<str> {
        caller.username.clone()
    }

    fn told(failure: &Failure) -> (&'static str, String) {
        told(failure)
    }

    fn ok(_: StatusCode, data: &dyn Answer) -> serde_json::Result<Response> {
        let mut fields = Vec::with_capacity(512);
        data.write_json(&mut fields)?;
        // The answer is an object: its fields go on after those of the head.
        let mut body = HEAD.to_vec();
        body.extend_from_slice(fields.get(1..).unwrap_or_default());
        Ok(respond(body))
    }

    fn err(failure: &Failure) -> Response {
        let (code, message) = told(failure);
        let code = code.parse::<i64>().unwrap_or(500);
        let body = json!({ "code": code, "message": message, "visible": false, "exception": null, "data": null });
        let mut response = respond(body.to_string().into_bytes());
        match failure {
            Failure::NoSuchOperation => *response.status_mut() = StatusCode::NOT_FOUND,
            Failure::WrongMethod => *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED,
            _ => {}
        }
        response
    }

    fn describe() -> Description {
        Description {
            title: "KM",
            about: "Applications and their robots, for knowledge and chat front ends.",
            version: "1.0.0",
            headers: &[],
            codes: CODES,
        }
    }

    /// What went wrong comes with the same status.
    fn envelope(data: Value) -> Value {
        json!({ "anyOf": [{ "allOf": [head(), data] }, Self::failure().1] })
    }

    fn failure() -> (&'static str, Value) {
        (
            "application/json",
            json!({ "allOf": [head(), { "properties": { "data": { "type": "null" } }, "required": ["data"] }] }),
        )
    }
}

/// What every answer begins with.
fn head() -> Value {
    json!({
        "type": "object",
        "properties": {
            "code": { "type": "integer", "description": "执行结果码" },
            "message": { "type": "string", "description": "执行结果说明" },
            "visible": { "type": "boolean" },
            "exception": { "type": "null" },
        },
        "required": ["code", "message"],
    })
}

fn refusal(detail: &str) -> Failure {
    Failure::Dialect { code: "400", detail: detail.to_owned() }
}

/// The code and the message of a failure.
fn told(failure: &Failure) -> (&'static str, String) {
    let message = match failure {
        Failure::Shape(problem) => shape(problem),
        Failure::Error(Error::NotFound { kind: "application", .. }) => {
            "The ID has no corresponding application".to_owned()
        }
        Failure::Error(Error::Internal(_)) => return ("500", "internal error".to_owned()),
        Failure::Error(error @ Error::Unavailable(_)) => return ("500", error.to_string()),
        Failure::Error(error) => error.to_string(),
        Failure::Fault { id } => return ("500", format!("internal error, number {id}")),
        Failure::Header { name, .. } => format!("the header {name} is required"),
        Failure::MalformedBody(reason) => reason.clone(),
        Failure::ContentType { expected } => format!("the body must be {expected}"),
        Failure::TooLarge(most) => format!("the body has more than {most} bytes"),
        Failure::NotStored => return ("500", "the upload could not be stored".to_owned()),
        Failure::NoSuchOperation => "there is no such operation".to_owned(),
        Failure::WrongMethod => "Request method not supported".to_owned(),
        Failure::Dialect { code, detail } => return (code, detail.clone()),
    };
    ("400", message)
}

fn shape(problem: &Problem) -> String {
    let field = &problem.field;
    match &problem.kind {
        ProblemKind::Absent | ProblemKind::Empty => format!("Required parameter '{field}' is not present"),
        ProblemKind::Mistyped { expected: "integer" } | ProblemKind::OutOfRange(Limit::Between(..)) => {
            "Failed to convert value of type 'java.lang.String' to required type 'int';".to_owned()
        }
        ProblemKind::Mistyped { .. } | ProblemKind::OutOfRange(_) | ProblemKind::Unknown => problem.to_string(),
    }
}

fn respond(body: Vec<u8>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf-8"));
    response
}
