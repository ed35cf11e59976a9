//! Another side in trouble: nothing is started twice, no run is given up while it may go on, and nobody's account is locked.

use std::sync::{Arc, Mutex};

use axum::{body::Bytes, extract::Request, http::StatusCode, response::IntoResponse};
use baigong_testkit::{PASSWORD, TestClient, TestDatabase, TestServer};
use serde_json::{Value, json};

use super::{Console, East, ended, log_of, start, until, until_said};

/// What becomes of a request on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It is passed on and answered.
    Through,
    /// It is passed on, and the answer is lost.
    AnswerLost,
    /// It never arrives.
    Lost,
    /// Something on the way answers.
    Answered(u16, &'static str),
}

/// Stands before a platform.
struct Between {
    url: String,
    /// What becomes of calls of this operation, all of them where it is empty.
    way: Arc<Mutex<(&'static str, Way)>>,
}

impl Between {
    async fn before(target: String) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let way = Arc::new(Mutex::new(("", Way::Through)));
        let seen = way.clone();
        let pass_on = async move |request: Request| {
            let (parts, body) = request.into_parts();
            let (operation, way) = *seen.lock().unwrap();
            let way = if parts.uri.path().ends_with(operation) { way } else { Way::Through };
            match way {
                Way::Lost => return "the line is cut".into_response(),
                Way::Answered(status, text) => return (StatusCode::from_u16(status).unwrap(), text).into_response(),
                Way::Through | Way::AnswerLost => {}
            }
            let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
            let mut headers = parts.headers;
            headers.remove("host");
            let passed = http.request(parts.method, format!("{target}{}", parts.uri)).headers(headers).body(body);
            let answer = passed.send().await.unwrap();
            match way {
                Way::AnswerLost => "the line is cut".into_response(),
                _ => (answer.status(), answer.bytes().await.unwrap()).into_response(),
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(pass_on)).await });
        Self { url, way }
    }

    fn is(&self, operation: &'static str, way: Way) {
        *self.way.lock().unwrap() = (operation, way);
    }
}

/// Two platforms, the bridge between them, and what stands between.
struct Stage {
    east: East,
    west: TestServer,
    admin: TestClient,
    console: Console,
    between: Between,
    bridge: i64,
    process: i64,
}

impl Stage {
    async fn set() -> Self {
        let (east, west) = (East::start().await, TestServer::start(TestDatabase::sqlite().unwrap()).await.unwrap());
        let (admin, console) = (west.admin().await.unwrap(), Console::of(&west).await);
        let between = Between::before(east.server.url()).await;
        let mut new = east.bridge("tsac");
        new["url"] = between.url.clone().into();
        let (bridge, process) = console.bridge(new, "对账").await;
        Self { east, west, admin, console, between, bridge, process }
    }

    async fn start(&self, file: &str) -> i64 {
        start(&self.admin, self.process, json!([{ "name": "file", "value": file }])).await
    }

    /// What a task has become when it has ended.
    async fn end_of(&self, task: i64) -> Value {
        until(&format!("task {task} does not end"), async || {
            let found = self.admin.data("task/query", json!({ "taskId": task })).await.unwrap();
            matches!(found["taskState"].as_str(), Some("succeeded" | "failed")).then_some(found)
        })
        .await
    }

    async fn stop(self) {
        self.west.stop().await;
        self.east.robot.stop().await;
        self.east.server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_whose_answer_is_lost_is_found_and_not_sent_again() {
    let stage = Stage::set().await;
    stage.between.is("/task/create", Way::AnswerLost);
    let task = stage.start("once only").await;
    ended(&stage.admin, task, "succeeded").await;
    assert_eq!(stage.east.tasks().await, 1, "what may have been started is looked for, not started again");
    assert!(log_of(&stage.admin, task).await.contains("from afar: once only"));
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_run_there_is_not_taken_for_a_start_that_never_came_there() {
    let stage = Stage::set().await;
    // Somebody there ran the same with the same parameters.
    let theirs = start(&stage.east.admin, stage.east.process, json!([{ "name": "file", "value": "x" }])).await;
    ended(&stage.east.admin, theirs, "succeeded").await;
    stage.between.is("/task/create", Way::Lost);
    let task = stage.start("x").await;
    until("it is not sent", async || {
        stage.console.state(stage.bridge).await["detail"]
            .as_str()
            .map(str::to_owned)
            .filter(|it| it.contains("no JSON"))
    })
    .await;
    // The next round looks for it.
    stage.console.call("POST", &format!("bridges/{}/look-again", stage.bridge), json!({})).await;
    until("the other side is not reached again", async || {
        (stage.console.state(stage.bridge).await["state"] == "reachable").then_some(())
    })
    .await;
    let found = stage.admin.data("task/query", json!({ "taskId": task })).await.unwrap();
    assert_eq!(found["taskState"], "running", "nobody knows yet: {found}");
    let log = log_of(&stage.admin, task).await;
    assert!(!log.contains("runs on east"), "it was taken for the run of somebody there: {log}");
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_not_given_up_because_something_else_answers() {
    let stage = Stage::set().await;
    for (status, text, said) in [
        (429, r#"{"resultCode":"10010","message":"slow down","data":{}}"#, "slow down"),
        (403, r#"{"resultCode":"30001","message":"no longer allowed","data":{}}"#, "no longer allowed"),
        (200, "<html>we are back soon</html>", "no JSON"),
        (200, r#"{"resultCode":"00000","message":"","data":{"taskStatus":[]}}"#, "taskStatus"),
    ] {
        let gate = tempfile::NamedTempFile::new().unwrap();
        let before = stage.east.tasks().await;
        let task = stage.start(gate.path().to_str().unwrap()).await;
        until("it does not run there", async || (stage.east.tasks().await > before).then_some(())).await;
        ended(&stage.admin, task, "running").await;
        stage.between.is("/task/query", Way::Answered(status, text));
        until_said(said, async || stage.console.state(stage.bridge).await).await;
        stage.between.is("", Way::Through);
        drop(gate);
        stage.console.call("POST", &format!("bridges/{}/look-again", stage.bridge), json!({})).await;
        let end = stage.end_of(task).await;
        assert_eq!(end["taskState"], "succeeded", "after {text}: {end}");
        assert_eq!(stage.east.tasks().await, before + 1, "it ran once");
    }
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cannot_be_read_hides_no_end_and_a_long_one_comes_whole() {
    let stage = Stage::set().await;
    let many = stage.start("many").await;
    ended(&stage.admin, many, "succeeded").await;
    let page = json!({ "taskId": many, "pageNum": 2, "pageSize": 1000 });
    let log = stage.admin.data("task-log/query", page).await.unwrap();
    // Our own line, theirs, and 1200.
    assert_eq!(log["logs"].as_array().unwrap().len(), 202, "{log:.300}");
    stage.between.is("/task-log/query", Way::Answered(200, "{}"));
    let bad = stage.start("bad").await;
    let end = stage.end_of(bad).await;
    assert!(end["taskState"] == "failed" && end["taskMessage"].as_str().unwrap().contains("the books differ"), "{end}");
    let log = log_of(&stage.admin, bad).await;
    assert!(log.contains("the log on east cannot be read"), "{log}");
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_gone_there_fails_and_holds_up_nothing() {
    let stage = Stage::set().await;
    stage.east.admin.data("process/delete", json!({ "processId": stage.east.process })).await.unwrap();
    let end = stage.end_of(stage.start("x").await).await;
    assert!(end["taskState"] == "failed" && end["taskMessage"].as_str().unwrap().contains("east"), "{end}");
    assert_eq!(stage.console.state(stage.bridge).await["state"], "reachable");
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_is_tried_at_once() {
    let stage = Stage::set().await;
    let mine = json!({ "employeeId": 1, "password": "another Passw0rd" });
    stage.east.admin.data("employee/update", mine).await.unwrap();
    let is = async |state: &str| {
        until(&format!("the bridge is not {state}"), async || {
            (stage.console.state(stage.bridge).await["state"] == state).then_some(())
        })
        .await;
    };
    stage.console.call("POST", &format!("bridges/{}/look-again", stage.bridge), json!({})).await;
    is("refused").await;
    let change = json!({ "secret": "another Passw0rd" });
    stage.console.call("PUT", &format!("bridges/{}", stage.bridge), change).await;
    is("reachable").await;
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_wants_its_passwords_encrypted_is_worked_too() {
    let strict = |settings: &mut baigong_platform::Settings| settings.allow_plain_passwords = Some(false);
    let east = TestServer::on(TestDatabase::sqlite().unwrap()).settings(strict).start().await.unwrap();
    assert!(TestClient::sign_in(&east.url(), "admin", PASSWORD).await.is_err(), "it takes no password in plain text");
    let west = TestServer::start(TestDatabase::sqlite().unwrap()).await.unwrap();
    let console = Console::of(&west).await;
    let new = json!({ "name": "east", "kind": "tsac", "url": east.url(), "username": "admin", "secret": PASSWORD });
    let bridge = console.call("POST", "bridges", new).await["id"].as_i64().unwrap();
    until("it is not reached", async || (console.state(bridge).await["state"] == "reachable").then_some(())).await;
    west.stop().await;
    east.stop().await;
}
