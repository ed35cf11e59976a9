//! A platform as a process, a robot on it, and a process whose task runs whatever shell script it is given.

use std::{path::PathBuf, time::Duration};

use baigong_testkit::{TestClient, TestDatabase};
use serde_json::{Value, json};

use crate::{
    processes::{PASSWORD, pack, platform, set_up_with},
    program::{Serving, baigong, path},
};

/// Longer than anything here takes on a slow machine.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Ground {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) url: String,
    pub(crate) admin: TestClient,
    pub(crate) secret: String,
    pub(crate) process: i64,
    _platform: Serving,
    _database: TestDatabase,
}

impl Ground {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::sqlite().unwrap();
        let serving = platform(&folder.path().join("platform"), &database, "127.0.0.1:0");
        let url = format!("http://{}", serving.said["address"].as_str().unwrap());
        let admin = TestClient::sign_in(&url, "admin", PASSWORD).await.unwrap();
        let source = folder.path().join("source");
        std::fs::create_dir(&source).unwrap();
        let manifest = json!({
            "kind": "command", "name": "script", "command": ["sh", "-c", "eval \"$BAIGONG_PARAM_SCRIPT\""],
            "parameters": { "in": [{ "name": "script", "type": "text", "required": true }] },
        });
        std::fs::write(source.join("baigong.yaml"), manifest.to_string()).unwrap();
        let (secret, process) = set_up_with(&admin, pack(path(&source))).await;
        Self { folder, url, admin, secret, process, _platform: serving, _database: database }
    }

    /// The robot's folder.
    pub(crate) fn robot_folder(&self) -> PathBuf {
        self.folder.path().join("robot")
    }

    /// The robot with these options besides.
    pub(crate) fn robot(&self, options: &[&str]) -> Serving {
        let mut command = baigong();
        let data = self.robot_folder();
        command.args(["robot", "--data", path(&data), "--listen", "127.0.0.1:0", "--platform", &self.url]);
        command.args(options).env("BAIGONG_ROBOT_SECRET", &self.secret).env("BAIGONG_ROBOT_DISPLAY", "none");
        Serving::start(&mut command, "connected to the platform")
    }

    /// Gives the robot a script to run; the task's id.
    pub(crate) async fn task(&self, script: &str) -> i64 {
        let parameters = json!([{ "name": "script", "value": script }]);
        let body = json!({ "processId": self.process, "priority": 1, "isRecord": false, "inParameters": parameters });
        self.admin.data("task/create", body).await.unwrap()["taskIds"][0].as_i64().unwrap()
    }

    /// Waits for the end of a task; what there is to know of it, its log among it.
    pub(crate) async fn ended(&self, task: i64) -> Value {
        let mut seen = Value::Null;
        until("the task ends", async || {
            seen = self.admin.data("task/query", json!({ "taskId": task })).await.unwrap();
            seen["stopTime"].as_str().is_some_and(|time| !time.is_empty())
        })
        .await;
        let log = self.admin.data("task-log/query", json!({ "taskId": task, "pageSize": 1000 })).await.unwrap();
        seen["log"] = log;
        seen["taskId"] = task.into();
        seen
    }

    /// Runs a script to its end.
    pub(crate) async fn run(&self, script: &str) -> Value {
        let task = self.task(script).await;
        self.ended(task).await
    }

    /// Waits until the script of a task has written a file called `name` into the test's folder; what it holds.
    pub(crate) async fn written(&self, name: &str) -> String {
        let file = self.folder.path().join(name);
        let mut text = String::new();
        until("the script writes its file", async || {
            text = std::fs::read_to_string(&file).unwrap_or_default();
            text.ends_with('\n')
        })
        .await;
        text.trim().to_owned()
    }
}

/// Looks again and again until it holds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let mut rhythm = tokio::time::interval(Duration::from_millis(20));
    let looking = async {
        while !holds().await {
            rhythm.tick().await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, looking).await.is_ok(), "{what}: not within {PATIENCE:?}");
}

/// Whether a process lives; one that has ended and was not waited for does not.
pub(crate) fn is_alive(id: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}
