//! A paused task outlives the sudden death of the platform and of its robot: nothing of it is lost, and nothing goes on unseen.

use std::{path::Path, time::Duration};

use baigong_testkit::{TestClient, on_both};
use serde_json::{Value, json};

use crate::{
    processes::{PASSWORD, pack, platform, robot, set_up_with},
    program::path,
};

/// Counts into a file until there is a file that ends it.
fn counting(folder: &Path) -> Vec<u8> {
    let source = folder.join("source");
    std::fs::create_dir(&source).unwrap();
    let script = format!(
        "i=0; while [ ! -e '{0}/end' ]; do i=$((i + 1)); echo $i > '{0}/counter'; sleep 0.01; done",
        path(folder)
    );
    let manifest = json!({ "kind": "command", "name": "counting", "command": ["sh", "-c", script] });
    std::fs::write(source.join("baigong.yaml"), manifest.to_string()).unwrap();
    pack(path(&source))
}

fn counter(folder: &Path) -> u64 {
    std::fs::read_to_string(folder.join("counter")).unwrap_or_default().trim().parse().unwrap_or(0)
}

/// Looks again and again until it holds.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let mut rhythm = tokio::time::interval(Duration::from_millis(20));
    let looking = async {
        while !holds().await {
            rhythm.tick().await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(90), looking).await.is_ok(), "{what}");
}

/// Waits until nothing is counted for half a second; where it stands.
async fn stands_still(folder: &Path) -> u64 {
    let (mut last, mut same) = (0, 0);
    until("it stands still", async || {
        let now = counter(folder);
        same = if now == last { same + 1 } else { 0 };
        last = now;
        same >= 25
    })
    .await;
    last
}

async fn state(admin: &TestClient, task: &Value) -> String {
    let seen = admin.data("task/query", json!({ "taskId": task })).await.unwrap();
    seen["taskState"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_task_outlives_the_death_of_the_platform_and_of_its_robot() {
    on_both(async |database| {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let (platform_folder, robot_folder) = (folder.join("platform"), folder.join("robot"));
        let serving = platform(&platform_folder, &database, "127.0.0.1:0");
        let address = serving.said["address"].as_str().unwrap().to_owned();
        let url = format!("http://{address}");
        let admin = TestClient::sign_in(&url, "admin", PASSWORD).await.unwrap();
        let (secret, process) = set_up_with(&admin, counting(folder)).await;
        let agent = robot(&robot_folder, &url, &secret);
        let body = json!({ "processId": process, "priority": 1, "isRecord": false });
        let task = admin.data("task/create", body).await.unwrap()["taskIds"][0].clone();
        let id = || json!({ "taskId": task });
        until("it counts", async || counter(folder) > 3).await;
        admin.data("task/pause", id()).await.unwrap();
        let counted = stands_still(folder).await;

        serving.kill();
        let serving = platform(&platform_folder, &database, &address);
        let admin = TestClient::sign_in(&url, "admin", PASSWORD).await.unwrap();
        assert_eq!(state(&admin, &task).await, "paused");
        assert_eq!(stands_still(folder).await, counted, "nothing went on while the platform was away");
        admin.data("task/resume", id()).await.unwrap();
        until("it counts on where it was", async || counter(folder) > counted + 3).await;

        admin.data("task/pause", id()).await.unwrap();
        stands_still(folder).await;
        agent.kill();
        assert_eq!(state(&admin, &task).await, "paused", "its lease still lasts");
        let agent = robot(&robot_folder, &url, &secret);
        until("the robot tells that it was broken off", async || state(&admin, &task).await == "failed").await;
        let counted = stands_still(folder).await;
        assert_eq!(stands_still(folder).await, counted, "no process of it is left");
        assert_eq!(agent.terminate(), Some(0));
        assert_eq!(serving.terminate(), Some(0));
    })
    .await;
}
