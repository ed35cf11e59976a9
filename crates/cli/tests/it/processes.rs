//! Platform and robot as processes of their own, on both databases: the example runs, and TERM stops both in time.

use std::path::Path;

use baigong_testkit::{TestClient, TestDatabase, on_both};
use serde_json::{Value, json};

use crate::program::{Serving, baigong, path};

pub(crate) const PASSWORD: &str = "a password for the tests 1";

pub(crate) fn platform(folder: &Path, database: &TestDatabase, listen: &str) -> Serving {
    let mut command = baigong();
    command.args(["platform", "--data", path(folder), "--listen", listen, "--database", database.url()]);
    command.env("BAIGONG_ADMIN_PASSWORD", PASSWORD);
    Serving::start(&mut command, "the platform serves")
}

pub(crate) fn robot(folder: &Path, url: &str, secret: &str) -> Serving {
    robot_with(folder, url, secret, &["--display", "none"])
}

/// A robot with these options beside.
pub(crate) fn robot_with(folder: &Path, url: &str, secret: &str, options: &[&str]) -> Serving {
    let mut command = baigong();
    command.args(["robot", "--data", path(folder), "--listen", "127.0.0.1:0", "--platform", url]).args(options);
    command.env("BAIGONG_ROBOT_SECRET", secret);
    Serving::start(&mut command, "connected to the platform")
}

/// Packs the example.
fn example() -> Vec<u8> {
    pack(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/valuation-reconciliation"))
}

/// Packs a folder.
pub(crate) fn pack(source: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let zip = folder.path().join("example.zip");
    let built = baigong().args(["package", "build", source, "--output", path(&zip)]).output().unwrap();
    assert!(built.status.success(), "{built:?}");
    std::fs::read(zip).unwrap()
}

/// Sets up a robot and the example; the robot's secret and the process.
async fn set_up(admin: &TestClient) -> (String, i64) {
    set_up_with(admin, example()).await
}

/// Sets up a robot and a process with this package.
pub(crate) async fn set_up_with(admin: &TestClient, package: Vec<u8>) -> (String, i64) {
    let department = admin.data("department/list", json!({})).await.unwrap()["departments"][0]["depId"].clone();
    let machine = admin.create("machine/create", "machineId", json!({"machineName": "m"})).await.unwrap();
    let robot = json!({"depId": department, "robotName": "r", "robotType": 0, "machineId": machine,
        "machineName": "m", "machineUsername": "u"});
    let robot = admin.data("robot/create", robot).await.unwrap();
    let group = json!({"depId": department, "robotGroupName": "g"});
    let group = admin.create("robot-group/create", "robotGroupId", group).await.unwrap();
    let append = json!({"robotGroupId": group, "robotIds": [robot["robotId"]]});
    admin.data("robot-group/append", append).await.unwrap();
    let queue = json!({"depId": department, "queueName": "valuation-differences"});
    admin.create("data-queue/create", "queueId", queue).await.unwrap();
    let process = json!({"processName": "p", "depId": department, "robotGroupId": group, "isRecord": false});
    let process = admin.create("process/create", "processId", process).await.unwrap();
    let department = department.to_string();
    let texts = [("packageName", "p"), ("packageVersion", "1.0.0"), ("depId", department.as_str())];
    let package = admin.upload("package/create", &texts, "package", package).await.unwrap();
    let activate = json!({"processId": process, "packageId": package["packageId"]});
    admin.data("process/activate-package-version", activate).await.unwrap();
    (robot["robotSecret"].as_str().unwrap().to_owned(), process)
}

/// Creates a task and waits for its end.
async fn run_task(admin: &TestClient, process: i64) -> Value {
    let body = json!({"processId": process, "priority": 1, "isRecord": false});
    let task = admin.data("task/create", body).await.unwrap()["taskIds"][0].clone();
    let mut rhythm = tokio::time::interval(std::time::Duration::from_millis(50));
    loop {
        rhythm.tick().await;
        let answer = admin.data("task/query", json!({"taskId": task})).await.unwrap();
        if answer["stopTime"].as_str().is_some_and(|time| !time.is_empty()) {
            return answer;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_runs_and_both_stop_on_term() {
    on_both(async |database| {
        let folder = tempfile::tempdir().unwrap();
        let serving = platform(&folder.path().join("platform"), &database, "127.0.0.1:0");
        let address = serving.said["address"].as_str().unwrap().to_owned();
        let url = format!("http://{address}");
        let admin = TestClient::sign_in(&url, "admin", PASSWORD).await.unwrap();
        let (secret, process) = set_up(&admin).await;
        let agent = robot(&folder.path().join("robot"), &url, &secret);
        let task = run_task(&admin, process).await;
        assert_eq!(task["taskState"], "succeeded", "{task}");

        // The platform dies and comes back on the same address: the robot finds it again by itself.
        serving.kill();
        let serving = platform(&folder.path().join("platform"), &database, &address);
        let admin = TestClient::sign_in(&url, "admin", PASSWORD).await.unwrap();
        let task = run_task(&admin, process).await;
        assert_eq!(task["taskState"], "succeeded", "{task}");

        assert_eq!(agent.terminate(), Some(0));
        assert_eq!(serving.terminate(), Some(0));
    })
    .await;
}
