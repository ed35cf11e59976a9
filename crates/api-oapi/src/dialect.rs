//! How this dialect words success and failure, and how it knows its callers: by a token and a signature under it.

use std::{ops::Deref, path::PathBuf, sync::Arc};

use axum::{
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE, request::Parts},
    response::Response,
};
use baigong_api_kit::{Answer, Asked, Description, Dialect, Failure, Header, Operation, Origin, Received, form};
use baigong_core::{Platform, accounts};
use baigong_model::{Permission, Result};
use serde_json::{Map, Value, json};

use crate::{codes, repeats, signed, signed::Signed};

/// The OAPI dialect.
pub struct Oapi;

/// Who calls, and what they signed.
pub struct Caller {
    caller: baigong_core::Caller,
    signed: Arc<Signed>,
}

impl Caller {
    /// What they signed.
    pub(crate) fn signed(&self) -> Arc<Signed> {
        self.signed.clone()
    }
}

impl Deref for Caller {
    type Target = baigong_core::Caller;

    fn deref(&self) -> &Self::Target {
        &self.caller
    }
}

/// The field of an upload that is its file.
const FILE: &str = "uploadFile";
const SUCCESS: &[u8] = "{\"code\":0,\"msg\":\"操作成功\"".as_bytes();

impl Dialect for Oapi {
    type Context = Platform;
    type Caller = Caller;
    const NAME: &'static str = "oapi";
    const PREFIX: &'static str = "/oapi";
    const HASHES_UPLOADS: bool = true;

    async fn authenticate(platform: &Platform, parts: &Parts, body: &[u8]) -> Result<Caller, Failure> {
        let mut signed = Signed::of(parts, platform.now())?;
        let caller = accounts::authenticate(platform, signed.token(), Origin::of(parts).address).await?;
        if let Err(failure) = signed.check(parts, body) {
            return Err(repeats::told(platform, &signed, failure).await);
        }
        Ok(Caller { caller, signed: Arc::new(signed) })
    }

    fn read(
        operation: &Operation<Self>,
        parts: &Parts,
        _raw: &[u8],
        caller: Option<&Caller>,
    ) -> Result<Value, Failure> {
        if let Some(caller) = caller {
            return caller.signed.read(operation.path, &operation.shape);
        }
        let query = form(parts.uri.query().unwrap_or_default().as_bytes())?;
        let mut fields: Map<_, _> = query.into_iter().map(|(name, text)| (name, Value::String(text))).collect();
        signed::fit(operation.path, &operation.shape, &mut fields);
        Ok(Value::Object(fields))
    }

    fn admit(caller: Option<&mut Caller>, parts: &Parts, received: &Received) -> Result<(), Failure> {
        let signed = caller.and_then(|caller| Arc::get_mut(&mut caller.signed));
        let signed = signed.ok_or(Failure::Dialect { code: codes::SIGNATURE_WRONG, detail: String::new() })?;
        signed.check_upload(parts, received, FILE)
    }

    async fn misshapen(platform: &Platform, caller: Option<&Caller>, failure: Failure) -> Failure {
        match caller {
            Some(caller) => repeats::told(platform, &caller.signed, failure).await,
            None => failure,
        }
    }

    async fn around<'a, F>(
        asked: Asked<'a, Self>,
        run: impl FnOnce(Option<Caller>) -> F + Send + 'a,
    ) -> Result<Response, Failure>
    where
        F: Future<Output = Result<Response, Failure>> + Send + 'a,
    {
        repeats::once(asked, run).await
    }

    fn may(caller: &Caller, permission: Permission) -> bool {
        caller.permissions().has(permission)
    }

    fn name(caller: &Caller) -> Arc<str> {
        caller.username.clone()
    }

    fn told(failure: &Failure) -> (&'static str, String) {
        codes::of(failure)
    }

    fn ok(_status: StatusCode, data: &dyn Answer) -> serde_json::Result<Response> {
        let mut body = Vec::with_capacity(512);
        body.extend_from_slice(SUCCESS);
        let start = body.len();
        body.extend_from_slice(b",\"result\":");
        let result = body.len();
        data.write_json(&mut body)?;
        // An operation with nothing to say says nothing, as printed.
        if &body[result..] == b"{}" {
            body.truncate(start);
        }
        body.push(b'}');
        Ok(respond(StatusCode::OK, body))
    }

    fn err(failure: &Failure) -> Response {
        let (code, detail) = codes::of(failure);
        let meaning = codes::meaning(code);
        let message = if detail.is_empty() { meaning.to_owned() } else { format!("{meaning}：{detail}") };
        let body = format!("{{\"code\":{code},\"msg\":{}}}", Value::from(message));
        respond(codes::status(failure), body.into_bytes())
    }

    fn describe() -> Description {
        Description {
            title: "OAPI",
            about: "Signed requests, as scripts written for the i-Search platform send them. The answer's code tells what \
                    became of a request; its HTTP status is 200.",
            version: "1.0.0",
            headers: &[
                Header { name: "accesstoken", about: "from /oapi/v1/token", is_credential: true },
                Header { name: "timestamp", about: "milliseconds, within 10 minutes", is_credential: true },
                Header {
                    name: "signature",
                    about: "base64 of the hexadecimal HMAC-SHA256 of the URL-encoded source string under the token",
                    is_credential: true,
                },
            ],
            codes: codes::ALL,
        }
    }

    /// Beside the data: a temporary folder may be memory, and uploads are large.
    fn upload_folder(platform: &Platform) -> PathBuf {
        platform.config.data_folder.join("uploads")
    }

    fn envelope(data: Value) -> Value {
        json!({
            "type": "object",
            "properties": {
                "code": { "type": "integer", "description": "响应代码: 0 ok" },
                "msg": { "type": "string", "description": "响应信息" },
                "result": data,
            },
            "required": ["code", "msg"],
        })
    }
}

pub(crate) fn respond(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf-8"));
    response
}
