//! How T/TSAC 002-2025 words success and failure (6.1.1.4 to 6.1.1.7, Annex A), and how it knows its callers.

use std::{ops::Deref, path::PathBuf, sync::Arc};

use axum::{
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, HOST},
        request::Parts,
        uri::Authority,
    },
    response::Response,
};
use baigong_api_kit::{Answer, Description, Dialect, Failure, Header, Origin, ProblemKind};
use baigong_core::{Platform, accounts};
use baigong_model::{Permission, Secret};
use serde_json::{Value, json};

use crate::codes;

/// The dialect of T/TSAC 002-2025.
pub struct Tsac;

/// Who calls, and under which address they reached us: download addresses are given under the same.
pub struct Caller {
    caller: baigong_core::Caller,
    /// How they reached us: `http://host:port`.
    pub(crate) base: Arc<str>,
    /// The token they came with.
    pub(crate) token: Secret<String>,
}

impl Deref for Caller {
    type Target = baigong_core::Caller;

    fn deref(&self) -> &Self::Target {
        &self.caller
    }
}

const SUCCESS: &[u8] = "{\"resultCode\":\"00000\",\"message\":\"无业务异常。\",\"data\":".as_bytes();

impl Dialect for Tsac {
    type Context = Platform;
    type Caller = Caller;
    const NAME: &'static str = "tsac";
    const PREFIX: &'static str = "/api/platform";

    fn check(parts: &Parts) -> Result<(), Failure> {
        let version = header(parts, "version")?;
        if is_supported(version) {
            Ok(())
        } else {
            Err(Failure::Dialect { code: "10002", detail: format!("{version}；支持 1.x.y") })
        }
    }

    async fn authenticate(platform: &Platform, parts: &Parts, _body: &[u8]) -> Result<Caller, Failure> {
        let token = header(parts, "token")?;
        let caller = accounts::authenticate(platform, token).await?;
        let address = Origin::of(parts).address.map(|it| it.to_string().into());
        Ok(Caller {
            caller: caller.from_address(address),
            base: base(parts).into(),
            token: Secret::new(token.to_owned()),
        })
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

    fn ok(status: StatusCode, data: &dyn Answer) -> serde_json::Result<Response> {
        let mut body = Vec::with_capacity(512);
        body.extend_from_slice(SUCCESS);
        data.write_json(&mut body)?;
        body.push(b'}');
        Ok(respond(status, body))
    }

    fn err(failure: &Failure) -> Response {
        let (code, detail) = codes::of(failure);
        let (status, meaning) = codes::about(code);
        let message = if detail.is_empty() { meaning.to_owned() } else { format!("{meaning}：{detail}") };
        let message = ended(&message);
        let body = format!("{{\"resultCode\":\"{code}\",\"message\":{},\"data\":{{}}}}", Value::from(message));
        respond(status, body.into_bytes())
    }

    fn describe() -> Description {
        Description {
            title: "T/TSAC 002-2025",
            about: "RPA management platform, interfaces of clause 6.2, and extensions beside them.",
            version: "1.0.0",
            headers: &[
                Header { name: "version", about: "接口版本号: any 1.x.y", is_credential: false },
                Header { name: "token", about: "字符令牌: from account/authenticate", is_credential: true },
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
                "resultCode": { "type": "string", "description": "业务状态码" },
                "message": { "type": "string", "description": "消息内容" },
                "data": data,
            },
            "required": ["resultCode", "message", "data"],
        })
    }
}

/// A sentence with one mark at its end, whatever it was made of.
fn ended(text: &str) -> String {
    let text = text.trim_end_matches(['.', '。', ';', '；', '：', ':', ',', '，', ' ', '\n']);
    let is_ended = text.ends_with(['?', '？', '!', '！', '…']);
    format!("{text}{}", if is_ended { "" } else { "。" })
}

/// The value of a header that must be there.
fn header<'p>(parts: &'p Parts, name: &'static str) -> Result<&'p str, Failure> {
    let value = parts.headers.get(name).ok_or(Failure::Header { name, kind: ProblemKind::Absent })?;
    match value.to_str().unwrap_or("?").trim() {
        "" => Err(Failure::Header { name, kind: ProblemKind::Empty }),
        value => Ok(value),
    }
}

/// How the caller reached us. What a proxy says of itself shapes only what this very caller is shown.
fn base(parts: &Parts) -> String {
    let text = |name: &HeaderName| parts.headers.get(name).and_then(|it| it.to_str().ok());
    let is_tls = text(&HeaderName::from_static("x-forwarded-proto")) == Some("https");
    let host = text(&HOST).or(parts.uri.authority().map(Authority::as_str)).unwrap_or("localhost");
    format!("{}://{host}", if is_tls { "https" } else { "http" })
}

/// Any `1.x.y` is (contract of 6.1.4).
fn is_supported(version: &str) -> bool {
    let numbers: Vec<_> = version.split('.').collect();
    let is_number = |it: &&str| !it.is_empty() && it.len() <= 9 && it.bytes().all(|byte| byte.is_ascii_digit());
    numbers.len() == 3 && numbers[0] == "1" && numbers.iter().all(is_number)
}

fn respond(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf-8"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_with_one_mark() {
        for (text, expected) in [
            ("token 无效", "token 无效。"),
            ("是否？", "是否？"),
            ("pack it again.", "pack it again。"),
            ("why?。", "why?"),
        ] {
            assert_eq!(ended(text), expected);
        }
    }

    #[test]
    fn any_version_1_x_y_is_supported_and_nothing_else() {
        for version in ["1.0.0", "1.2.3", "1.10.20"] {
            assert!(is_supported(version), "{version}");
        }
        for version in ["2.0.0", "1", "1.0", "1.0.0.0", "1.a.0", "1..0", "v1.0.0", "01.0.0", "11.0.0", "1.0.-1", ""] {
            assert!(!is_supported(version), "{version}");
        }
    }
}
