//! A write with an `Idempotency-Key` is done once: the same request with the same key gets the first answer.

use axum::{
    body::Body,
    http::{HeaderValue, Method, StatusCode, header::CONTENT_TYPE, request::Parts},
    response::Response,
};
use baigong_api_kit::{Asked, Failure};
use baigong_core::{
    Platform,
    first_answers::{self, Begun, Key, Ticket},
};
use baigong_model::Error;

use crate::dialect::{Caller, Console, respond};

/// The header.
const HEADER: &str = "idempotency-key";
/// The longest key.
const MAX_KEY: usize = 255;
/// The largest answer that is kept.
const MAX_ANSWER: usize = 1024 * 1024;
/// For how long answers are kept, in milliseconds.
const KEPT_FOR: i64 = 86_400_000;

/// Does what was asked unless it was done before.
pub(crate) async fn around<'a, F>(
    asked: Asked<'a, Console>,
    run: impl FnOnce(Option<Caller>) -> F + Send + 'a,
) -> Result<Response, Failure>
where
    F: Future<Output = Result<Response, Failure>> + Send + 'a,
{
    let (Some(key), Some(caller)) = (key(asked.parts)?, asked.caller.as_ref()) else { return run(asked.caller).await };
    let key = format!("console:{}:{}:{key}", caller.id(), caller.application_id.unwrap_or_default());
    let request = [asked.parts.method.as_str(), " ", &asked.parts.uri.to_string(), "\n"].concat();
    let request = [request.as_bytes(), asked.raw].concat();
    let platform = asked.context;
    let keep_until = platform.now() + KEPT_FOR;
    let key = Key { key: key.as_bytes(), request: &request, signed_at: 0, keep_until };
    match first_answers::begin(&platform, key).await? {
        Begun::First(ticket) => {
            let outcome = run(asked.caller).await;
            settle(&platform, ticket, outcome).await
        }
        Begun::Answered { status, body } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            let mut response = respond(status, "application/json", body);
            response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
            Ok(response)
        }
        Begun::OtherRequest => Err(Error::Replayed.into()),
        Begun::Unfinished => Err(Error::conflict(
            "the first request with this key has not ended, or nobody knows how it ended: look before you repeat it under another key",
        )
        .into()),
    }
}

/// Keeps the answer; a refusal gives the key back, and of anything else nobody knows whether it was done.
async fn settle(platform: &Platform, ticket: Ticket, outcome: Result<Response, Failure>) -> Result<Response, Failure> {
    match outcome {
        Ok(response) => {
            let (parts, body) = response.into_parts();
            let body = axum::body::to_bytes(body, MAX_ANSWER).await.map_err(Error::internal)?;
            if parts.headers.contains_key(CONTENT_TYPE) {
                first_answers::finish(platform, ticket, parts.status.as_u16(), &body).await?;
            }
            Ok(Response::from_parts(parts, Body::from(body)))
        }
        Err(failure) => {
            let is_refusal = match &failure {
                Failure::Error(error) => first_answers::is_refusal(error),
                Failure::Fault { .. } | Failure::NotStored => false,
                _ => true,
            };
            if is_refusal {
                first_answers::release(platform, ticket).await?;
            }
            Err(failure)
        }
    }
}

/// The key of a write, if it carries one.
fn key(parts: &Parts) -> Result<Option<&str>, Failure> {
    let Some(given) = parts.headers.get(HEADER).filter(|_| parts.method != Method::GET) else { return Ok(None) };
    let text = given.to_str().unwrap_or_default().trim();
    if text.is_empty() || text.len() > MAX_KEY {
        let reason = format!("must have 1 to {MAX_KEY} visible ASCII letters");
        return Err(Error::invalid("Idempotency-Key", reason).into());
    }
    Ok(Some(text))
}
