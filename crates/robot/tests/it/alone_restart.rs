//! What a robot that stands alone keeps and does not do twice, however it ends.

use baigong_robot_store::{RobotStore, entity::file, files as rows};
use futures_util::FutureExt;
use serde_json::json;

use crate::{
    alone::{Alone, package, package_of},
    alone_life::WAITS,
    place::is_alive,
};

#[tokio::test]
async fn a_task_that_ran_when_the_robot_died_is_lost_and_what_waited_waits() {
    let robot = Alone::start().await;
    let process = robot.process("p", package(&robot.here(WAITS))).await;
    let (one, two) = (robot.task(process).await, robot.task(process).await);
    robot.until(one, "running").await;
    robot.until(two, "running").await;
    let waits = robot.task(process).await;
    robot.noted(2).await;
    let robot = robot.crash_and_restart().await;
    for lost in [one, two] {
        let task = robot.until(lost, "lost").await;
        assert_eq!(task["taskStatus"], 1);
        assert_eq!(task["taskMessage"], "the robot stopped while the task ran");
    }
    robot.until(waits, "running").await;
    robot.noted(3).await;
    robot.open_gate().await;
    robot.until(waits, "succeeded").await;
    assert_eq!(robot.ledger().len(), 3, "nothing ran twice");
}

#[tokio::test]
async fn a_task_whose_package_allows_it_runs_again() {
    let robot = Alone::start().await;
    let process = robot.process("p", package_of(&robot.here(WAITS), "retrySafe: true\n")).await;
    let task = robot.task(process).await;
    robot.until(task, "running").await;
    robot.noted(1).await;
    let robot = robot.crash_and_restart().await;
    robot.noted(2).await;
    robot.open_gate().await;
    robot.until(task, "succeeded").await;
    assert_eq!(robot.ledger().len(), 2);
}

#[tokio::test]
async fn a_paused_task_is_lost_with_its_processes_and_a_paused_waiting_one_stays_paused() {
    let robot = Alone::start().await;
    let process = robot.process("p", package(&robot.here(WAITS))).await;
    let task = robot.task(process).await;
    robot.until(task, "running").await;
    let log = async |robot: &Alone| robot.data("task-log/query", json!({ "taskId": task })).await["logs"].clone();
    let child = loop {
        let lines = log(&robot).await;
        let first = lines[0]["message"].as_str().and_then(|line| line.strip_prefix("running ")?.parse().ok());
        match first {
            Some(child) => break child,
            None => tokio::task::yield_now().await,
        }
    };
    robot.data("task/pause", json!({ "taskId": task })).await;
    robot.data("stop", json!({})).await;
    robot.data("start", json!({})).await;
    let robot = robot.crash_and_restart().await;
    robot.until(task, "lost").await;
    assert!(!is_alive(child), "nothing of it runs on");
    assert!(
        log(&robot).await.as_array().unwrap().iter().any(|line| line["logLevel"] == "error"),
        "and its log says so"
    );
}

/// What a crash at each point of a change leaves behind.
#[tokio::test]
async fn a_change_of_a_file_that_was_cut_off_is_undone_or_finished() {
    let robot = Alone::start().await;
    let files = robot.folder.path().join("robot/files");
    let uploads = robot.folder.path().join("robot/uploads");
    let store = RobotStore::open(&robot.folder.path().join("robot/robot.db")).await.unwrap();
    let spot = |name: &str| json!({ "folder": "/", "name": name });
    let put = |upload: &str, name: &str| json!({ "intent": "put", "upload": upload, "to": spot(name), "size": 3, "password_hash": null, "at": 7 });
    let mut ids = Vec::new();
    for (name, is_made, intent) in [
        ("never-moved", false, put("upload-1", "never-moved")),
        ("moved", false, put("upload-2", "moved")),
        ("old", true, put("upload-3", "new")),
        ("from", true, json!({ "intent": "move", "to": spot("to"), "password_hash": null, "at": 7 })),
        ("stays", true, json!({ "intent": "move", "to": spot("nowhere"), "password_hash": null, "at": 7 })),
        ("goes", true, json!({ "intent": "delete", "at": 7 })),
    ] {
        let row = file::Model {
            id: 0,
            folder_path: "/".into(),
            name: name.into(),
            live_path: Some(format!("/{name}")),
            password_hash: None,
            size: 3,
            intent: Some(intent.to_string()),
            is_made,
            updated_at: 1,
            created_at: 1,
            deleted_at: None,
        };
        let inserted = store.write(move |tx| async move { rows::insert(tx, row).await }.boxed()).await;
        ids.push(inserted.unwrap());
    }
    std::fs::write(uploads.join("upload-1"), "one").unwrap();
    std::fs::write(uploads.join("upload-of-nobody"), "half").unwrap();
    for name in ["moved", "old", "new", "to", "stays", "goes"] {
        std::fs::write(files.join(name), name).unwrap();
    }
    drop(store);
    let robot = robot.crash_and_restart().await;
    let listed = robot.data("file/list", json!({})).await["files"].clone();
    let listed: Vec<(i64, &str)> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (file["fileId"].as_i64().unwrap(), file["fileName"].as_str().unwrap()))
        .collect();
    assert_eq!(listed, [(ids[1], "moved"), (ids[2], "new"), (ids[3], "to"), (ids[4], "stays")]);
    let mut there: Vec<_> =
        std::fs::read_dir(&files).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    there.sort();
    assert_eq!(there, ["moved", "new", "stays", "to"]);
    assert_eq!(std::fs::read_dir(&uploads).unwrap().count(), 0, "an upload that nobody was answered for is gone");
}

#[tokio::test]
async fn the_secret_is_shown_once_and_known_ever_after() {
    let robot = Alone::start().await;
    let mut robot = robot.crash_and_restart().await;
    assert!(robot.agent.made_secret().is_none(), "it is shown at the first start only");
    robot.sign_in().await;
    let key = robot.secret.rsplit('_').next().unwrap().to_owned();
    for entry in std::fs::read_dir(robot.folder.path().join("robot")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(key.len()).any(|window| window == key.as_bytes()), "{} holds it", path.display());
        }
    }
}
