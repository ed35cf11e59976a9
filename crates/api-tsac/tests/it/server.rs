//! A platform on a fresh database behind the dialect's routes, its clock and randomness in the test's hands.

use std::{io::Write, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Request},
};
use baigong_api_tsac::table;
use baigong_core::{Config, Platform, bootstrap, licenses::VerifyingKey};
use baigong_model::{ManualClock, Secret, SeededRandom};
use baigong_testkit::{TestDatabase, TestServer};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::fixture::{Good, license_key};

/// 2026-11-21 20:00:00 in Shanghai.
pub(crate) const NOW: i64 = 1_795_262_400_000;
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A running server, signed in as `admin`.
pub(crate) struct Server {
    pub(crate) platform: Platform,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) token: String,
    reached: Reached,
}

/// How requests reach the platform, and what has to live as long.
enum Reached {
    /// Through the dialect's routes alone.
    Routes { router: Router, _folder: TempDir, database: TestDatabase },
    /// Over a socket, through everything that stands before the routes.
    Socket { whole: Box<TestServer>, http: reqwest::Client },
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:.600}", self.status, self.body.to_string())
    }
}

impl Answer {
    /// A file is shown as if it were the data of an envelope.
    pub(crate) fn read(status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        let kind = headers.get("content-type").and_then(|it| it.to_str().ok()).unwrap_or_default();
        let body = if kind.starts_with("application/json") {
            serde_json::from_slice(body).unwrap_or_else(|error| panic!("{error}: {body:?}"))
        } else {
            json!({ "resultCode": "00000", "message": "无业务异常。", "data": { "file": String::from_utf8_lossy(body) } })
        };
        Self { status, body }
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::on(TestDatabase::sqlite().unwrap()).await
    }

    pub(crate) async fn on(database: TestDatabase) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(NOW));
        let mut config = Config::new(folder.path().to_owned());
        config.database.url = database.url().to_owned();
        config.license_public_key = Some(VerifyingKey::parse(&license_key().public()).unwrap());
        let random = Arc::new(SeededRandom::new(7));
        let platform = Platform::open(config, clock.clone(), random, Arc::default()).await.unwrap();
        bootstrap::bootstrap(&platform, Some(Secret::new(PASSWORD.to_owned()))).await.unwrap();
        let router = table().router(&platform);
        let reached = Reached::Routes { router, _folder: folder, database };
        let mut server = Self { platform, clock, token: String::new(), reached };
        server.token = server.sign_in("admin", PASSWORD).await;
        server
    }

    /// A whole platform, with its background work, its log of calls and all.
    pub(crate) async fn whole(database: TestDatabase) -> Self {
        let clock = Arc::new(ManualClock::at(NOW));
        let whole = TestServer::on(database)
            .clock(clock.clone())
            .settings(|settings| settings.license_public_key = Some(license_key().public()))
            .start()
            .await
            .unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let platform = whole.platform().clone();
        let reached = Reached::Socket { whole: Box::new(whole), http };
        let mut server = Self { platform, clock, token: String::new(), reached };
        server.token = server.sign_in("admin", PASSWORD).await;
        server
    }

    /// The folder of the database, where it is a file.
    pub(crate) fn database_folder(&self) -> Option<&std::path::Path> {
        match &self.reached {
            Reached::Routes { database, .. } => database.folder(),
            Reached::Socket { whole, .. } => whole.database().folder(),
        }
    }

    pub(crate) async fn sign_in(&self, username: &str, password: &str) -> String {
        let answer = self
            .call("/api/platform/account/authenticate", &json!({ "username": username, "password": password }))
            .await;
        answer.body["data"]["token"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
    }

    /// A request as it is.
    pub(crate) async fn send(&self, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = Request::post(path).header("host", "rpa.example:8600");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (status, headers, body) = self.raw(request.body(body.into()).unwrap()).await;
        Answer::read(status, &headers, &body)
    }

    /// A JSON call of the administrator.
    pub(crate) async fn call(&self, path: &str, body: &Value) -> Answer {
        self.call_as(&self.token, path, body).await
    }

    pub(crate) async fn call_as(&self, token: &str, path: &str, body: &Value) -> Answer {
        let headers = [("token", token), ("version", "1.0.0"), ("content-type", "application/json;charset=utf-8")];
        let headers = if token.is_empty() { &headers[1..] } else { &headers };
        self.send(path, headers, body.to_string()).await
    }

    pub(crate) async fn raw(&self, request: Request<Body>) -> (u16, HeaderMap, Bytes) {
        match &self.reached {
            Reached::Routes { router, .. } => {
                let response = router.clone().oneshot(request).await.unwrap();
                let (parts, body) = response.into_parts();
                (parts.status.as_u16(), parts.headers, axum::body::to_bytes(body, usize::MAX).await.unwrap())
            }
            Reached::Socket { whole, http } => {
                let (parts, body) = request.into_parts();
                let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
                let mut headers = parts.headers;
                headers.remove("host");
                let url = format!("{}{}", whole.url(), parts.uri);
                let answer = http.request(parts.method, url).headers(headers).body(body).send().await.unwrap();
                (answer.status().as_u16(), answer.headers().clone(), answer.bytes().await.unwrap())
            }
        }
    }

    /// A call that must succeed; what it answers.
    pub(crate) async fn get(&self, path: &str, body: Value) -> Value {
        self.get_as(&self.token, path, body).await
    }

    pub(crate) async fn get_as(&self, token: &str, path: &str, body: Value) -> Value {
        let answer = self.call_as(token, path, &body).await;
        assert_eq!(answer.body["resultCode"], "00000", "{path} {body}: {answer:?}");
        answer.body["data"].clone()
    }

    /// Uploads a package as the administrator.
    pub(crate) async fn upload(&self, fields: &[(&str, &str)], file: &[u8]) -> Answer {
        self.upload_as(&self.token, fields, file).await
    }

    pub(crate) async fn upload_as(&self, token: &str, fields: &[(&str, &str)], file: &[u8]) -> Answer {
        let body =
            fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<serde_json::Map<_, _>>();
        let path = "/api/platform/package/create".to_owned();
        self.try_good(token, &Good { path, body: body.into(), file: Some(file.to_owned()) }).await
    }

    /// A request of any kind, with `token` unless it is empty.
    pub(crate) async fn try_good(&self, token: &str, good: &Good) -> Answer {
        let Some(file) = &good.file else { return self.call_as(token, &good.path, &good.body).await };
        let table = table();
        let name = table.operations().find(|it| it.path == good.path).and_then(|it| it.file).unwrap_or("file");
        let mut request = Request::post(&good.path)
            .header("version", "1.0.0")
            .header("host", "rpa.example:8600")
            .header("content-type", "multipart/form-data; boundary=B");
        if !token.is_empty() {
            request = request.header("token", token);
        }
        let (status, headers, body) = self.raw(request.body(form(&good.body, name, file).into()).unwrap()).await;
        Answer::read(status, &headers, &body)
    }

    /// All that is stored, row by row.
    pub(crate) async fn stored(&self) -> Vec<String> {
        baigong_testkit::dump::rows(&self.platform.store).await.unwrap()
    }
}

/// A multipart body of texts and the file `name`.
pub(crate) fn form(texts: &Value, name: &str, file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in texts.as_object().unwrap() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        write!(body, "--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n").unwrap();
    }
    let head = format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"a.zip\"");
    write!(body, "--B\r\n{head}\r\nContent-Type: application/zip\r\n\r\n").unwrap();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--B--\r\n");
    body
}

/// A package that runs one command.
pub(crate) fn package(version: &str) -> Vec<u8> {
    let manifest = format!(
        "kind: command\nname: reconciliation\nversion: {version:?}\ncommand: [\"true\"]\nparameters:\n  in:\n    - {{name: tolerance, type: text, default: \"0\"}}\n"
    );
    zip_of(&manifest)
}

/// What looks like a program of a Linux system.
pub(crate) fn program(text: &str) -> Vec<u8> {
    let mut program = b"\x7fELF\x02\x01\x01".to_vec();
    program.resize(18, 0);
    program.extend([0x3e, 0x00]);
    program.extend(text.as_bytes());
    program
}

/// A package with this manifest and nothing else.
pub(crate) fn zip_of(manifest: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("baigong.yaml", SimpleFileOptions::default()).unwrap();
    zip.write_all(manifest.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}
