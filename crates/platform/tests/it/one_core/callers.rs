//! Callers who speak all interfaces, each with their own credentials there, and what they are answered.

use baigong_testkit::{PASSWORD, TestClient};
use reqwest::{
    Client, Method, RequestBuilder,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::credentials::{Credentials, Side};

/// What came of a request.
#[derive(Debug)]
pub(super) enum Outcome {
    Done(Value),
    /// There is no such thing.
    Missing,
    Forbidden,
    Refused(String),
}

/// An application through which portals come.
#[derive(Debug, Clone)]
pub(super) struct Portal {
    pub(super) key: String,
    pub(super) secret: String,
    /// A role of it.
    pub(super) role: i64,
}

/// Somebody, signed in everywhere.
pub(super) struct Caller {
    http: Client,
    base: String,
    credentials: Credentials,
}

/// A request, ready to be sent.
pub(super) struct Asked<'r> {
    pub(super) side: Side,
    pub(super) method: &'r str,
    pub(super) path: &'r str,
    pub(super) body: Value,
    /// The part and the file of an upload.
    pub(super) file: Option<(&'r str, String, Vec<u8>)>,
}

impl Caller {
    /// Signs in; portals let them in once they have a role there.
    pub(super) async fn sign_in(base: &str, username: &str) -> Self {
        let http = Client::builder().no_proxy().build().unwrap();
        let token = TestClient::sign_in(base, username, PASSWORD).await.unwrap().token().unwrap().to_owned();
        let query = [("accessKey", username), ("secretKey", PASSWORD)];
        let answer = http.get(format!("{base}/oapi/v1/token")).query(&query).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        let oapi = answer["result"]["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        let credentials = Credentials { token, oapi, ..Credentials::default() };
        let mut this = Self { http, base: base.to_owned(), credentials };
        let open = this.ok(Side::Console, "POST", "me/open-api-token", json!({})).await;
        this.credentials.open = (text(&open["email"]), text(&open["openApiToken"]));
        this
    }

    /// From now on they come through this portal too.
    pub(super) fn through(mut self, portal: &Portal) -> Self {
        self.credentials.portal = (portal.key.clone(), portal.secret.clone());
        self
    }

    /// A call that must succeed.
    pub(super) async fn ok(&self, side: Side, method: &str, path: &str, body: Value) -> Value {
        let whole = side.whole(path);
        match self.ask(Asked { side, method, path: &whole, body, file: None }).await {
            Outcome::Done(data) => data,
            other => panic!("{side:?} {method} {path}: {other:?}"),
        }
    }

    /// Asks. What a GET asks goes into the query.
    pub(super) async fn ask(&self, asked: Asked<'_>) -> Outcome {
        let side = asked.side;
        let method: Method = asked.method.parse().unwrap();
        let has_body = method != Method::GET && !(side == Side::Console && asked.method == "DELETE");
        let query = if has_body { Vec::new() } else { texts(&asked.body) };
        let bytes = if has_body && asked.file.is_none() { asked.body.to_string() } else { String::new() };
        let request = self.http.request(method, format!("{}{}", self.base, asked.path)).query(&query);
        let request = self.credentials.add(side, request, (&texts(&asked.body), bytes.as_bytes()));
        let request = match asked.file {
            Some((part, name, file)) => request.multipart(form(&asked.body, part, name, file)),
            None if has_body => request.header("content-type", "application/json").body(bytes),
            None => request,
        };
        answer(side, request).await
    }
}

fn form(texts: &Value, part: &str, name: String, file: Vec<u8>) -> Form {
    let form = self::texts(texts).into_iter().fold(Form::new(), |form, (name, text)| form.text(name, text));
    if part.is_empty() { form } else { form.part(part.to_owned(), Part::bytes(file).file_name(name)) }
}

/// The fields of an object as texts, by name.
fn texts(body: &Value) -> Vec<(String, String)> {
    let mut texts: Vec<_> =
        body.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect();
    texts.sort();
    texts
}

/// A value as people would write it.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What an answer says, in words of no interface.
async fn answer(side: Side, request: RequestBuilder) -> Outcome {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let kind = answer.headers().get("content-type").and_then(|it| it.to_str().ok()).unwrap_or_default().to_owned();
    let bytes = answer.bytes().await.unwrap();
    if !kind.contains("json") {
        assert_eq!(status, 200, "{side:?}: {bytes:?}");
        return Outcome::Done(String::from_utf8_lossy(&bytes).into_owned().into());
    }
    let mut body: Value = serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{error}: {bytes:?}"));
    let said = body.to_string();
    let (is_done, is_missing, is_forbidden) = match side {
        Side::Tsac => {
            let is = |code: &str| body["resultCode"] == code;
            (is("00000"), is("10008") || is("10203"), is("30001"))
        }
        Side::Oapi => {
            let is = |code: i64| body["code"] == code;
            (is(0), is(10001) || is(10002), is(4005))
        }
        Side::ApiCenter => {
            let unseen = ["不存在", "无权查看"].iter().any(|word| said.contains(word));
            (body["code"] == 0, unseen, said.contains("权限不足"))
        }
        Side::Km => (body["code"] == 200, said.contains("no corresponding"), said.contains("permission")),
        Side::Console => ((200..300).contains(&status), status == 404, status == 403),
    };
    if is_done {
        return Outcome::Done(match side {
            Side::Tsac => body["data"].take(),
            Side::Oapi => body["result"].take(),
            Side::ApiCenter | Side::Km | Side::Console => body,
        });
    }
    match (is_missing, is_forbidden) {
        (true, _) => Outcome::Missing,
        (_, true) => Outcome::Forbidden,
        _ => Outcome::Refused(said),
    }
}
