//! How an API center words success and failure, and how it knows its callers: a key pair and a token with every call. The
//! status is 200 wherever there is an operation; `code` tells.

use std::{ops::Deref, path::PathBuf, sync::Arc};

use axum::{
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE, request::Parts},
    response::Response,
};
use baigong_api_kit::{Answer, Code, Description, Dialect, Failure, Header, Operation, Origin, base, parameters};
use baigong_core::{Platform, applications};
use baigong_model::{Error, Permission, Secret};
use baigong_tsac_kit::{codes, envelope::header, phrases::chinese};
use serde_json::{Value, json};

use crate::loose;

/// The dialect of enterprise portals.
pub struct ApiCenter;

/// Who calls: an application, or one of its users through it.
pub struct Caller {
    caller: baigong_core::Caller,
    /// How they reached us: `http://host:port`.
    pub(crate) base: Arc<str>,
}

impl Deref for Caller {
    type Target = baigong_core::Caller;

    fn deref(&self) -> &Self::Target {
        &self.caller
    }
}

const TOKEN: &str = "api-token";
const CLIENT: &str = "clientId";
const SECRET: &str = "clientSecret";

const CODES: &[Code] = &[
    Code { code: "0", status: 200, meaning: "正常" },
    Code { code: "500", status: 200, meaning: "错误: msg says what is wrong" },
    Code { code: "500", status: 404, meaning: "接口不存在" },
    Code { code: "500", status: 405, meaning: "接口不接受此请求方法" },
];

impl Dialect for ApiCenter {
    type Context = Platform;
    type Caller = Caller;
    const NAME: &'static str = "apicenter";
    const PREFIX: &'static str = "/api/apicenter";
    const OTHER_PREFIXES: &'static [&'static str] = &["/api/msg", "/api/system/menu"];

    async fn authenticate(platform: &Platform, parts: &Parts, _body: &[u8]) -> Result<Caller, Failure> {
        let token = header(parts, TOKEN)?;
        let (client, secret) = (header(parts, CLIENT)?, Secret::new(header(parts, SECRET)?.to_owned()));
        let caller = applications::acting(platform, client, &secret, token, Origin::of(parts).address).await?;
        Ok(Caller { caller, base: base(parts).into() })
    }

    fn read(
        operation: &Operation<Self>,
        parts: &Parts,
        raw: &[u8],
        _caller: Option<&Caller>,
    ) -> Result<Value, Failure> {
        let mut asked = parameters(operation, parts, raw)?;
        loose::read_as(&operation.shape, &mut asked);
        Ok(asked)
    }

    fn may(caller: &Caller, permission: Permission) -> bool {
        caller.permissions().has(permission)
    }

    fn name(caller: &Caller) -> Arc<str> {
        caller.username.clone()
    }

    fn told(failure: &Failure) -> (&'static str, String) {
        ("500", message(failure))
    }

    fn ok(_: StatusCode, data: &dyn Answer) -> serde_json::Result<Response> {
        let mut body = Vec::with_capacity(512);
        data.write_json(&mut body)?;
        Ok(respond(body))
    }

    fn err(failure: &Failure) -> Response {
        let body = json!({ "code": 500, "msg": message(failure), "data": null });
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
            title: "API center",
            about: "Users, roles, departments and menus of an application, for enterprise portals.",
            version: "1.0.0",
            headers: &[
                Header { name: TOKEN, about: "令牌: of the application or of one of its users", is_credential: true },
                Header { name: CLIENT, about: "应用id: the public half of its key pair", is_credential: true },
                Header { name: SECRET, about: "应用密钥: the secret half", is_credential: true },
            ],
            codes: CODES,
        }
    }

    /// Beside the data: a temporary folder may be memory, and uploads are large.
    fn upload_folder(platform: &Platform) -> PathBuf {
        platform.config.data_folder.join("uploads")
    }

    /// Answers are whole: pages have other fields than single things. What went wrong comes with the same status.
    fn envelope(data: Value) -> Value {
        json!({ "anyOf": [data, Self::failure().1] })
    }

    fn failure() -> (&'static str, Value) {
        let schema = json!({
            "type": "object",
            "properties": {
                "code": { "const": 500, "description": "返回标识: 错误" },
                "msg": { "type": "string", "description": "操作信息: what is wrong" },
                "data": { "type": "null" },
            },
            "required": ["code", "msg", "data"],
        });
        ("application/json", schema)
    }
}

/// What is wrong, in Chinese; in the document's own words where it prints them.
fn message(failure: &Failure) -> String {
    match failure {
        Failure::Error(Error::NotFound { kind: "application role", .. }) => "当前角色不存在,请刷新重试".to_owned(),
        Failure::Error(Error::NotFound { kind: "file", .. }) => "当前文件不存在".to_owned(),
        Failure::Error(Error::WrongPassword) => "clientId 或 clientSecret 无效".to_owned(),
        Failure::Error(Error::Unauthenticated | Error::TokenExpired) => "api-token 无效".to_owned(),
        Failure::Error(Error::Conflict(reason)) => chinese(reason),
        Failure::WrongMethod => "接口不接受此请求方法".to_owned(),
        Failure::Dialect { detail, .. } => detail.clone(),
        other => {
            let (code, detail) = codes::of(other);
            let (_, meaning) = codes::about(code);
            if detail.is_empty() { meaning.to_owned() } else { format!("{meaning}：{detail}") }
        }
    }
}

fn respond(body: Vec<u8>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf-8"));
    response
}
