//! The administrator, signed in at every interface, who sends what they are told to, however wrong it is.

use std::sync::atomic::{AtomicI64, Ordering};

use baigong_model::{Clock as _, SystemClock};
use baigong_protocol::{
    km_signature::Signed,
    request_signature::{Encoding, Source, sign},
};
use baigong_testkit::{PASSWORD, TestClient, TestServer};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

/// An interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Console,
    Oapi,
    ApiCenter,
    Km,
}

/// A request. What a GET asks goes into the query, as far as it can be read.
#[derive(Debug)]
pub(super) struct Asked<'r> {
    pub(super) side: Side,
    pub(super) method: &'r str,
    pub(super) path: &'r str,
    pub(super) body: String,
}

pub(super) struct Asker {
    http: Client,
    base: String,
    tsac: TestClient,
    key: String,
    secret: String,
    oapi: String,
    open: (String, String),
}

/// No two requests are signed at the same time: the same signature is the same request.
static TICKS: AtomicI64 = AtomicI64::new(0);

impl Asker {
    pub(super) async fn sign_in(server: &TestServer) -> Self {
        let (http, base) = (Client::builder().no_proxy().build().unwrap(), server.url());
        let tsac = server.admin().await.unwrap();
        let mut this = Self {
            http,
            base,
            tsac,
            key: String::new(),
            secret: String::new(),
            oapi: String::new(),
            open: (String::new(), String::new()),
        };
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned();
        let made = this.json(Side::Console, "POST", "/api/console/applications", json!({ "name": "portal" })).await;
        (this.key, this.secret) = (text(&made["accessKeyId"]), text(&made["accessKeySecret"]));
        let query = [("accessKey", "admin"), ("secretKey", PASSWORD)];
        let token = this.http.get(format!("{}/oapi/v1/token", this.base)).query(&query).send().await.unwrap();
        this.oapi = text(&token.json::<Value>().await.unwrap()["result"]["access_token"]);
        let open = this.json(Side::Console, "POST", "/api/console/me/open-api-token", json!({})).await;
        this.open = (text(&open["email"]), text(&open["openApiToken"]));
        this
    }

    /// What they come with, by name.
    pub(super) fn secrets(&self) -> Vec<(&'static str, String)> {
        let token = self.tsac.token().unwrap().to_owned();
        vec![
            ("the administrator's password", PASSWORD.to_owned()),
            ("the administrator's token", token),
            ("the application's secret", self.secret.clone()),
            ("the access token", self.oapi.clone()),
            ("the open API token", self.open.1.clone()),
        ]
    }

    async fn json(&self, side: Side, method: &str, path: &str, body: Value) -> Value {
        self.ask(&Asked { side, method, path, body: body.to_string() }).await.1
    }

    /// A call of the standard's interface that must succeed.
    pub(super) async fn tsac(&self, name: &str, body: Value) -> Value {
        self.tsac.data(name, body).await.unwrap()
    }

    /// What stands at a path that is open to all.
    pub(super) async fn read(&self, path: &str) -> Vec<u8> {
        self.http.get(format!("{}{path}", self.base)).send().await.unwrap().bytes().await.unwrap().to_vec()
    }

    /// The status and the answer; one that is no JSON as a text.
    pub(super) async fn ask(&self, asked: &Asked<'_>) -> (u16, Value) {
        let is_get = asked.method == "GET";
        let query = if is_get { texts(&asked.body) } else { Vec::new() };
        let url = format!("{}{}", self.base, asked.path);
        let request = self.http.request(asked.method.parse().unwrap(), url).query(&query);
        let request = self.credentials(asked, request, &query);
        let request = match is_get {
            true => request,
            false => request.header("content-type", "application/json").body(asked.body.clone()),
        };
        let answer = request.send().await.unwrap();
        let (status, bytes) = (answer.status().as_u16(), answer.bytes().await.unwrap());
        (status, serde_json::from_slice(&bytes).unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into_owned().into()))
    }

    fn credentials(&self, asked: &Asked<'_>, request: RequestBuilder, query: &[(String, String)]) -> RequestBuilder {
        let (now, token) = (SystemClock.now(), self.tsac.token().unwrap());
        match asked.side {
            Side::Console => request.bearer_auth(token),
            Side::Oapi => {
                let timestamp = (now - TICKS.fetch_add(1, Ordering::Relaxed) % 500_000).to_string();
                let source = match asked.method {
                    "GET" => Source::Parameters(query),
                    _ => Source::Body(asked.body.as_bytes()),
                };
                let signature = sign(&self.oapi, &timestamp, source, Encoding::Printed);
                let request = request.header("accesstoken", &self.oapi).header("timestamp", timestamp);
                request.header("signature", signature)
            }
            Side::ApiCenter => {
                let request = request.header("api-token", token);
                request.header("clientId", &self.key).header("clientSecret", &self.secret)
            }
            Side::Km => {
                let ((email, token), timestamp) = (&self.open, (now / 1000).to_string());
                let sign = Signed { email, timestamp: &timestamp, nonce: None }.sign(token);
                request.query(&[("email", email), ("timestamp", &timestamp), ("sign", &sign)])
            }
        }
    }
}

/// Whether an answer says that it was done.
pub(super) fn is_good(side: Side, status: u16, answer: &Value) -> bool {
    match side {
        Side::Console => status < 300,
        Side::Oapi | Side::ApiCenter => answer["code"] == 0,
        Side::Km => answer["code"] == 200,
    }
}

/// The fields of an object as texts, by name; none of what is no object.
fn texts(body: &str) -> Vec<(String, String)> {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    body.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
}
