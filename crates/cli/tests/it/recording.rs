//! A robot that is killed while it records: what it had recorded is delivered when it is back, and nothing that it started
//! is left.

use std::{path::Path, time::Duration};

use baigong_testkit::{TestClient, TestDatabase};
use serde_json::{Value, json};

use crate::{
    processes::{PASSWORD, pack, platform, robot_with, set_up_with},
    program::path,
};

/// A program that stays.
fn staying(folder: &Path) -> Vec<u8> {
    let source = folder.join("source");
    std::fs::create_dir(&source).unwrap();
    let manifest = json!({ "kind": "command", "name": "staying", "command": ["sleep", "600"] });
    std::fs::write(source.join("baigong.yaml"), manifest.to_string()).unwrap();
    pack(path(&source))
}

/// Looks again and again until there is what it looks for.
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
    tokio::time::timeout(Duration::from_secs(90), looking).await.unwrap_or_else(|_| panic!("{what}"))
}

async fn video(admin: &TestClient, task: &Value) -> Option<Value> {
    let answer = admin.data("video/query", json!({ "taskId": task })).await.unwrap();
    answer["recordFileInfos"].get(0).cloned()
}

/// Whether a process has `word` among its arguments.
fn runs(word: &str) -> bool {
    let lines = std::fs::read_dir("/proc").unwrap();
    let mut lines = lines.filter_map(|entry| std::fs::read(entry.ok()?.path().join("cmdline")).ok());
    lines.any(|line| String::from_utf8_lossy(&line).contains(word))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_that_is_killed_while_it_records_delivers_what_it_has_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let robot_folder = folder.join("robot");
    let serving = platform(&folder.join("platform"), &TestDatabase::sqlite().unwrap(), "127.0.0.1:0");
    let url = format!("http://{}", serving.said["address"].as_str().unwrap());
    let admin = TestClient::sign_in(&url, "admin", PASSWORD).await.unwrap();
    let (secret, process) = set_up_with(&admin, staying(folder)).await;
    let options = ["--display", "own", "--screen", "320x240"];
    let agent = robot_with(&robot_folder, &url, &secret, &options);
    let body = json!({ "processId": process, "priority": 1, "isRecord": true });
    let task = admin.data("task/create", body).await.unwrap()["taskIds"][0].clone();
    let some = async || video(&admin, &task).await.filter(|video| video["size"].as_i64() > Some(5000));
    until("it is recorded", some).await;
    agent.kill();
    until("display and encoder end with their robot", async || (!runs(path(&robot_folder))).then_some(())).await;
    let agent = robot_with(&robot_folder, &url, &secret, &options);
    let ended = async || video(&admin, &task).await.filter(|video| video["isEnded"] == true);
    let video = until("its end is told", ended).await;
    assert_eq!(video["isComplete"], false, "it was broken off: {video}");
    let film = reqwest::get(video["url"].as_str().unwrap()).await.unwrap().bytes().await.unwrap();
    assert!(film.windows(4).filter(|four| four == b"moof").count() >= 1, "{} bytes", film.len());
    assert_eq!(agent.terminate(), Some(0));
    assert!(!runs(path(&robot_folder)), "nothing of it is left");
    assert_eq!(serving.terminate(), Some(0));
}
