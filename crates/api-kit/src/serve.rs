//! The way of every request: raw body, caller, shape, permission, function, answer. Knows no operation's types.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::request::Parts,
    response::Response,
};
use baigong_model::Error;
use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use serde_json::Value;

use crate::{
    Access, Asked, Dialect, Failure, MAX_JSON_BYTES, Observed, Operation, Origin, ProblemKind, read,
    table::{Call, Given, Run},
    upload,
};

/// How long the whole of a JSON body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// Serves one request; whatever goes wrong, even a panic, is answered in the dialect's words.
pub(crate) async fn serve<D: Dialect>(operation: Arc<Operation<D>>, context: D::Context, request: Request) -> Response {
    let observed = request.extensions().get::<Arc<Observed>>().cloned();
    let failure = match AssertUnwindSafe(answer(&operation, context, request)).catch_unwind().await {
        Ok(Ok(response)) => return response,
        Ok(Err(Failure::Error(Error::Internal(cause)))) => Failure::fault(operation.path, &chain(&cause)),
        Ok(Err(failure)) => failure,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("without words");
            Failure::fault(operation.path, &format_args!("panic: {text}"))
        }
    };
    if let Some(observed) = observed {
        let (code, text) = D::told(&failure);
        observed.refused(code, text);
    }
    D::err(&failure)
}

async fn answer<D: Dialect>(
    operation: &Operation<D>,
    context: D::Context,
    request: Request,
) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    // A signed download address must work in anyone's hands, without a header.
    if !matches!((&operation.run, operation.access), (Run::Raw(_), Access::Open)) {
        D::check(&parts)?;
    }
    let run = match &operation.run {
        Run::Raw(run) => {
            let caller = caller(operation, &context, &parts, &[]).await?;
            allow(operation, caller.as_ref())?;
            return Ok(run(context, caller, Request::from_parts(parts, body)).await?);
        }
        Run::Typed(run) => run,
    };
    let origin = Origin::of(&parts);
    let observed = parts.extensions.get::<Arc<Observed>>().cloned();
    let (caller, raw, body, upload) = if let Some(file) = operation.file {
        let mut caller = caller(operation, &context, &parts, &[]).await?;
        allow(operation, caller.as_ref())?;
        read::content_type(&parts.headers, "multipart/form-data")?;
        let folder = D::upload_folder(&context);
        let request = Request::from_parts(parts.clone(), body);
        let received = upload::receive(request, &operation.shape, file, (&folder, D::HASHES_UPLOADS)).await?;
        let admitted = D::admit(caller.as_mut(), &parts, &received);
        admitted.inspect_err(|failure| disbelieved(observed.as_ref(), failure))?;
        let (mut body, upload) = (received.fields, received.upload);
        operation.shape.check(&mut body, D::REFUSES_UNKNOWN_FIELDS)?;
        asked(operation, observed.as_deref(), &body);
        let is_left_out = |problem: &crate::Problem| operation.file_is_optional && problem.kind == ProblemKind::Absent;
        let upload = match upload {
            Err(problem) if is_left_out(&problem) => None,
            upload => Some(upload?),
        };
        (caller, Bytes::new(), body, upload)
    } else {
        let raw = collect(body).await?;
        let caller = caller(operation, &context, &parts, &raw).await?;
        let mut body = D::read(operation, &parts, &raw, caller.as_ref())?;
        if let Err(problem) = operation.shape.check(&mut body, D::REFUSES_UNKNOWN_FIELDS) {
            return Err(D::misshapen(&context, caller.as_ref(), problem.into()).await);
        }
        asked(operation, observed.as_deref(), &body);
        allow(operation, caller.as_ref())?;
        (caller, raw, body, None)
    };
    let asked = Asked { context: context.clone(), operation, caller, parts: &parts, raw: &raw };
    let status = operation.status;
    let run = move |caller| async move {
        match run(Call { context, origin, caller, body, upload }).await? {
            Given::Data(answer) => D::ok(status, &*answer).map_err(|error| Error::internal(error).into()),
            Given::File(response) => Ok(response),
        }
    };
    D::around(asked, run).await
}

async fn caller<D: Dialect>(
    operation: &Operation<D>,
    context: &D::Context,
    parts: &Parts,
    body: &[u8],
) -> Result<Option<D::Caller>, Failure> {
    match operation.access {
        Access::Open => Ok(None),
        Access::Known | Access::With(_) => {
            let observed = parts.extensions.get::<Arc<Observed>>();
            let caller = D::authenticate(context, parts, body).await;
            let caller = caller.inspect_err(|failure| disbelieved(observed, failure))?;
            if let Some(observed) = observed {
                observed.called_by(D::name(&caller));
            }
            Ok(Some(caller))
        }
    }
}

/// Writes down that the caller was not believed, if anybody watches.
fn disbelieved(observed: Option<&Arc<Observed>>, failure: &Failure) {
    if let Some(observed) = observed {
        observed.disbelieved(failure);
    }
}

/// Writes down what was asked, if anybody watches.
fn asked<D: Dialect>(operation: &Operation<D>, observed: Option<&Observed>, body: &Value) {
    if let Some(observed) = observed {
        observed.asked(&operation.shape, body);
    }
}

fn allow<D: Dialect>(operation: &Operation<D>, caller: Option<&D::Caller>) -> Result<(), Failure> {
    match (operation.access, caller) {
        (Access::Open, _) | (Access::Known, Some(_)) => Ok(()),
        (Access::With(permission), Some(caller)) if D::may(caller, permission) => Ok(()),
        (Access::With(permission), Some(_)) => Err(Error::Forbidden(permission.to_string()).into()),
        (Access::Known | Access::With(_), None) => Err(Error::Unauthenticated.into()),
    }
}

/// The whole body, within its limit and in time.
async fn collect(body: Body) -> Result<Bytes, Failure> {
    if body.size_hint().lower() > MAX_JSON_BYTES as u64 {
        return Err(Failure::TooLarge(MAX_JSON_BYTES));
    }
    let late = |_| Failure::MalformedBody(format!("the body did not arrive within {} s", PATIENCE.as_secs()));
    tokio::time::timeout(PATIENCE, gather(body)).await.map_err(late)?
}

async fn gather(mut body: Body) -> Result<Bytes, Failure> {
    let mut whole = BytesMut::new();
    let mut first = Bytes::new();
    loop {
        let frame = std::future::poll_fn(|cx| std::pin::Pin::new(&mut body).poll_frame(cx)).await;
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|error| Failure::MalformedBody(format!("the body broke off: {error}")))?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + first.len() + data.len() > MAX_JSON_BYTES {
            return Err(Failure::TooLarge(MAX_JSON_BYTES));
        }
        // Nearly every body is one frame, which is passed on without a copy.
        if first.is_empty() && whole.is_empty() {
            first = data;
        } else {
            whole.extend_from_slice(&std::mem::take(&mut first));
            whole.extend_from_slice(&data);
        }
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}

/// An error with all its causes, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
