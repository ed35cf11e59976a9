//! Triggers of the robot itself: each instant makes its task once, whatever happens to the agent.

use std::path::Path;

use serde_json::{Value, json};

use crate::alone::{Alone, package_of};

/// Notes the parameter `what` in the ledger.
const NOTES: &str = "echo \"$BAIGONG_PARAM_WHAT\" >> 'ledger_file'";
const WHAT: &str = "parameters: {in: [{name: what, type: text, default: nothing}]}\n";
const MINUTE: i64 = 60_000;

async fn noting(robot: &Alone) -> i64 {
    robot.process("notes", package_of(&robot.here(NOTES), WHAT)).await
}

async fn trigger(robot: &Alone, name: &str, process: i64, more: Value) -> i64 {
    let mut body = json!({ "triggerName": name, "processId": process });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    robot.data("trigger/create", body).await["triggerId"].as_i64().unwrap()
}

/// What came of a trigger's instants, the latest first.
async fn outcomes(robot: &Alone, trigger: i64) -> Vec<(String, usize)> {
    let list = robot.data("trigger/firing/list", json!({ "triggerId": trigger })).await;
    let rows = list["firings"].as_array().unwrap().iter();
    rows.map(|row| (row["outcome"].as_str().unwrap().to_owned(), row["taskIds"].as_array().unwrap().len())).collect()
}

fn fired() -> (String, usize) {
    ("fired".to_owned(), 1)
}

#[tokio::test]
async fn instants_that_passed_while_the_agent_was_down_fire_once() {
    let robot = Alone::start().await;
    let process = noting(&robot).await;
    let given = json!([{ "name": "what", "value": "timed" }]);
    let time = json!({ "triggerKind": "time", "cronExpression": "0 * * * * ?", "inParameters": given });
    let id = trigger(&robot, "each minute", process, time).await;
    robot.clock.advance(5 * MINUTE);
    let robot = robot.crash_and_restart().await;
    robot.noted(1).await;
    assert_eq!(robot.ledger(), ["timed"]);
    assert_eq!(outcomes(&robot, id).await, [fired()]);
    let robot = robot.crash_and_restart().await;
    assert_eq!(outcomes(&robot, id).await, [fired()], "the next minute has not come");
    robot.clock.advance(MINUTE);
    let robot = robot.crash_and_restart().await;
    robot.noted(2).await;
    assert_eq!(outcomes(&robot, id).await, [fired(), fired()]);

    robot.data("trigger/update", json!({ "triggerId": id, "isActivated": false })).await;
    robot.clock.advance(10 * MINUTE);
    let robot = robot.crash_and_restart().await;
    robot.data("trigger/update", json!({ "triggerId": id, "isActivated": true })).await;
    assert_eq!(outcomes(&robot, id).await.len(), 2, "what passed while it was off is not made up for");
    let listed = robot.data("trigger/list", json!({})).await;
    assert_eq!(listed["triggers"][0]["cronExpression"], "0 * * * * ?");
    assert_ne!(listed["triggers"][0]["nextFireTime"], "");
}

#[tokio::test]
async fn somebody_fires_a_trigger_by_hand_and_a_stopped_robot_skips() {
    let robot = Alone::start().await;
    let process = noting(&robot).await;
    let id = trigger(&robot, "by hand", process, json!({ "triggerKind": "hand" })).await;
    let given = json!([{ "name": "what", "value": "by hand" }]);
    let made = robot.data("trigger/fire", json!({ "triggerId": id, "inParameters": given })).await;
    robot.until(made["taskIds"][0].as_i64().unwrap(), "succeeded").await;
    assert_eq!(robot.ledger(), ["by hand"]);
    assert_eq!(outcomes(&robot, id).await, [fired()]);

    let time = json!({ "triggerKind": "time", "cronExpression": "0 * * * * ?" });
    let timed = trigger(&robot, "each minute", process, time).await;
    robot.data("stop", json!({})).await;
    assert_eq!(robot.call("trigger/fire", json!({ "triggerId": id })).await.code(), "11001");
    robot.clock.advance(2 * MINUTE);
    let robot = robot.crash_and_restart().await;
    let skipped = async {
        while outcomes(&robot, timed).await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), skipped).await.expect("the instant is decided");
    assert_eq!(outcomes(&robot, timed).await, [("skipped".to_owned(), 0)]);
    assert_eq!(robot.ledger().len(), 1);
}

#[tokio::test]
async fn each_file_that_arrives_fires_once_even_if_the_agent_dies() {
    let robot = Alone::start().await;
    let process = noting(&robot).await;
    let inbox = robot.folder.path().join("inbox");
    std::fs::create_dir(&inbox).unwrap();
    let put = |name: &str, text: &str| std::fs::write(inbox.join(name), text).unwrap();
    put("old.csv", "1");
    let arrival = json!({
        "triggerKind": "file", "folderPath": inbox, "filePattern": "*.csv", "settleSeconds": 1, "fileParameter": "what",
    });
    let id = trigger(&robot, "arrivals", process, arrival).await;
    let path = |name: &str| Path::new(&inbox).join(name).display().to_string();
    put("new.csv", "1");
    put("new.part", "1");
    robot.noted(1).await;
    assert_eq!(robot.ledger(), [path("new.csv")]);
    let robot = robot.crash_and_restart().await;
    put("later.csv", "1");
    robot.noted(2).await;
    assert_eq!(robot.ledger(), [path("new.csv"), path("later.csv")]);
    put("new.csv", "written anew");
    robot.noted(3).await;
    let told = outcomes(&robot, id).await;
    let count = |outcome: &str| told.iter().filter(|(it, _)| it == outcome).count();
    assert_eq!((count("fired"), count("known"), told.len()), (3, 1, 4), "{told:?}");
}

#[tokio::test]
async fn triggers_that_make_no_sense_are_refused_and_deleted_ones_are_silent() {
    let robot = Alone::start().await;
    let process = noting(&robot).await;
    for (more, field) in [
        (json!({}), "triggerKind"),
        (json!({ "triggerKind": "moon" }), "triggerKind"),
        (json!({ "triggerKind": "time" }), "cronExpression"),
        (json!({ "triggerKind": "time", "cronExpression": "x" }), "cronExpression"),
        (json!({ "triggerKind": "hotkey", "hotkey": "r" }), "hotkey"),
        (json!({ "triggerKind": "file", "folderPath": "inbox" }), "folderPath"),
    ] {
        let mut body = json!({ "triggerName": "wrong", "processId": process });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = robot.call("trigger/create", body).await;
        assert_eq!(answer.status, 400, "{more}: {answer:?}");
        assert!(answer.body["message"].as_str().unwrap().contains(field), "{more}: {answer:?}");
    }
    let unknown = json!({ "triggerName": "x", "processId": process + 99, "triggerKind": "hand" });
    assert_eq!(robot.call("trigger/create", unknown).await.status, 404);
    let id = trigger(&robot, "once", process, json!({ "triggerKind": "hand" })).await;
    let again = json!({ "triggerName": "once", "processId": process, "triggerKind": "hand" });
    assert_eq!(robot.call("trigger/create", again).await.code(), "10009");
    robot.data("trigger/delete", json!({ "triggerId": id })).await;
    assert_eq!(robot.call("trigger/fire", json!({ "triggerId": id })).await.status, 404);
    trigger(&robot, "once", process, json!({ "triggerKind": "hand" })).await;
}
