//! What a robot that stands alone keeps and does not do twice, however it ends.

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
    let begun = async || {
        while robot.ledger().len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    begun().await;
    let robot = robot.crash_and_restart().await;
    for lost in [one, two] {
        let task = robot.until(lost, "lost").await;
        assert_eq!(task["taskStatus"], 1);
        assert_eq!(task["taskMessage"], "the robot stopped while the task ran");
    }
    robot.until(waits, "running").await;
    while robot.ledger().len() < 3 {
        tokio::task::yield_now().await;
    }
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
    while robot.ledger().is_empty() {
        tokio::task::yield_now().await;
    }
    let robot = robot.crash_and_restart().await;
    while robot.ledger().len() < 2 {
        tokio::task::yield_now().await;
    }
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

#[tokio::test]
async fn an_upload_that_was_cut_off_by_a_crash_is_undone_or_finished() {
    let robot = Alone::start().await;
    let fields = [("folderPath", "/a"), ("fileName", "one.txt")];
    let answer = robot.upload("file/create", Some(("file", b"one".to_vec())), &fields).await;
    let id = answer.data()["fileId"].as_str().unwrap().to_owned();
    let robot = robot.crash_and_restart().await;
    assert_eq!(robot.data("file/query", json!({ "fileId": id })).await["folderPath"], "/a");
    assert_eq!(std::fs::read_dir(robot.folder.path().join("robot/uploads")).unwrap().count(), 0);
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
