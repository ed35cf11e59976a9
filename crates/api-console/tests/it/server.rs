//! A platform on a fresh database behind the interface's routes, its clock and randomness in the test's hands.

use std::sync::Arc;

use axum::{Router, body::Body, http::Request};
use baigong_api_console::table;
use baigong_core::{Caller, Config, Platform, accounts, bootstrap, departments, employees, machines, robots, roles};
use baigong_model::{ManualClock, Secret, SeededRandom};
use baigong_testkit::TestDatabase;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

/// 2026-11-21 12:00:00 UTC.
pub(crate) const NOW: i64 = 1_795_262_400_000;
pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) struct Server {
    pub(crate) platform: Platform,
    /// The administrator.
    pub(crate) admin: Caller,
    /// Their token.
    pub(crate) token: String,
    router: Router,
    _folder: TempDir,
    _database: TestDatabase,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) is_replayed: bool,
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
        let random = Arc::new(SeededRandom::new(7));
        let platform = Platform::open(config, clock, random, Arc::default()).await.unwrap();
        bootstrap::bootstrap(&platform, Some(Secret::new(PASSWORD.to_owned()))).await.unwrap();
        let admin = accounts::caller_of(&platform, 1).await.unwrap();
        let router = table().router(&platform);
        let mut server = Self { platform, admin, token: String::new(), router, _folder: folder, _database: database };
        server.token = server.login("admin").await;
        server
    }

    pub(crate) async fn login(&self, username: &str) -> String {
        let body = json!({ "username": username, "password": PASSWORD });
        let answer = self.send("POST", "/api/console/login", &[], body.to_string()).await;
        answer.body["token"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
    }

    /// A user of `department` who may do exactly this there; their token.
    pub(crate) async fn user(&self, username: &str, department: i64, permissions: &[&str]) -> String {
        let role = roles::RoleInput {
            name: Some(username.into()),
            permissions: Some(permissions.iter().map(|it| (*it).to_owned()).collect()),
            data_scope: Some("department".into()),
            ..Default::default()
        };
        let role = roles::create(&self.platform, &self.admin, role).await.unwrap();
        let new = employees::NewEmployee {
            name: username.into(),
            username: username.into(),
            password: Secret::new(PASSWORD.into()),
            department_id: department,
            email: None,
            mobile: None,
            role_id: Some(role),
            remark: None,
        };
        employees::create(&self.platform, &self.admin, new).await.unwrap();
        self.login(username).await
    }

    pub(crate) async fn department(&self, name: &str) -> i64 {
        let root = departments::tree(&self.platform).await.unwrap().parents_first().next().unwrap().id;
        let new = departments::NewDepartment { name: name.into(), parent_id: root };
        departments::create(&self.platform, &self.admin, new).await.unwrap()
    }

    pub(crate) async fn robot(&self, department_id: i64, name: &str) -> i64 {
        let machine = machines::NewMachine { name: format!("machine of {name}"), remark: None };
        let machine_id = machines::create(&self.platform, &self.admin, machine).await.unwrap();
        let new = robots::NewRobot {
            department_id,
            name: name.into(),
            robot_type: 0,
            machine_id,
            machine_name: "PC-01".into(),
            machine_username: "robot".into(),
            machine_password: None,
            remark: None,
            desktop_type: None,
            resolution_width: None,
            resolution_height: None,
            resolution_depth: None,
            is_auto_unlock_enabled: None,
            log_level: None,
            max_tasks: None,
        };
        robots::create(&self.platform, &self.admin, new).await.unwrap().id
    }

    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{error}: {body:?}"));
        let is_replayed = parts.headers.contains_key("idempotency-replayed");
        Answer { status: parts.status.as_u16(), body, is_replayed }
    }

    /// A call with this token.
    pub(crate) async fn call_as(&self, token: &str, method: &str, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, path, &[("authorization", &bearer)], body).await
    }

    /// A call of the administrator that must succeed; its answer.
    pub(crate) async fn get(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.call_as(&self.token, method, path, &body).await;
        assert!((200..300).contains(&answer.status), "{method} {path} {body}: {answer:?}");
        answer.body
    }
}
