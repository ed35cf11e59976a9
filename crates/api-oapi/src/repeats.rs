//! A signed write is done once: when the same request comes again it gets the first answer. Of the same request, those that
//! come at the same time wait for one another.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use axum::{
    body::{Body, to_bytes},
    http::{Method, StatusCode},
    response::Response,
};
use baigong_api_kit::{Asked, Dialect, Failure, Operation};
use baigong_core::{
    Platform,
    first_answers::{self, Begun, Ticket},
};
use baigong_model::Error;

use crate::{Caller, Oapi, dialect::respond, signed::Signed};

/// Asked for by POST, but only read.
const READS: &[&str] = &["/oapi/v1/asset/list"];
/// Asked for by GET, but changes something.
const POP: &str = "/oapi/v1/queue/item/pop";
/// Their answers are stored in the transaction of their work.
const PUSH: &str = "/oapi/v1/queue/item";

/// No answer of a write is larger.
const MAX_ANSWER: usize = 1024 * 1024;

/// One request after the other.
type Lock = Arc<tokio::sync::Mutex<()>>;

/// Requests under way, by their keys.
static TURNS: LazyLock<Mutex<HashMap<Vec<u8>, Lock>>> = LazyLock::new(Mutex::default);

fn is_write(operation: &Operation<Oapi>) -> bool {
    operation.path == POP || operation.method != Method::GET && !READS.contains(&operation.path)
}

fn keeps_its_answer(operation: &Operation<Oapi>) -> bool {
    operation.path == POP || operation.path == PUSH && operation.method == Method::POST
}

/// Does what is asked, or gives the answer that it got before.
pub(crate) async fn once<'a, F>(
    asked: Asked<'a, Oapi>,
    run: impl FnOnce(Option<Caller>) -> F + Send + 'a,
) -> Result<Response, Failure>
where
    F: Future<Output = Result<Response, Failure>> + Send + 'a,
{
    let caller = match asked.caller {
        Some(caller) if is_write(asked.operation) => caller,
        caller => return run(caller).await,
    };
    let signed = caller.signed();
    let turn = Turn::of(signed.key().key);
    let _turn = turn.0.lock().await;
    if keeps_its_answer(asked.operation) {
        return run(Some(caller)).await;
    }
    let key = signed.key();
    match first_answers::begin(&asked.context, key).await? {
        Begun::First(ticket) => {
            let outcome = run(Some(caller)).await;
            keep(&asked.context, ticket, outcome).await
        }
        Begun::Answered { body, .. } => Ok(respond(StatusCode::OK, body)),
        Begun::OtherRequest | Begun::Unfinished => Err(Error::Replayed.into()),
    }
}

/// Why a request is refused that is not what its signature is for: that of another one, maybe.
pub(crate) async fn told(platform: &Platform, signed: &Signed, otherwise: Failure) -> Failure {
    match first_answers::is_known(platform, signed.key()).await {
        Ok(true) => Error::Replayed.into(),
        Ok(false) => otherwise,
        Err(error) => error.into(),
    }
}

/// Stores the answer. What was refused for want of room is not an answer: it may be asked again. What nobody knows the outcome
/// of is never done again.
async fn keep(platform: &Platform, ticket: Ticket, outcome: Result<Response, Failure>) -> Result<Response, Failure> {
    let answer = match outcome {
        Ok(response) => response,
        Err(Failure::Error(Error::LimitReached(reason))) => {
            first_answers::release(platform, ticket).await?;
            return Err(Error::LimitReached(reason).into());
        }
        Err(Failure::Error(error)) if !first_answers::is_refusal(&error) => return Err(error.into()),
        Err(failure) => Oapi::err(&failure),
    };
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, MAX_ANSWER).await.map_err(|error| Failure::from(Error::internal(error)))?;
    if let Err(error) = first_answers::finish(platform, ticket, parts.status.as_u16(), &body).await {
        tracing::warn!(%error, "an answer could not be stored: the same request will be told that it came before");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// The place in the queue of those with the same key.
struct Turn(Lock, Vec<u8>);

impl Turn {
    fn of(key: &[u8]) -> Self {
        let mut turns = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = turns.entry(key.to_vec()).or_default().clone();
        Self(turn, key.to_vec())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut turns = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
        // One is the table's, one is this: nobody else waits.
        if Arc::strong_count(&self.0) == 2 {
            turns.remove(&self.1);
        }
    }
}
