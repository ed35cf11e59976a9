//! What one external interface says for itself: how it knows its callers, and how it words success and failure.

use std::{future::Future, path::PathBuf, sync::Arc};

use axum::{
    http::{StatusCode, request::Parts},
    response::Response,
};
use baigong_model::Permission;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Failure, Operation, Received, read};

/// One external interface. Everything else about it is its table.
pub trait Dialect: Send + Sync + Sized + 'static {
    /// What its operations work on: the platform, or the robot. Cloned for every request, so it must be cheap to clone.
    type Context: Clone + Send + Sync + 'static;
    /// Who calls.
    type Caller: Send + Sync + 'static;

    /// Its short name: `tsac`. Its OpenAPI document is `/openapi/<NAME>.json`.
    const NAME: &'static str;
    /// The path under which every other path is answered "no such operation" in this dialect's words.
    const PREFIX: &'static str;
    /// What other paths of its operations begin with, answered likewise.
    const OTHER_PREFIXES: &'static [&'static str] = &[];
    /// Whether a field that no schema names is refused; otherwise it is ignored.
    const REFUSES_UNKNOWN_FIELDS: bool = false;
    /// Whether a POST without a body is refused for that; otherwise it is one that gives no field.
    const POST_NEEDS_BODY: bool = true;
    /// Whether uploads are hashed as they arrive.
    const HASHES_UPLOADS: bool = false;

    /// Looks at the headers every operation needs, also those that are open to all; only open raw ones go without.
    fn check(_parts: &Parts) -> Result<(), Failure> {
        Ok(())
    }

    /// Who calls. `body` is the body exactly as sent, and empty for uploads, which are not read before the caller is known.
    fn authenticate(
        context: &Self::Context,
        parts: &Parts,
        body: &[u8],
    ) -> impl Future<Output = Result<Self::Caller, Failure>> + Send;

    /// What is asked, as a JSON object that is then held against the operation's shape: the JSON body, the query of a GET or
    /// DELETE, the values in the path. A dialect that reads requests in other ways says so here.
    fn read(
        operation: &Operation<Self>,
        parts: &Parts,
        raw: &[u8],
        _caller: Option<&Self::Caller>,
    ) -> Result<Value, Failure> {
        read::parameters(operation, parts, raw)
    }

    /// Whether the caller may have an upload read, once it has arrived: `authenticate` has not seen it.
    fn admit(_caller: Option<&mut Self::Caller>, _parts: &Parts, _received: &Received) -> Result<(), Failure> {
        Ok(())
    }

    /// What a request is told that is not as its operation prints it. A dialect that knows more about it says so here.
    fn misshapen(
        _context: &Self::Context,
        _caller: Option<&Self::Caller>,
        failure: Failure,
    ) -> impl Future<Output = Failure> + Send {
        std::future::ready(failure)
    }

    /// Does what was asked. A dialect that answers some requests without doing them, or keeps answers, does it around `run`.
    fn around<'a, F>(
        asked: Asked<'a, Self>,
        run: impl FnOnce(Option<Self::Caller>) -> F + Send + 'a,
    ) -> impl Future<Output = Result<Response, Failure>> + Send + 'a
    where
        F: Future<Output = Result<Response, Failure>> + Send + 'a,
    {
        run(asked.caller)
    }

    /// Whether `caller` holds `permission`.
    fn may(caller: &Self::Caller, permission: Permission) -> bool;

    /// The name under which `caller` is written down.
    fn name(_caller: &Self::Caller) -> Arc<str> {
        "".into()
    }

    /// The code of a failure and what it says beyond the code's meaning, for whoever watches.
    fn told(_failure: &Failure) -> (&'static str, String) {
        ("", String::new())
    }

    /// The answer of an operation that succeeded.
    fn ok(status: StatusCode, data: &dyn Answer) -> serde_json::Result<Response>;

    /// The answer of an operation that did not happen.
    fn err(failure: &Failure) -> Response;

    /// What its OpenAPI document says beside the operations.
    fn describe() -> Description;

    /// The schema of an answer that carries `data`.
    fn envelope(data: Value) -> Value;

    /// The content type of what says what went wrong, and its schema.
    fn failure() -> (&'static str, Value) {
        ("application/json", Self::envelope(json!({ "type": "object" })))
    }

    /// Where uploads are kept until their operation has taken them over.
    fn upload_folder(_context: &Self::Context) -> PathBuf {
        std::env::temp_dir()
    }
}

/// A request whose caller may do what they ask, before it is done.
pub struct Asked<'a, D: Dialect> {
    /// What its operation works on.
    pub context: D::Context,
    /// Its line in the table.
    pub operation: &'a Operation<D>,
    /// Who asks.
    pub caller: Option<D::Caller>,
    /// Method, address and headers.
    pub parts: &'a Parts,
    /// The body as sent; empty for uploads.
    pub raw: &'a [u8],
}

/// Something that can be written as JSON, whatever its type: so that one function serves all operations.
pub trait Answer: Send {
    /// Appends the JSON text to `out`.
    fn write_json(&self, out: &mut Vec<u8>) -> serde_json::Result<()>;
}

impl<T: Serialize + Send> Answer for T {
    fn write_json(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        serde_json::to_writer(out, self)
    }
}

/// What a dialect's OpenAPI document says beside the operations.
#[derive(Debug)]
pub struct Description {
    /// The document's title.
    pub title: &'static str,
    /// What the interface is and where it comes from.
    pub about: &'static str,
    /// The version of the interface.
    pub version: &'static str,
    /// The headers its operations need.
    pub headers: &'static [Header],
    /// Its codes.
    pub codes: &'static [Code],
}

/// A header every operation needs.
#[derive(Debug)]
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub about: &'static str,
    /// Whether it says who calls: operations that are open to all do not need it.
    pub is_credential: bool,
}

/// A code of a dialect.
#[derive(Debug)]
pub struct Code {
    /// The code as sent.
    pub code: &'static str,
    /// The HTTP status it comes with.
    pub status: u16,
    /// What it means.
    pub meaning: &'static str,
}
