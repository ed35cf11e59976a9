//! Tasks and robots that are held and let go on, with a real robot: what runs really stands still, and goes on where it was.

use std::{io::Write, path::Path, time::Duration};

use baigong_testkit::{TestClient, TestRobot, TestServer, on_both};
use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

/// Counts into a file of the folder it is given until there is a file that ends it.
const COUNTING: &str = r#"
kind: command
name: counting
command:
  - sh
  - -c
  - 'i=0; while [ ! -e "$BAIGONG_PARAM_FOLDER/end" ]; do i=$((i + 1)); echo $i > "$BAIGONG_PARAM_FOLDER/counter"; sleep 0.01; done'
parameters:
  in:
    - {name: folder, type: text}
"#;

/// Fails until there is a file that lets it succeed.
const FAILING: &str = r#"
kind: command
name: failing
command: [sh, -c, 'echo try >> "$BAIGONG_PARAM_FOLDER/tries"; test "$(wc -l < "$BAIGONG_PARAM_FOLDER/tries")" -ge 3']
parameters:
  in:
    - {name: folder, type: text}
"#;

/// Says a hundred lines, one after the other, with a wait after each.
const SAYING: &str = "flow: saying\nparameters: {in: {folder: {type: text}}}\nvariables: {round: 0}\nsteps:\n  - id: rounds\n    while: \"round < 100\"\n    \
    steps:\n      - id: next\n        set: {round: \"${round + 1}\"}\n      - id: say\n        do: log\n        \
    with: {message: \"round ${round}\"}\n      - id: wait\n        do: delay\n        with: {seconds: 0.03}\n";

fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A platform with a robot, and a folder for what runs there.
struct Stage {
    server: TestServer,
    admin: TestClient,
    robot: TestRobot,
    folder: tempfile::TempDir,
}

impl Stage {
    async fn new(database: baigong_testkit::TestDatabase) -> Self {
        let server = TestServer::start(database).await.unwrap();
        let admin = server.admin().await.unwrap();
        let robot = TestRobot::start(&server, &admin, "counter").await.unwrap();
        robot.connected().await;
        Self { server, admin, robot, folder: tempfile::tempdir().unwrap() }
    }

    /// A running task of a new process with this package.
    async fn run(&self, name: &str, files: &[(&str, &str)], fail_try_times: i64) -> i64 {
        let admin = &self.admin;
        let root = admin.data("department/list", json!({})).await.unwrap()["departments"][0]["depId"].clone();
        let texts = [("packageName", name), ("packageVersion", "1"), ("depId", &*root.to_string())];
        let package = admin.upload("package/create", &texts, "package", zip(files)).await.unwrap();
        let group = self.robot.group_id;
        let process = json!({ "processName": name, "depId": root, "robotGroupId": group, "isRecord": false,
            "failTryTimes": fail_try_times });
        let process = admin.create("process/create", "processId", process).await.unwrap();
        let folder = json!([{ "name": "folder", "value": self.folder.path() }]);
        let activate = json!({ "processId": process, "packageId": package["packageId"], "inParameters": folder });
        admin.data("process/activate-package-version", activate).await.unwrap();
        let task = json!({ "processId": process, "priority": 0, "isRecord": false });
        admin.data("task/create", task).await.unwrap()["taskIds"][0].as_i64().unwrap()
    }

    async fn task(&self, task: i64) -> Value {
        self.admin.data("task/query", json!({ "taskId": task })).await.unwrap()
    }

    async fn code(&self, operation: &str, body: Value) -> String {
        self.admin.call(operation, body).await.unwrap().code().to_owned()
    }

    async fn until(&self, task: i64, state: &str) -> Value {
        let mut seen = Value::Null;
        let what = format!("task {task} becomes {state}");
        until(&what, async || {
            seen = self.task(task).await;
            seen["taskState"] == state
        })
        .await;
        seen
    }

    async fn stop(self) {
        self.robot.stop().await;
        self.server.stop().await;
    }
}

/// Looks again and again until it holds.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let mut rhythm = tokio::time::interval(Duration::from_millis(10));
    let looking = async {
        while !holds().await {
            rhythm.tick().await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(60), looking).await.is_ok(), "{what}");
}

fn counter(folder: &Path) -> u64 {
    std::fs::read_to_string(folder.join("counter")).unwrap_or_default().trim().parse().unwrap_or(0)
}

/// Waits until `count` gives the same for half a second.
async fn stands_still(mut count: impl AsyncFnMut() -> u64) -> u64 {
    let (mut last, mut same) = (count().await, 0);
    until("it stands still", async || {
        let now = count().await;
        same = if now == last { same + 1 } else { 0 };
        last = now;
        same >= 50
    })
    .await;
    last
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_stands_still_while_its_task_is_paused() {
    on_both(async |database| {
        let stage = Stage::new(database).await;
        let folder = stage.folder.path();
        let task = stage.run("counting", &[("baigong.yaml", COUNTING)], 0).await;
        let body = || json!({ "taskId": task });
        until("it counts", async || counter(folder) > 3).await;
        assert_eq!(stage.code("task/resume", body()).await, "10009", "it is not paused");
        assert_eq!(stage.code("task/pause", body()).await, "00000");
        assert_eq!(stage.code("task/pause", body()).await, "10009", "it is paused already");
        let counted = stands_still(async || counter(folder)).await;
        let seen = stage.task(task).await;
        assert_eq!((&seen["taskStatus"], &seen["taskState"]), (&json!("4"), &json!("paused")), "{seen}");
        let listed = stage.admin.data("task/list", json!({})).await.unwrap();
        assert_eq!(
            (&listed["tasks"][0]["taskStatus"], &listed["tasks"][0]["waitingReason"]),
            (&json!(4), &json!("taskPaused"))
        );
        assert_eq!(stage.code("task/resume", body()).await, "00000");
        until("it counts on", async || counter(folder) > counted + 3).await;

        let robot = || json!({ "robotId": stage.robot.robot_id });
        assert_eq!(stage.code("robot/resume", robot()).await, "11001", "it is not paused");
        assert_eq!(stage.code("robot/pause", robot()).await, "00000");
        let counted = stands_still(async || counter(folder)).await;
        assert_eq!(stage.task(task).await["waitingReason"], "robotsPaused");
        assert_eq!(stage.code("task/resume", body()).await, "11001", "its robot stands still");
        assert_eq!(stage.admin.data("robot/query", robot()).await.unwrap()["serviceState"], "paused");
        assert_eq!(stage.code("robot/resume", robot()).await, "00000");
        until("it counts on with its robot", async || counter(folder) > counted + 3).await;

        std::fs::write(folder.join("end"), "").unwrap();
        let seen = stage.until(task, "succeeded").await;
        assert_eq!((&seen["attempts"], &seen["failTryTimes"]), (&json!(1), &json!(0)), "{seen}");
        assert_eq!(stage.code("task/pause", body()).await, "10102");
        let log = stage.admin.data("task-log/query", body()).await.unwrap();
        let said = |text: &str| log["logs"].as_array().unwrap().iter().filter(|line| line["message"] == text).count();
        assert_eq!((said("the task is paused"), said("the task goes on")), (2, 2), "{log}");
        stage.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_program_is_cancelled_and_a_stopped_robot_that_is_forced_cancels() {
    on_both(async |database| {
        let stage = Stage::new(database).await;
        let folder = stage.folder.path();
        let task = stage.run("counting", &[("baigong.yaml", COUNTING)], 0).await;
        let body = || json!({ "taskId": task });
        until("it counts", async || counter(folder) > 3).await;
        assert_eq!(stage.code("task/pause", body()).await, "00000");
        stands_still(async || counter(folder)).await;
        assert_eq!(stage.code("task/cancel", body()).await, "00000");
        stage.until(task, "cancelled").await;
        assert_eq!(stage.code("task/resume", body()).await, "10101");

        std::fs::write(folder.join("counter"), "0").unwrap();
        let task = stage.run("counting again", &[("baigong.yaml", COUNTING)], 0).await;
        until("it counts", async || counter(folder) > 3).await;
        let stop = json!({ "robotId": stage.robot.robot_id, "force": true });
        assert_eq!(stage.code("robot/stop", stop).await, "00000");
        stage.until(task, "cancelled").await;
        let waits = stage.run("counting once more", &[("baigong.yaml", COUNTING)], 0).await;
        assert_eq!(stage.task(waits).await["waitingReason"], "robotsStopped");
        let listed = stage.admin.data("robot/list", json!({ "robotStatus": 2 })).await.unwrap();
        assert_eq!(listed["robots"][0]["serviceState"], "stopped", "{listed}");
        assert_eq!(stage.code("task/pause", json!({ "taskId": waits })).await, "00000");
        assert_eq!(stage.code("robot/start", json!({ "robotId": stage.robot.robot_id })).await, "00000");
        assert_eq!(stage.task(waits).await["taskState"], "paused", "a paused task is given to nobody");
        assert_eq!(stage.code("task/resume", json!({ "taskId": waits })).await, "00000");
        stage.until(waits, "running").await;
        std::fs::write(folder.join("end"), "").unwrap();
        stage.until(waits, "succeeded").await;
        stage.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flow_stands_still_while_its_task_is_paused() {
    on_both(async |database| {
        let stage = Stage::new(database).await;
        let files = [("baigong.yaml", "kind: flow\nname: saying\n"), ("main.flow.yaml", SAYING)];
        let task = stage.run("saying", &files, 0).await;
        let rounds = async || {
            let log = stage.admin.data("task-log/query", json!({ "taskId": task })).await.unwrap();
            let lines = log["logs"].as_array().unwrap().iter();
            lines.filter(|line| line["message"].as_str().unwrap().starts_with("round ")).count() as u64
        };
        until("it says something", async || rounds().await > 3).await;
        assert_eq!(stage.code("task/pause", json!({ "taskId": task })).await, "00000");
        let said = stands_still(rounds).await;
        assert!(said < 100, "it had ended before it was paused");
        assert_eq!(stage.code("task/resume", json!({ "taskId": task })).await, "00000");
        stage.until(task, "succeeded").await;
        until("the log is whole", async || rounds().await == 100).await;
        stage.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_run_is_tried_again_by_itself() {
    on_both(async |database| {
        let stage = Stage::new(database).await;
        let task = stage.run("failing", &[("baigong.yaml", FAILING)], 5).await;
        let seen = stage.until(task, "succeeded").await;
        assert_eq!((&seen["attempts"], &seen["failTryTimes"]), (&json!(3), &json!(5)), "{seen}");
        let once = stage
            .run(
                "failing once",
                &[(
                    "baigong.yaml",
                    "kind: command\nname: no\ncommand: [\"false\"]\nparameters: {in: [{name: folder, type: text}]}\n",
                )],
                1,
            )
            .await;
        let seen = stage.until(once, "failed").await;
        assert_eq!(seen["attempts"], 2, "{seen}");
        stage.stop().await;
    })
    .await;
}
