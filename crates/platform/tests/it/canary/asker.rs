//! The administrator, signed in at every interface, who sends what they are told to, however wrong it is.

use baigong_testkit::{PASSWORD, TestClient, TestServer};
use reqwest::Client;
use serde_json::{Value, json};

use crate::credentials::{Credentials, Side};

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
    credentials: Credentials,
}

impl Asker {
    pub(super) async fn sign_in(server: &TestServer) -> Self {
        let (http, base) = (Client::builder().no_proxy().build().unwrap(), server.url());
        let tsac = server.admin().await.unwrap();
        let credentials = Credentials { token: tsac.token().unwrap().to_owned(), ..Credentials::default() };
        let mut this = Self { http, base, tsac, credentials };
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned();
        let made = this.json(Side::Console, "POST", "/api/console/applications", json!({ "name": "portal" })).await;
        this.credentials.portal = (text(&made["accessKeyId"]), text(&made["accessKeySecret"]));
        let query = [("accessKey", "admin"), ("secretKey", PASSWORD)];
        let token = this.http.get(format!("{}/oapi/v1/token", this.base)).query(&query).send().await.unwrap();
        this.credentials.oapi = text(&token.json::<Value>().await.unwrap()["result"]["access_token"]);
        let open = this.json(Side::Console, "POST", "/api/console/me/open-api-token", json!({})).await;
        this.credentials.open = (text(&open["email"]), text(&open["openApiToken"]));
        this
    }

    /// What they come with, by name.
    pub(super) fn secrets(&self) -> Vec<(&'static str, String)> {
        let Credentials { token, oapi, open, portal } = &self.credentials;
        vec![
            ("the administrator's password", PASSWORD.to_owned()),
            ("the administrator's token", token.clone()),
            ("the application's secret", portal.1.clone()),
            ("the access token", oapi.clone()),
            ("the open API token", open.1.clone()),
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
        let body = if is_get { "" } else { &asked.body };
        let request = self.credentials.add(asked.side, request, (&query, body.as_bytes()));
        let request = match is_get {
            true => request,
            false => request.header("content-type", "application/json").body(asked.body.clone()),
        };
        let answer = request.send().await.unwrap();
        let (status, bytes) = (answer.status().as_u16(), answer.bytes().await.unwrap());
        (status, serde_json::from_slice(&bytes).unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into_owned().into()))
    }
}

/// Whether an answer says that it was done.
pub(super) fn is_good(side: Side, status: u16, answer: &Value) -> bool {
    match side {
        Side::Tsac => answer["resultCode"] == "00000",
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
