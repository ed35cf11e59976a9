//! Every printed row answers a good request with the printed fields, of the printed types.

use std::collections::BTreeSet;

use baigong_robot_store::{RobotStore, entity::recording, recordings};
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::{
    alone::{Alone, Answer, package},
    contract::{json_type, rows},
};

/// The rows that were asked for, and what their answers lacked.
#[derive(Default)]
struct Walk {
    asked: BTreeSet<String>,
    problems: Vec<String>,
}

impl Walk {
    /// Holds a success against its row.
    fn check(&mut self, path: &str, answer: &Answer) -> Value {
        let rows = rows();
        let row = rows.iter().find(|row| row["path"] == format!("/api/robot/{path}")).expect("it must be printed");
        let is_create = path.ends_with("/create");
        let status = if is_create { 201 } else { 200 };
        assert_eq!((answer.status, answer.code()), (status, "00000"), "{path}: {answer:?}");
        assert!(answer.body["message"].is_string() && answer.data().is_object(), "{path}: {answer:?}");
        self.fields(path, answer.data(), row["data"].as_array().unwrap());
        self.asked.insert(path.to_owned());
        answer.data().clone()
    }

    fn fields(&mut self, place: &str, given: &Value, printed: &[Value]) {
        for field in printed {
            let name = field["name"].as_str().unwrap();
            let value = &given[name];
            let fits = match json_type(field) {
                "string" => value.is_string(),
                "integer" => value.is_i64(),
                "boolean" => value.is_boolean(),
                "array" => value.is_array(),
                "object" => value.is_object(),
                other => panic!("{place}: {name} is printed as {other}"),
            };
            if !fits {
                self.problems.push(format!("{place}: {name} is {value}"));
            }
            let Some(inner) = field["fields"].as_array() else { continue };
            match value {
                Value::Array(items) => {
                    let Some(item) = items.first() else { panic!("{place}: {name} must not be empty in this test") };
                    self.fields(&format!("{place} {name}"), item, inner);
                }
                value => self.fields(&format!("{place} {name}"), value, inner),
            }
        }
    }
}

async fn ask(walk: &mut Walk, robot: &Alone, path: &str, body: Value) -> Value {
    let answer = robot.call(path, body).await;
    walk.check(path, &answer)
}

#[tokio::test]
async fn every_row_answers_a_good_request_as_printed() {
    let robot = Alone::start().await;
    let mut walk = Walk::default();
    let token = robot.call_as(None, "authenticate", json!({ "secret": robot.secret })).await;
    walk.check("authenticate", &token);
    let fields = [("packageName", "p"), ("packageVersion", "1")];
    let script = robot.here("echo hello; echo '{\"out\": \"1\"}' > $BAIGONG_OUTPUT_FILE");
    let made = robot.upload("package/create", Some(("package", package(&script))), &fields).await;
    let package_id = walk.check("package/create", &made)["packageId"].clone();
    let robot = &robot;
    let config = json!({ "robotConfig": { "logLevel": "debug" } });
    for (path, body) in [
        ("start", json!({})),
        ("config", config),
        ("query", json!({})),
        ("machine/query", json!({})),
        ("package/query", json!({})),
        ("license/info", json!({})),
    ] {
        ask(&mut walk, robot, path, body).await;
    }
    let process = ask(&mut walk, robot, "process/create", json!({ "processName": "p" })).await["processId"].clone();
    let activate = json!({ "processId": process, "packageId": package_id,
        "inParameters": [{ "name": "in", "value": "1" }] });
    ask(&mut walk, robot, "process/activate-package-version", activate).await;
    ask(&mut walk, robot, "process/update", json!({ "processId": process, "remark": "r" })).await;
    ask(&mut walk, robot, "process/list", json!({})).await;
    // The document prints the platform's path for it: the robot serves that too.
    let printed = robot.call_at("/api/platform/process/list", json!({})).await;
    walk.check("process/list", &printed);
    let create = json!({ "processId": process, "isRecord": false });
    let task = ask(&mut walk, robot, "task/create", create).await["taskIds"][0].as_i64().unwrap();
    robot.until(task, "succeeded").await;
    let store = RobotStore::open(&robot.folder.path().join("robot/robot.db")).await.unwrap();
    let row = recording::Model {
        id: 0,
        task_id: task,
        fence: -1,
        path: "/r".into(),
        started_at: 1,
        ended_at: Some(2),
        size: 3,
        state: "complete".into(),
    };
    store.write(move |tx| async move { recordings::insert(tx, row).await }.boxed()).await.unwrap();
    for path in ["task/query", "task-log/query"] {
        ask(&mut walk, robot, path, json!({ "taskId": task })).await;
    }
    ask(&mut walk, robot, "task/list", json!({})).await;
    ask(&mut walk, robot, "video/query", json!({ "taskId": task.to_string() })).await;
    control(&mut walk, robot).await;
    files(&mut walk, robot).await;
    ask(&mut walk, robot, "stop", json!({})).await;
    ask(&mut walk, robot, "process/delete", json!({ "processId": process })).await;
    ask(&mut walk, robot, "package/delete", json!({ "packageId": package_id })).await;
    assert_eq!(walk.problems, Vec::<String>::new());
    let printed: BTreeSet<String> =
        rows().iter().map(|row| row["path"].as_str().unwrap().replace("/api/robot/", "")).collect();
    assert_eq!(walk.asked, printed);
}

async fn control(walk: &mut Walk, robot: &Alone) {
    let process = robot.process("waits", package(&robot.here(crate::alone_life::WAITS))).await;
    let task = robot.task(process).await;
    robot.until(task, "running").await;
    for path in ["task/pause", "task/resume", "task/cancel"] {
        ask(walk, robot, path, json!({ "taskId": task })).await;
    }
    robot.until(task, "cancelled").await;
}

async fn files(walk: &mut Walk, robot: &Alone) {
    let fields = [("folderPath", "/"), ("fileName", "f")];
    let made = robot.upload("file/create", Some(("file", b"x".to_vec())), &fields).await;
    let file = walk.check("file/create", &made)["fileId"].as_str().unwrap().to_owned();
    let update = robot.upload("file/update", None, &[("fileId", &file), ("folderPath", "/g")]).await;
    walk.check("file/update", &update);
    ask(walk, robot, "file/query", json!({ "fileId": file })).await;
    ask(walk, robot, "file/list", json!({})).await;
    ask(walk, robot, "file/delete", json!({ "fileId": file })).await;
}
