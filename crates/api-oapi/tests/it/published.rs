//! A client that behaves as the published one does, against a real server: keys in order, all values as texts, Python's
//! `quote`, the JSON body repeated as a query on POST and sent under a form's content type, sent again in a loop.

use std::fmt::Write as _;

use baigong_testkit::PASSWORD;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use crate::{fixture::Things, server::Server};

struct Published {
    http: reqwest::Client,
    base: String,
    token: String,
    refresh: String,
    /// Milliseconds, as its clock gives them.
    now: std::cell::Cell<i64>,
    /// Whether bodies are what Python's `str` makes of a dictionary: of the printed client lines are lost, and it may be so.
    is_repr: bool,
}

/// `urllib.parse.quote` with its default safe letters.
fn quote(text: &str) -> String {
    text.bytes().fold(String::new(), |mut quoted, byte| {
        if byte.is_ascii_alphanumeric() || b"_.-~/".contains(&byte) {
            quoted.push(byte.into());
        } else {
            let _ = write!(quoted, "%{byte:02X}");
        }
        quoted
    })
}

/// `json.dumps` as Python writes it: blanks behind marks, other letters than ASCII escaped.
fn dumps(fields: &Map<String, Value>) -> String {
    let text = |text: &str| {
        let quoted = Value::from(text).to_string();
        quoted.encode_utf16().fold(String::new(), |mut out, unit| {
            match u8::try_from(unit) {
                Ok(byte) if byte.is_ascii() => out.push(byte.into()),
                _ => drop(write!(out, "\\u{unit:04x}")),
            }
            out
        })
    };
    let fields = fields.iter().map(|(name, value)| format!("{}: {}", text(name), text(value.as_str().unwrap())));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
}

/// `str` of a dictionary, of which no text has both kinds of quotation marks but for what is escaped.
fn repr(fields: &Map<String, Value>) -> String {
    let text = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    let fields = fields.iter().map(|(name, value)| format!("{}: {}", text(name), text(value.as_str().unwrap())));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
}

impl Published {
    async fn get_token(server: &Server) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let now = std::cell::Cell::new(crate::server::NOW);
        let base = server.whole.url();
        let mut this = Self { http, base, token: String::new(), refresh: String::new(), now, is_repr: false };
        this.asked(&format!("accessKey=admin&secretKey={}", quote(PASSWORD))).await;
        this
    }

    async fn asked(&mut self, query: &str) {
        let answer = self.http.get(format!("{}/oapi/v1/token?{query}", self.base)).send().await.unwrap();
        let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert_eq!((&answer["code"], &answer["result"]["token_type"]), (&json!(0), &json!("bearer")), "{answer}");
        assert_eq!(answer["result"]["expires_in"], 1_800_000);
        self.token = answer["result"]["access_token"].as_str().unwrap().to_owned();
        self.refresh = answer["result"]["refresh_token"].as_str().unwrap().to_owned();
    }

    /// Sends the same request `times` times, as its loop does; the last answer.
    async fn rest(&self, mode: &str, path: &str, fields: Value, times: usize) -> Value {
        self.now.set(self.now.get() + 1);
        let timestamp = self.now.get().to_string();
        let Value::Object(fields) = fields else { panic!("fields are an object") };
        let texts = fields.into_iter().map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (name, Value::String(text))
        });
        let fields: Map<String, Value> = texts.collect();
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap())).collect();
        let (pairs, body) = (pairs.join("&"), if self.is_repr { repr(&fields) } else { dumps(&fields) });
        let source = if mode == "get" { &pairs } else { &body };
        let source = quote(&format!("{source}&token={}&timestamp={timestamp}", self.token));
        let mut mac = Hmac::<Sha256>::new_from_slice(self.token.as_bytes()).unwrap();
        mac.update(source.as_bytes());
        let digest: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let mut url = format!("{}{path}", self.base);
        let mut answer = Value::Null;
        for _ in 0..times {
            if mode == "get" || mode == "post" {
                // It adds the query anew each time round.
                let mark = if url.contains('?') { '&' } else { '?' };
                if mode == "post" || !url.contains('?') {
                    let _ = write!(url, "{mark}{pairs}");
                }
            }
            let mut request = match mode {
                "get" => self.http.get(&url),
                "post" => {
                    self.http.post(&url).header("content-type", "application/x-www-form-urlencoded;charset=utf-8")
                }
                "put" => self.http.put(&url).header("content-type", "application/json;charset=utf-8"),
                _ => self.http.delete(&url).header("content-type", "application/json;charset=utf-8"),
            };
            if mode != "get" {
                request = request.body(body.clone());
            }
            let headers =
                [("accesstoken", &self.token), ("timestamp", &timestamp), ("signature", &BASE64.encode(&digest))];
            for (name, value) in headers {
                request = request.header(name, value);
            }
            answer = serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap();
        }
        answer
    }

    async fn ok(&self, mode: &str, path: &str, fields: Value, times: usize) -> Value {
        let mut answer = self.rest(mode, path, fields, times).await;
        assert_eq!(answer["code"], 0, "{mode} {path}: {answer}");
        answer["result"].take()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_written_for_the_published_client_work_unchanged() {
    let server = Server::start().await;
    let it = Things::below_root(&server.tsac, "north").await;
    let mut client = Published::get_token(&server).await;
    let page = json!({ "page": 1, "size": 10 });
    let jobs = json!({ "id": it.process, "page": 1, "size": 10 });
    let before = client.ok("get", "/oapi/v1/job", jobs.clone(), 2).await["total"].as_i64().unwrap();
    client.ok("post", "/oapi/v1/job/create", json!({ "id": it.trigger }), 2).await;
    let after = client.ok("get", "/oapi/v1/job", jobs, 1).await["total"].as_i64().unwrap();
    assert_eq!(after, before + 1, "sent twice, run once");
    let queue = json!({ "queueName": "脚本/队列~1", "queueMaxItems": 10, "failTryTimes": 1, "timeOut": 5 });
    client.ok("post", "/oapi/v1/queue", queue, 2).await;
    let item = json!({ "queueName": "脚本/队列~1", "priority": "high", "deadline": "2030-01-01 10:00:00", "keys": "[{\"key\":\"单号\",\"value\":\"A/1\"}]" });
    client.ok("post", "/oapi/v1/queue/item", item, 2).await;
    let items =
        client.ok("get", "/oapi/v1/queue/item", json!({ "queueName": "脚本/队列~1", "status": "pending" }), 1).await;
    assert_eq!(items["total"], 1, "{items}");
    let taken = client.ok("get", "/oapi/v1/queue/item/pop", json!({ "queueName": "脚本/队列~1" }), 2).await;
    assert_eq!((&taken["status"], &taken["keys"][0]["value"]), (&json!("running"), &json!("A/1")));
    let done = json!({ "itemNo": taken["itemNo"], "status": "success", "queueName": "脚本/队列~1", "result": "完成" });
    client.ok("put", "/oapi/v1/queue/item", done, 2).await;
    let found = client
        .ok("get", "/oapi/v1/queue/item", json!({ "queueName": "脚本/队列~1", "filter": "status:success" }), 1)
        .await;
    assert_eq!(found["items"][0]["itemNo"], taken["itemNo"]);
    let new = json!({ "assetName": "密码", "assetType": "passwd", "assetValue": "h~/ 暗", "robotsNo": "all", "isClientEdit": "yes" });
    client.ok("post", "/oapi/v1/asset", new, 2).await;
    let assets =
        client.ok("post", "/oapi/v1/asset/list", json!({ "page": 1, "size": 10, "assetName": "密码" }), 1).await;
    let asset = &assets["items"][0];
    assert_eq!(
        (&asset["assetValue"], &asset["robotNo"], &asset["isClientEdit"]),
        (&json!("******"), &json!("all"), &json!("yes"))
    );
    client.ok("delete", "/oapi/v1/asset", json!({ "assetId": asset["id"] }), 2).await;
    assert_eq!(client.ok("get", "/oapi/v1/robot", page, 1).await["total"], 1);
    client.is_repr = true;
    let queue = json!({ "queueName": "it's a \"队列\"", "queueMaxItems": 10, "failTryTimes": 1 });
    client.ok("post", "/oapi/v1/queue", queue, 2).await;
    client.ok("delete", "/oapi/v1/queue", json!({ "queueName": "it's a \"队列\"" }), 2).await;
    let refresh = client.refresh.clone();
    client.asked(&format!("refreshToken={refresh}")).await;
    client.ok("get", "/oapi/v1/role/list", json!({ "page": 1, "size": 5 }), 1).await;
}
