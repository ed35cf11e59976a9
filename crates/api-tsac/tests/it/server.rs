//! A platform on a fresh database behind the dialect's routes, its clock and randomness in the test's hands, and a
//! small company to ask about.

use std::{io::Write, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Request},
};
use baigong_api_tsac::table;
use baigong_core::{Config, Platform, bootstrap};
use baigong_model::{ManualClock, Secret, SeededRandom};
use baigong_testkit::TestDatabase;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;
use zip::{ZipWriter, write::SimpleFileOptions};

/// 2026-11-21 20:00:00 in Shanghai.
pub(crate) const NOW: i64 = 1_795_262_400_000;
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A running server, signed in as `admin`.
pub(crate) struct Server {
    pub(crate) platform: Platform,
    pub(crate) clock: Arc<ManualClock>,
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
        let platform = Platform::open(config, clock.clone(), random, Arc::default()).await.unwrap();
        bootstrap::bootstrap(&platform, Some(Secret::new(PASSWORD.to_owned()))).await.unwrap();
        let router = table().router(&platform);
        let mut server = Self { platform, clock, token: String::new(), router, _folder: folder, _database: database };
        server.token = server.sign_in("admin", PASSWORD).await;
        server
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
        let (status, _, body) = self.raw(request.body(body.into()).unwrap()).await;
        let body = serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body:?}"));
        Answer { status, body }
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
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        (parts.status.as_u16(), parts.headers, axum::body::to_bytes(body, usize::MAX).await.unwrap())
    }

    /// A call that must succeed; what it answers.
    pub(crate) async fn get(&self, path: &str, body: Value) -> Value {
        let answer = self.call(path, &body).await;
        assert_eq!(answer.body["resultCode"], "00000", "{path} {body}: {answer:?}");
        answer.body["data"].clone()
    }

    /// Uploads a package as the administrator.
    pub(crate) async fn upload(&self, fields: &[(&str, &str)], file: &[u8]) -> Answer {
        self.upload_as(&self.token, fields, file).await
    }

    pub(crate) async fn upload_as(&self, token: &str, fields: &[(&str, &str)], file: &[u8]) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            write!(body, "--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").unwrap();
        }
        let head =
            "Content-Disposition: form-data; name=\"package\"; filename=\"a.zip\"\r\nContent-Type: application/zip";
        write!(body, "--B\r\n{head}\r\n\r\n").unwrap();
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--B--\r\n");
        let request = Request::post("/api/platform/package/create")
            .header("token", token)
            .header("version", "1.0.0")
            .header("content-type", "multipart/form-data; boundary=B");
        let (status, _, body) = self.raw(request.body(body.into()).unwrap()).await;
        Answer { status, body: serde_json::from_slice(&body).unwrap() }
    }
}

/// A package that runs one command.
pub(crate) fn package(version: &str) -> Vec<u8> {
    let manifest = format!(
        "kind: command\nname: reconciliation\nversion: {version:?}\ncommand: [\"true\"]\nparameters:\n  in:\n    - {{name: tolerance, type: text, default: \"0\"}}\n"
    );
    zip_of(&manifest)
}

/// A package with this manifest and nothing else.
pub(crate) fn zip_of(manifest: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("baigong.yaml", SimpleFileOptions::default()).unwrap();
    zip.write_all(manifest.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

/// The ids of a small company: a department with a robot, a process, a queue and two waiting tasks.
pub(crate) struct Fixture {
    pub(crate) root: i64,
    pub(crate) department: i64,
    pub(crate) machine: i64,
    pub(crate) robot: i64,
    pub(crate) group: i64,
    pub(crate) packages: [i64; 2],
    pub(crate) process: i64,
    pub(crate) queue: i64,
    pub(crate) tasks: [i64; 2],
}

impl Fixture {
    pub(crate) async fn make(server: &Server) -> Self {
        let id = async |path: &str, body: Value, name: &str| server.get(path, body).await[name].as_i64().unwrap();
        let root =
            server.get("/api/platform/department/list", json!({})).await["departments"][0]["depId"].as_i64().unwrap();
        let department =
            id("/api/platform/department/create", json!({ "depName": "运营部", "parentId": root }), "depId").await;
        let machine = id("/api/platform/machine/create", json!({ "machineName": "rpa-01" }), "machineId").await;
        let robot = json!({
            "depId": department, "robotName": "对账机器人", "robotType": 0, "machineId": machine, "machineName": "rpa-01",
            "machineUsername": "rpa", "machinePassword": "secret", "logLevel": "info",
        });
        let robot = id("/api/platform/robot/create", robot, "robotId").await;
        let group = json!({ "depId": department, "robotGroupName": "对账组" });
        let group = id("/api/platform/robot-group/create", group, "robotGroupId").await;
        server.get("/api/platform/robot-group/append", json!({ "robotGroupId": group, "robotIds": [robot] })).await;
        let mut packages = [0; 2];
        for (place, version) in packages.iter_mut().zip(["1.0", "1.1"]) {
            let fields = [("packageName", "对账"), ("packageVersion", version), ("depId", &department.to_string())];
            let answer = server.upload(&fields, &package(version)).await;
            assert_eq!((answer.status, &answer.body["resultCode"]), (201, &json!("00000")), "{answer:?}");
            *place = answer.body["data"]["packageId"].as_i64().unwrap();
        }
        let process =
            json!({ "processName": "日终对账", "depId": department, "robotGroupId": group, "isRecord": false });
        let process = id("/api/platform/process/create", process, "processId").await;
        let parameters = json!([{ "name": "tolerance", "value": "0.01" }]);
        let activate = json!({ "processId": process, "packageId": packages[0], "inParameters": parameters });
        server.get("/api/platform/process/activate-package-version", activate).await;
        let queue = json!({ "depId": department, "queueName": "差异" });
        let queue = id("/api/platform/data-queue/create", queue, "queueId").await;
        let tasks = json!({ "processId": process, "priority": 1, "isRecord": false, "totalCount": 2 });
        let tasks = server.get("/api/platform/task/create", tasks).await;
        let tasks = [0, 1].map(|place| tasks["taskIds"][place].as_i64().unwrap());
        Self { root, department, machine, robot, group, packages, process, queue, tasks }
    }

    /// For every JSON operation a body that succeeds, every optional id in it; in an order in which all succeed.
    pub(crate) fn good_bodies(&self) -> Vec<(&'static str, Value)> {
        let Self { root, department, machine, robot, group, packages, process, queue, tasks } = self;
        vec![
            ("/api/platform/account/authenticate", json!({ "username": "admin", "password": PASSWORD })),
            ("/api/platform/account/public-key", json!({})),
            ("/api/platform/department/create", json!({ "depName": "清算组", "parentId": department })),
            ("/api/platform/department/list", json!({ "depId": root })),
            (
                "/api/platform/employee/create",
                json!({
                    "employeeName": "王芳", "username": "wangfang", "password": "initial-Passw0rd", "depId": department,
                    "email": "wang@example.com", "mobile": "13800000000",
                }),
            ),
            ("/api/platform/employee/query", json!({ "employeeId": 1 })),
            ("/api/platform/employee/list", json!({ "depId": root })),
            ("/api/platform/machine/create", json!({ "machineName": "rpa-02", "remark": "second" })),
            (
                "/api/platform/robot/create",
                json!({
                    "depId": department, "robotName": "备用机器人", "robotType": 1, "machineId": machine,
                    "machineName": "rpa-01", "machineUsername": "rpa", "desktopType": 1, "resolutionWidth": 1920,
                    "resolutionHeight": 1080, "resolutionDepth": 32, "isAutoUnlockEnabled": true, "logLevel": "warn",
                }),
            ),
            ("/api/platform/robot/query", json!({ "robotId": robot })),
            ("/api/platform/robot/list", json!({ "depId": department, "processId": process })),
            ("/api/platform/robot-group/create", json!({ "depId": department, "robotGroupName": "备用组" })),
            ("/api/platform/robot-group/append", json!({ "robotGroupId": group, "robotIds": [robot] })),
            ("/api/platform/robot-group/list", json!({ "depId": department })),
            ("/api/platform/package/query", json!({ "depId": department })),
            ("/api/platform/package/delete", json!({ "packageId": packages[1] })),
            (
                "/api/platform/process/create",
                json!({
                    "processName": "月结", "depId": department, "robotGroupId": group, "isRecord": true, "remark": "monthly",
                }),
            ),
            (
                "/api/platform/process/activate-package-version",
                json!({ "processId": process, "packageId": packages[0] }),
            ),
            ("/api/platform/process/list", json!({ "depId": department })),
            (
                "/api/platform/task/create",
                json!({
                    "processId": process, "robotGroupId": group, "priority": 0, "isRecord": false,
                    "isWarn": true, "warnType": 0, "inParameters": [{ "name": "tolerance", "value": "1" }], "maxRunTime": 30,
                    "maxWaitingTime": 60,
                }),
            ),
            ("/api/platform/task/query", json!({ "taskId": tasks[0] })),
            ("/api/platform/task/list", json!({ "depId": department, "processId": process })),
            ("/api/platform/task/cancel", json!({ "taskId": tasks[1] })),
            ("/api/platform/task-log/query", json!({ "taskId": tasks[0], "logLevel": "info" })),
            ("/api/platform/data-queue/create", json!({ "depId": department, "queueName": "复核", "remark": "r" })),
            ("/api/platform/data-queue/query", json!({ "queueId": queue })),
            ("/api/platform/data-queue/list", json!({ "depId": department })),
            ("/api/platform/task-artifact/list", json!({ "taskId": tasks[0] })),
        ]
    }
}
