//! Bridges: one platform works another, in each dialect, and a robot that stands alone. Real servers, real robots, real
//! processes.

mod trouble;

use std::{io::Write as _, time::Duration};

use baigong_platform::Names;
use baigong_testkit::{PASSWORD, TestClient, TestDatabase, TestRobot, TestServer, agent};
use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

/// Longer than anything here takes; a test that waits for so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);
/// Says what it was given, and waits for as long as the file that it is given is there; "many" has it say a lot, "bad" fail.
const SCRIPT: &str =
    "echo \"from afar: $BAIGONG_PARAM_FILE\"; while [ -e \"$BAIGONG_PARAM_FILE\" ]; do sleep 0.05; done
case \"$BAIGONG_PARAM_FILE\" in many) seq 1 1200;; bad) echo 'the books differ' >&2; exit 3;; esac";

fn package() -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let manifest =
        "kind: command\nname: far\ncommand: [sh, run.sh]\nparameters:\n  in:\n    - {name: file, default: none}\n";
    for (name, text) in [("baigong.yaml", manifest), ("run.sh", SCRIPT)] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Waits until `look` finds something.
async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let mut rhythm = tokio::time::interval(Duration::from_millis(50));
    let looking = async {
        loop {
            rhythm.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("{what}"))
}

/// Waits until what `look` sees holds `text`.
async fn until_said(text: &str, mut look: impl AsyncFnMut() -> Value) -> Value {
    let mut seen = Value::Null;
    let found = tokio::time::timeout(PATIENCE, async {
        let mut rhythm = tokio::time::interval(Duration::from_millis(50));
        while !seen.to_string().contains(text) {
            rhythm.tick().await;
            seen = look().await;
        }
    });
    let is_found = found.await.is_ok();
    assert!(is_found, "nothing says \"{text}\": {seen}");
    seen
}

/// The native interface of a platform, as its administrator.
struct Console {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Console {
    async fn of(server: &TestServer) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut console = Self { http, base: format!("{}/api/console", server.url()), token: String::new() };
        let login = json!({ "username": "admin", "password": PASSWORD });
        console.token = console.call("POST", "login", login).await["token"].as_str().unwrap().to_owned();
        console
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> Value {
        let request =
            self.http.request(method.parse().unwrap(), format!("{}/{path}", self.base)).bearer_auth(&self.token);
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await.unwrap();
        let (status, body) = (answer.status(), answer.json::<Value>().await.unwrap());
        assert!(status.is_success(), "{method} {path}: {status} {body}");
        body
    }

    /// Registers a bridge and waits until the process `foreign` of the other side stands here; the bridge, and the process
    /// that stands for it.
    async fn bridge(&self, new: Value, foreign: &str) -> (i64, i64) {
        let id = self.call("POST", "bridges", new).await["id"].as_i64().unwrap();
        let process = until("the process does not appear", async || {
            let listed = self.call("GET", &format!("bridges/{id}/processes"), Value::Null).await;
            let rows = listed["items"].as_array().unwrap();
            rows.iter().find(|row| row["name"] == foreign).and_then(|row| row["localId"].as_i64())
        });
        (id, process.await)
    }

    async fn state(&self, bridge: i64) -> Value {
        self.call("GET", &format!("bridges/{bridge}"), Value::Null).await
    }
}

/// Waits until a task here is in this state; what is known of it.
async fn ended(admin: &TestClient, task: i64, state: &str) -> Value {
    until(&format!("task {task} is not {state}"), async || {
        let found = admin.data("task/query", json!({ "taskId": task })).await.unwrap();
        (found["taskState"] == state).then_some(found)
    })
    .await
}

async fn start(admin: &TestClient, process: i64, parameters: Value) -> i64 {
    let body = json!({ "processId": process, "priority": 1, "isRecord": false, "inParameters": parameters });
    admin.data("task/create", body).await.unwrap()["taskIds"][0].as_i64().unwrap()
}

async fn log_of(admin: &TestClient, task: i64) -> String {
    let log = admin.data("task-log/query", json!({ "taskId": task })).await.unwrap();
    let lines = log["logs"].as_array().unwrap().iter().map(|line| line["message"].as_str().unwrap().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// A platform with a robot and a process, to be worked from elsewhere.
struct East {
    server: TestServer,
    admin: TestClient,
    robot: TestRobot,
    process: i64,
}

impl East {
    async fn start() -> Self {
        let server = TestServer::start(TestDatabase::sqlite().unwrap()).await.unwrap();
        let admin = server.admin().await.unwrap();
        let robot = TestRobot::start(&server, &admin, "eastern").await.unwrap();
        robot.connected().await;
        let texts = [("packageName", "far"), ("packageVersion", "1"), ("depId", "1")];
        let uploaded = admin.upload("package/create", &texts, "package", package()).await.unwrap();
        let new = json!({ "depId": 1, "processName": "对账", "robotGroupId": robot.group_id, "isRecord": false });
        let process = admin.create("process/create", "processId", new).await.unwrap();
        let activate = json!({ "processId": process, "packageId": uploaded["packageId"] });
        admin.data("process/activate-package-version", activate).await.unwrap();
        Self { server, admin, robot, process }
    }

    fn bridge(&self, kind: &str) -> Value {
        json!({ "name": "east", "kind": kind, "url": self.server.url(), "username": "admin", "secret": PASSWORD })
    }

    async fn tasks(&self) -> usize {
        let listed = self.admin.data("task/list", json!({ "processId": self.process })).await.unwrap();
        listed["tasks"].as_array().unwrap().len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_of_another_platform_runs_from_here_and_is_stopped_from_here() {
    let (east, west) = (East::start().await, TestServer::start(TestDatabase::sqlite().unwrap()).await.unwrap());
    let (admin, console) = (west.admin().await.unwrap(), Console::of(&west).await);
    let (bridge, process) = console.bridge(east.bridge("tsac"), "对账").await;
    let listed = admin.data("process/list", json!({})).await.unwrap();
    assert_eq!(listed["processes"][0]["processName"], "对账 @east");
    let robots = console.call("GET", &format!("bridges/{bridge}/robots"), Value::Null).await;
    assert_eq!(robots["items"][0]["name"], "eastern");
    let foreign = format!("bridges/{bridge}/processes/{}/parameters", east.process);
    console.call("PUT", &foreign, json!({ "parameters": ["file"] })).await;

    let task = start(&admin, process, json!([{ "name": "file", "value": "no such file" }])).await;
    ended(&admin, task, "succeeded").await;
    let log = log_of(&admin, task).await;
    assert!(log.contains("runs on east as task") && log.contains("from afar: no such file"), "{log}");
    assert_eq!(east.tasks().await, 1, "it ran once");

    let gate = tempfile::NamedTempFile::new().unwrap();
    let long = start(&admin, process, json!([{ "name": "file", "value": gate.path() }])).await;
    until("the other side does not run it", async || (east.tasks().await == 2).then_some(())).await;
    ended(&admin, long, "running").await;
    admin.data("task/cancel", json!({ "taskId": long })).await.unwrap();
    ended(&admin, long, "cancelled").await;
    let far = east.admin.data("task/list", json!({ "processId": east.process })).await.unwrap();
    let states: Vec<_> = far["tasks"].as_array().unwrap().iter().map(|row| row["taskState"].clone()).collect();
    assert!(states.contains(&json!("cancelled")), "{far}");
    east.robot.stop().await;
    west.stop().await;
    east.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_over_a_restart_here_and_is_not_started_again() {
    let (east, west) = (East::start().await, TestServer::start(TestDatabase::sqlite().unwrap()).await.unwrap());
    let console = Console::of(&west).await;
    let (bridge, process) = console.bridge(east.bridge("tsac"), "对账").await;
    let foreign = format!("bridges/{bridge}/processes/{}/parameters", east.process);
    console.call("PUT", &foreign, json!({ "parameters": ["file"] })).await;
    let gate = tempfile::NamedTempFile::new().unwrap();
    let task = start(&west.admin().await.unwrap(), process, json!([{ "name": "file", "value": gate.path() }])).await;
    until("the other side does not run it", async || (east.tasks().await == 1).then_some(())).await;
    let west = west.restart().await.unwrap();
    drop(gate);
    ended(&west.admin().await.unwrap(), task, "succeeded").await;
    assert_eq!(east.tasks().await, 1, "it was not started again");
    west.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_side_that_is_away_is_told_and_holds_up_nobody() {
    let (east, west) = (East::start().await, TestServer::start(TestDatabase::sqlite().unwrap()).await.unwrap());
    let (admin, console) = (west.admin().await.unwrap(), Console::of(&west).await);
    let (bridge, process) = console.bridge(east.bridge("tsac"), "对账").await;
    let wrong =
        json!({ "name": "wrong", "kind": "tsac", "url": east.server.url(), "username": "admin", "secret": "x" });
    let wrong = console.call("POST", "bridges", wrong).await["id"].as_i64().unwrap();
    until("a wrong password is not told", async || (console.state(wrong).await["state"] == "refused").then_some(()))
        .await;
    east.robot.stop().await;
    east.server.stop().await;
    console.call("POST", &format!("bridges/{bridge}/look-again"), json!({})).await;
    until_said("cannot be reached", async || console.state(bridge).await).await;
    let task = start(&admin, process, json!([])).await;
    let query = async || admin.data("task/query", json!({ "taskId": task })).await.unwrap();
    let waits = until_said("cannot be reached", query).await;
    assert_eq!(waits["taskState"], "queued");
    admin.data("task/cancel", json!({ "taskId": task })).await.unwrap();
    console.call("DELETE", &format!("bridges/{bridge}"), Value::Null).await;
    let left = admin.data("robot/list", json!({})).await.unwrap();
    assert!(!left.to_string().contains("east"), "{left}");
    west.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_that_stands_alone_is_worked_with_its_secret() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = agent::Options::alone(folder.path().join("robot"), None, baigong_actions::table());
    options.listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let robot = agent::Agent::start(options).await.unwrap();
    let secret = robot.made_secret().unwrap().expose().clone();
    let url = format!("http://{}", robot.local_addr());
    let foreign = lone_process(&url, &secret).await;
    let west = TestServer::start(TestDatabase::sqlite().unwrap()).await.unwrap();
    let (admin, console) = (west.admin().await.unwrap(), Console::of(&west).await);
    let new = json!({ "name": "alone", "kind": "robot", "url": url, "secret": secret });
    let (bridge, process) = console.bridge(new, "独立").await;
    console
        .call("PUT", &format!("bridges/{bridge}/processes/{foreign}/parameters"), json!({ "parameters": ["file"] }))
        .await;
    let task = start(&admin, process, json!([{ "name": "file", "value": "nowhere" }])).await;
    ended(&admin, task, "succeeded").await;
    let log = log_of(&admin, task).await;
    assert!(log.contains("from afar: nowhere"), "{log}");
    west.stop().await;
}

/// Gives a robot that stands alone a process; its id there.
async fn lone_process(url: &str, secret: &str) -> i64 {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = |path: &str| http.post(format!("{url}/api/robot/{path}")).header("version", "1.0.0");
    let data = async |request: reqwest::RequestBuilder| {
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["resultCode"], "00000", "{answer}");
        answer["data"].clone()
    };
    let token =
        data(post("authenticate").json(&json!({ "secret": secret }))).await["token"].as_str().unwrap().to_owned();
    let file = reqwest::multipart::Part::bytes(package()).file_name("package.zip");
    let form =
        reqwest::multipart::Form::new().text("packageName", "far").text("packageVersion", "1").part("package", file);
    let package = data(post("package/create").header("token", &token).multipart(form)).await["packageId"].clone();
    let process = data(post("process/create").header("token", &token).json(&json!({ "processName": "独立" }))).await;
    let process = process["processId"].as_i64().unwrap();
    let activate = json!({ "processId": process, "packageId": package });
    data(post("process/activate-package-version").header("token", &token).json(&activate)).await;
    process
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interface_that_is_switched_off_is_not_there() {
    let off =
        |settings: &mut baigong_platform::Settings| settings.disabled_dialects = Names::from(&["km", "console"][..]);
    let server = TestServer::on(TestDatabase::sqlite().unwrap()).settings(off).start().await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: &str| {
        let answer = http.get(format!("{}{path}", server.url())).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let nowhere = get("/no/such/path").await;
    assert_eq!(nowhere.0, 404);
    for path in ["/api/v1/apps", "/api/console/me", "/openapi/km.json", "/openapi/console.json"] {
        assert_eq!(get(path).await, nowhere, "{path} gives a hint");
    }
    assert_eq!(get("/openapi/tsac.json").await.0, 200);
    assert!(!get("/openapi/index.json").await.1.contains("console"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_of_an_oapi_platform_runs_from_here() {
    let (east, west) = (East::start().await, TestServer::start(TestDatabase::sqlite().unwrap()).await.unwrap());
    let trigger = json!({ "triggerName": "日终", "depId": 1, "processId": east.process, "assignType": 1,
        "isRecord": false, "cronExpression": "0 0 3 1 1 ?", "isDefineCalendar": false });
    east.admin.data("trigger/create", trigger).await.unwrap();
    let (admin, console) = (west.admin().await.unwrap(), Console::of(&west).await);
    let (bridge, process) = console.bridge(east.bridge("oapi"), "日终").await;
    let robots = console.call("GET", &format!("bridges/{bridge}/robots"), Value::Null).await;
    assert_eq!(robots["items"][0]["name"], "eastern");
    let task = start(&admin, process, json!([])).await;
    ended(&admin, task, "succeeded").await;
    assert_eq!(east.tasks().await, 1, "it ran once");
    let log = log_of(&admin, task).await;
    assert!(log.contains("runs on east as task"), "{log}");
    east.robot.stop().await;
    west.stop().await;
    east.server.stop().await;
}
