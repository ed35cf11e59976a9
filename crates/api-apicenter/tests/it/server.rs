//! A platform on a fresh database behind the dialect's routes, with one application; its clock and randomness are in the
//! test's hands.

use std::{io::Write, sync::Arc};

use axum::{Router, body::Body, http::Request};
use baigong_api_apicenter::table;
use baigong_core::{
    Caller, Config, Platform, accounts, application_access, applications, bootstrap, departments, employees, roles,
    warn_channels,
};
use baigong_model::{ManualClock, Secret, SeededRandom};
use baigong_testkit::TestDatabase;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::goods::Good;

/// 2026-11-21 20:00:00 in Shanghai.
pub(crate) const NOW: i64 = 1_795_262_400_000;
const PASSWORD: &str = "correct horse battery staple";

/// An application and how it comes.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) id: i64,
    pub(crate) key: String,
    pub(crate) secret: String,
    pub(crate) token: String,
}

impl Client {
    pub(crate) fn headers(&self) -> [(&'static str, &str); 3] {
        [("api-token", &self.token), ("clientId", &self.key), ("clientSecret", &self.secret)]
    }

    /// The same application with somebody else's token.
    pub(crate) fn with(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }
}

pub(crate) struct Server {
    pub(crate) platform: Platform,
    /// The administrator.
    pub(crate) admin: Caller,
    /// An application of theirs, with its own token.
    pub(crate) client: Client,
    pub(crate) root: i64,
    router: Router,
    _folder: TempDir,
    _database: TestDatabase,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn is_good(&self) -> bool {
        self.status == 200 && self.body["code"] == 0
    }

    /// Why it was refused; fails where it was not, or not in the dialect's words.
    #[track_caller]
    pub(crate) fn refusal(&self) -> &str {
        assert!(self.status == 200 && self.body["code"] == 500, "a refusal is due: {self:?}");
        self.body["msg"].as_str().unwrap()
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::on(TestDatabase::sqlite().unwrap()).await
    }

    pub(crate) async fn on(database: TestDatabase) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::new(folder.path().to_owned());
        config.database.url = database.url().to_owned();
        let (clock, random) = (Arc::new(ManualClock::at(NOW)), Arc::new(SeededRandom::new(7)));
        let platform = Platform::open(config, clock, random, Arc::default()).await.unwrap();
        bootstrap::bootstrap(&platform, Some(Secret::new(PASSWORD.to_owned()))).await.unwrap();
        let admin = accounts::caller_of(&platform, 1).await.unwrap();
        let root = departments::tree(&platform).await.unwrap().parents_first().next().unwrap().id;
        let router = table().router(&platform);
        let client = client(&platform, &admin, "portal").await;
        Self { platform, admin, client, root, router, _folder: folder, _database: database }
    }

    /// A gateway for short messages in this department.
    pub(crate) async fn gateway(&self, department_id: i64, name: &str) -> i64 {
        let url = Some(Secret::new("https://gateway.example.com/send".to_owned()));
        let change = warn_channels::ChannelChange { name: Some(name.into()), url, ..Default::default() };
        let new = warn_channels::NewChannel { department_id, warn_type: 1, format: None, change };
        warn_channels::create(&self.platform, &self.admin, new).await.unwrap()
    }

    /// A mail channel and a gateway of the root, if they are not there yet.
    pub(crate) async fn root_channels(&self) {
        let all = baigong_core::ListInput::all(baigong_model::Page::new(None, None).unwrap());
        if warn_channels::list(&self.platform, &self.admin, &all).await.unwrap().total == 0 {
            self.mail_channel().await;
            self.gateway(self.root, "root").await;
        }
    }

    /// A mail channel of the root.
    pub(crate) async fn mail_channel(&self) -> i64 {
        let text = |text: &str| Some(text.to_owned());
        let change = warn_channels::ChannelChange {
            name: text("邮件通道"),
            host: text("mail.example.com"),
            from: text("rpa@example.com"),
            security: text("tls"),
            port: Some(465),
            to: Some(vec!["always@example.com".into()]),
            ..Default::default()
        };
        let new = warn_channels::NewChannel { department_id: self.root, warn_type: 0, format: None, change };
        warn_channels::create(&self.platform, &self.admin, new).await.unwrap()
    }

    /// An application in this department.
    pub(crate) async fn client_of(&self, department: i64, name: &str) -> Client {
        let new = applications::NewApplication {
            name: format!("of {name}"),
            department_id: Some(department),
            ..Default::default()
        };
        make(&self.platform, &self.admin, new).await
    }

    /// Another application of the administrator's.
    pub(crate) async fn another_client(&self, name: &str) -> Client {
        client(&self.platform, &self.admin, name).await
    }

    pub(crate) async fn department(&self, name: &str) -> i64 {
        let new = departments::NewDepartment { name: name.into(), parent_id: self.root };
        departments::create(&self.platform, &self.admin, new).await.unwrap()
    }

    /// A user of `department` with a role of the platform of that name.
    pub(crate) async fn user(&self, username: &str, department_id: i64, permissions: &[&str]) -> i64 {
        let role = roles::RoleInput {
            name: Some(username.into()),
            permissions: Some(permissions.iter().map(|it| (*it).to_owned()).collect()),
            data_scope: Some("department-and-below".into()),
            ..Default::default()
        };
        let role = roles::create(&self.platform, &self.admin, role).await.unwrap();
        let new = employees::NewEmployee {
            name: format!("{username} nick"),
            username: username.into(),
            password: Secret::new(PASSWORD.into()),
            department_id,
            email: None,
            mobile: Some("13800000000".into()),
            role_id: Some(role),
            remark: None,
        };
        employees::create(&self.platform, &self.admin, new).await.unwrap()
    }

    /// The token of such a user, who has a role in the application.
    pub(crate) async fn token(&self, username: &str, department_id: i64, permissions: &[&str]) -> String {
        let user_id = self.user(username, department_id, permissions).await;
        let through = self.admin_through().await;
        let role =
            application_access::NewRole { name: username.into(), key: username.replace(' ', "-"), position: None };
        let role_id = application_access::create_roles(&self.platform, &through, vec![role]).await.unwrap()[0];
        let given = application_access::Authorization { role_id, user_id, department_id };
        application_access::authorize(&self.platform, &through, vec![given]).await.unwrap();
        self.sign_in(username).await
    }

    pub(crate) async fn sign_in(&self, username: &str) -> String {
        let password = Secret::new(PASSWORD.to_owned());
        accounts::sign_in(&self.platform, username, &password, None).await.unwrap().token.expose().clone()
    }

    /// The administrator through the application.
    pub(crate) async fn admin_through(&self) -> Caller {
        let secret = Secret::new(self.client.secret.clone());
        applications::acting(&self.platform, &self.client.key, &secret, &self.client.token, None).await.unwrap()
    }

    /// All rows of the database but those of tokens, whose last use is written down.
    pub(crate) async fn stored(&self) -> Vec<String> {
        let rows = baigong_testkit::dump::rows(&self.platform.store).await.unwrap();
        rows.into_iter().filter(|row| !row.starts_with("token:")).collect()
    }

    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.answer(request.body(Body::from(body)).unwrap()).await
    }

    /// A file is shown as if it were the data of an answer.
    async fn answer(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let kind = parts.headers.get("content-type").and_then(|it| it.to_str().ok()).unwrap_or_default();
        let body = match kind.starts_with("application/json") {
            true => serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{error}: {body:?}")),
            false => json!({ "code": 0, "data": { "file": String::from_utf8_lossy(&body) } }),
        };
        Answer { status: parts.status.as_u16(), body }
    }

    /// A call of this client. What a GET or DELETE asks goes into the query.
    pub(crate) async fn call_as(&self, client: &Client, method: &str, path: &str, body: &Value) -> Answer {
        self.call_with(&client.headers(), method, path, body).await
    }

    async fn call_with(&self, headers: &[(&str, &str)], method: &str, path: &str, body: &Value) -> Answer {
        if method == "POST" {
            return self.send(method, path, headers, body.to_string()).await;
        }
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in body.as_object().into_iter().flatten() {
            query.append_pair(name, &text(value));
        }
        self.send(method, &format!("{path}?{}", query.finish()), headers, String::new()).await
    }

    /// A good request of this client.
    pub(crate) async fn ask(&self, client: &Client, good: &Good) -> Answer {
        self.ask_with(&client.headers(), good).await
    }

    pub(crate) async fn ask_with(&self, headers: &[(&str, &str)], good: &Good) -> Answer {
        match good.file {
            Some(file) => self.upload_with(headers, &good.path, &good.body, (file, "a.txt", b"bytes")).await,
            None => self.call_with(headers, good.method, &good.path, &good.body).await,
        }
    }

    /// Hands in a file.
    pub(crate) async fn upload(&self, client: &Client, name: &str, bytes: &[u8]) -> Answer {
        let path = path("file/client/add");
        self.upload_with(&client.headers(), &path, &json!({}), ("file", name, bytes)).await
    }

    async fn upload_with(
        &self,
        headers: &[(&str, &str)],
        path: &str,
        texts: &Value,
        (part, name, bytes): (&str, &str, &[u8]),
    ) -> Answer {
        let mut body = Vec::new();
        for (name, value) in texts.as_object().unwrap() {
            let text = value.as_str().unwrap();
            write!(body, "--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n").unwrap();
        }
        write!(body, "--B\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"{name}\"\r\n\r\n").unwrap();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--B--\r\n");
        let mut request = Request::builder().method("POST").uri(path).header("host", "portal.test:8080");
        request = request.header("content-type", "multipart/form-data; boundary=B");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.answer(request.body(Body::from(body)).unwrap()).await
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        self.call_as(&self.client, method, path, &body).await
    }

    /// What a call that must succeed answers.
    pub(crate) async fn get(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.call(method, path, body.clone()).await;
        assert!(answer.is_good(), "{method} {path} {body}: {answer:?}");
        answer.body
    }
}

async fn client(platform: &Platform, admin: &Caller, name: &str) -> Client {
    make(platform, admin, applications::NewApplication { name: name.into(), ..Default::default() }).await
}

async fn make(platform: &Platform, admin: &Caller, new: applications::NewApplication) -> Client {
    let (id, pair) = applications::create(platform, admin, new).await.unwrap();
    let token = applications::sign_in(platform, &pair.access_key_id, &pair.secret, None).await.unwrap().token;
    Client { id, key: pair.access_key_id, secret: pair.secret.expose().clone(), token: token.expose().clone() }
}

/// The path of an operation of a user or of the application.
pub(crate) fn path(name: &str) -> String {
    format!("/api/apicenter/api/{name}")
}

/// An object with one field.
pub(crate) fn named(name: &str, value: impl Into<Value>) -> Value {
    json!({ name: value.into() })
}
