//! The envelope of every answer and the headers of every request (6.1.1.4 to 6.1.1.6).

use axum::{
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE, request::Parts},
    response::Response,
};
use baigong_api_kit::{Answer, Failure, Header, ProblemKind};
use serde_json::{Value, json};

use crate::codes;

const SUCCESS: &[u8] = "{\"resultCode\":\"00000\",\"message\":\"无业务异常。\",\"data\":".as_bytes();

/// The header of every request that says which version of the interface is spoken.
pub const VERSION: Header = Header { name: "version", about: "接口版本号: any 1.x.y", is_credential: false };

/// The answer of an operation that succeeded.
pub fn ok(status: StatusCode, data: &dyn Answer) -> serde_json::Result<Response> {
    let mut body = Vec::with_capacity(512);
    body.extend_from_slice(SUCCESS);
    data.write_json(&mut body)?;
    body.push(b'}');
    Ok(respond(status, body))
}

/// The answer of an operation that did not happen.
#[must_use]
pub fn err(failure: &Failure) -> Response {
    let (code, detail) = codes::of(failure);
    let (status, meaning) = codes::about(code);
    let message = if detail.is_empty() { meaning.to_owned() } else { format!("{meaning}：{detail}") };
    let message = ended(&message);
    let body = format!("{{\"resultCode\":\"{code}\",\"message\":{},\"data\":{{}}}}", Value::from(message));
    respond(status, body.into_bytes())
}

/// The schema of an answer that carries `data`.
#[must_use]
pub fn schema(data: &Value) -> Value {
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

/// Refuses a request of another version of the interface.
pub fn check_version(parts: &Parts) -> Result<(), Failure> {
    let version = header(parts, VERSION.name)?;
    if is_supported(version) {
        Ok(())
    } else {
        Err(Failure::Dialect { code: "10002", detail: format!("{version}；支持 1.x.y，例如 1.0.0") })
    }
}

/// The value of a header that must be there.
pub fn header<'p>(parts: &'p Parts, name: &'static str) -> Result<&'p str, Failure> {
    let value = parts.headers.get(name).ok_or(Failure::Header { name, kind: ProblemKind::Absent })?;
    match value.to_str().unwrap_or("?").trim() {
        "" => Err(Failure::Header { name, kind: ProblemKind::Empty }),
        value => Ok(value),
    }
}

/// A sentence with one mark at its end, whatever it was made of.
fn ended(text: &str) -> String {
    let text = text.trim_end_matches(['.', '。', ';', '；', '：', ':', ',', '，', ' ', '\n']);
    let is_ended = text.ends_with(['?', '？', '!', '！', '…']);
    format!("{text}{}", if is_ended { "" } else { "。" })
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
