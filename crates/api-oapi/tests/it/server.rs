//! A whole platform with its clock in the test's hands, and callers who sign.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use baigong_core::Platform;
use baigong_model::{Clock, ManualClock};
use baigong_protocol::request_signature::{Encoding, Source, sign};
use baigong_testkit::{PASSWORD, Settings, TestClient, TestDatabase, TestServer};
use baigong_tsac_kit::wire::show_time;
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::Value;

/// 2026-11-21 20:00:00 in Shanghai.
pub(crate) const NOW: i64 = 1_795_262_400_000;

/// The platform.
pub(crate) struct Server {
    pub(crate) whole: TestServer,
    pub(crate) clock: Arc<ManualClock>,
    /// The administrator, at the standard's interface.
    pub(crate) tsac: TestClient,
    /// The administrator, here.
    pub(crate) admin: Signer,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::on(TestDatabase::sqlite().unwrap()).await
    }

    pub(crate) async fn on(database: TestDatabase) -> Self {
        Self::whose(database, NOW, |_| ()).await
    }

    /// One whose clock begins at `now`, with other settings.
    pub(crate) async fn whose(database: TestDatabase, now: i64, change: fn(&mut Settings)) -> Self {
        let clock = Arc::new(ManualClock::at(now));
        let whole = TestServer::on(database).clock(clock.clone()).settings(change).start().await.unwrap();
        let tsac = whole.admin().await.unwrap();
        let time = Arc::new(PlatformTime(whole.platform().clone()));
        let admin = Signer::sign_in(&whole.url(), time, "admin", PASSWORD).await;
        Self { whole, clock, tsac, admin }
    }

    pub(crate) async fn sign_in(&self, login: &str, secret: &str) -> Signer {
        let time = Arc::new(PlatformTime(self.whole.platform().clone()));
        Signer::sign_in(&self.whole.url(), time, login, secret).await
    }

    /// The time in so many minutes, as it is printed.
    pub(crate) fn at(&self, minutes: i64) -> String {
        let platform = self.whole.platform();
        show_time(&platform.config.time_zone, platform.now() + minutes * 60_000)
    }
}

/// The time as the platform has it: on one of the engines it is the database's.
struct PlatformTime(Platform);

impl Clock for PlatformTime {
    fn now(&self) -> i64 {
        self.0.now()
    }
}

/// Runs a test on both engines.
pub(crate) async fn on_both(test: impl AsyncFn(&Server)) {
    for database in [TestDatabase::sqlite().unwrap(), TestDatabase::postgres().unwrap()] {
        test(&Server::on(database).await).await;
    }
}

/// A request without its signature.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) content_type: Option<&'static str>,
}

impl Asked {
    /// A GET with a query, anything else with a JSON body.
    pub(crate) fn new(method: &str, path: &str, body: &Value) -> Self {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let is_get = method == Method::GET;
        let query = if is_get { texts(body) } else { Vec::new() };
        let body = if is_get { Vec::new() } else { body.to_string().into_bytes() };
        Self { method, path: path.to_owned(), query, body, content_type: (!is_get).then_some("application/json") }
    }
}

/// The fields of an object as texts, by name.
pub(crate) fn texts(body: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut texts: Vec<_> =
        body.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect();
    texts.sort();
    texts
}

/// Somebody with a token.
pub(crate) struct Signer {
    http: reqwest::Client,
    base: String,
    pub(crate) token: String,
    pub(crate) refresh: String,
    clock: Arc<dyn Clock>,
    /// No two requests are signed at the same time.
    ticks: AtomicI64,
}

impl Signer {
    pub(crate) async fn sign_in(base: &str, clock: Arc<dyn Clock>, login: &str, secret: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut this = Self {
            http,
            base: base.to_owned(),
            token: String::new(),
            refresh: String::new(),
            clock,
            ticks: AtomicI64::new(0),
        };
        let answer = this.token(&[("accessKey", login), ("secretKey", secret)]).await;
        let text = |name: &str| answer["result"][name].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        (this.token, this.refresh) = (text("access_token"), text("refresh_token"));
        this
    }

    /// Asks for a token.
    pub(crate) async fn token(&self, query: &[(&str, &str)]) -> Value {
        let request = self.http.get(format!("{}/oapi/v1/token", self.base)).query(query);
        serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap()
    }

    /// A time at which nothing was signed yet.
    pub(crate) fn timestamp(&self) -> String {
        (self.clock.now() + self.ticks.fetch_add(1, Ordering::Relaxed) % 100_000).to_string()
    }

    /// A signed call, by its query or its JSON body.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Value {
        let asked = Asked::new(method, path, &body);
        let (timestamp, signature) = self.sign(&asked);
        self.send(&asked, &timestamp, &signature).await
    }

    /// The same, which must succeed; its result.
    pub(crate) async fn ok(&self, method: &str, path: &str, body: Value) -> Value {
        let mut answer = self.call(method, path, body.clone()).await;
        assert_eq!(answer["code"], 0, "{method} {path} {body}: {answer}");
        answer["result"].take()
    }

    pub(crate) fn sign(&self, asked: &Asked) -> (String, String) {
        let timestamp = self.timestamp();
        let source = if asked.body.is_empty() { Source::Parameters(&asked.query) } else { Source::Body(&asked.body) };
        let signature = sign(&self.token, &timestamp, source, Encoding::Printed);
        (timestamp, signature)
    }

    pub(crate) async fn send(&self, asked: &Asked, timestamp: &str, signature: &str) -> Value {
        self.send_as(&self.token, asked, timestamp, signature).await
    }

    pub(crate) async fn send_as(&self, token: &str, asked: &Asked, timestamp: &str, signature: &str) -> Value {
        let url = format!("{}{}", self.base, asked.path);
        let mut request = self.http.request(asked.method.clone(), url).query(&asked.query);
        for (name, value) in [("accesstoken", token), ("timestamp", timestamp), ("signature", signature)] {
            if !value.is_empty() {
                request = request.header(name, value);
            }
        }
        if let Some(kind) = asked.content_type {
            request = request.header("content-type", kind);
        }
        if !asked.body.is_empty() {
            request = request.body(asked.body.clone());
        }
        read(request).await
    }

    /// Uploads `file` with texts that are signed.
    pub(crate) async fn upload(&self, path: &str, texts: &Value, (name, file): (&str, &[u8])) -> Value {
        let texts = self::texts(texts);
        let timestamp = self.timestamp();
        let signature = sign(&self.token, &timestamp, Source::Parameters(&texts), Encoding::Printed);
        self.send_upload(path, &texts, (name, file), (&timestamp, &signature)).await
    }

    pub(crate) async fn send_upload(
        &self,
        path: &str,
        texts: &[(String, String)],
        (name, file): (&str, &[u8]),
        (timestamp, signature): (&str, &str),
    ) -> Value {
        let mut form = Form::new();
        for (name, text) in texts {
            form = form.text(name.clone(), text.clone());
        }
        let form = form.part("uploadFile", Part::bytes(file.to_owned()).file_name(name.to_owned()));
        let request = self.http.post(format!("{}{path}", self.base)).multipart(form);
        read(request.header("accesstoken", &self.token).header("timestamp", timestamp).header("signature", signature))
            .await
    }
}

/// An answer; a file as if it were the result.
async fn read(request: reqwest::RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let kind = answer.headers().get("content-type").and_then(|it| it.to_str().ok()).unwrap_or_default().to_owned();
    let bytes = answer.bytes().await.unwrap();
    if kind.starts_with("application/json") {
        let body: Value = serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{error}: {bytes:?}"));
        assert!(status == 200 || status == 404 || status == 405, "{status} {body}");
        body
    } else {
        assert_eq!(status, 200, "{bytes:?}");
        serde_json::json!({ "code": 0, "result": String::from_utf8_lossy(&bytes) })
    }
}
