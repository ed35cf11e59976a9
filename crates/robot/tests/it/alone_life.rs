//! A whole life without any platform: packages, processes, tasks, logs.

use serde_json::json;

use crate::alone::{Alone, package};

const ENDS: &str = "echo run >> ledger_file; echo hello; echo trouble >&2; echo result > $BAIGONG_ARTIFACTS/out.txt; \
    echo \"{\\\"answer\\\": \\\"$BAIGONG_PARAM_QUESTION\\\"}\" > $BAIGONG_OUTPUT_FILE";
/// Says that it runs, and waits until the test lets it end.
pub(crate) const WAITS: &str = "echo run >> ledger_file; echo \"running $$\"; cat gate_file; echo done";

#[tokio::test]
async fn a_task_runs_with_its_parameters_and_leaves_its_log_and_results() {
    let robot = Alone::start().await;
    let process = robot.process("对账", package(&robot.here(ENDS))).await;
    assert!(process > 1_000_000_000, "none of a platform's processes may look the same");
    let body = json!({ "processId": process, "isRecord": false, "totalCount": 3, "priority": 0,
        "inParameters": [{ "name": "question", "value": "42" }] });
    let created = robot.call("task/create", body).await;
    assert_eq!((created.status, created.code()), (201, "00000"));
    let ids: Vec<i64> = created.data()["taskIds"].as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect();
    assert_eq!(ids.len(), 3);
    for id in &ids {
        let task = robot.until(*id, "succeeded").await;
        assert_eq!(task["outParameters"], json!([{ "name": "answer", "value": "42" }]));
        assert_eq!((&task["taskStatus"], &task["priority"]), (&json!(0), &json!(0)));
        assert_eq!((&task["startTime"], &task["processName"]), (&json!("2026-11-22 08:00:00"), &json!("对账")));
        assert_eq!(task["inParameters"], json!([{ "name": "question", "value": "42" }]));
        let artifact = robot.folder.path().join(format!("robot/artifacts/{id}/out.txt"));
        assert_eq!(std::fs::read_to_string(artifact).unwrap(), "result\n");
    }
    assert_eq!(robot.ledger(), ["run", "run", "run"]);
    let log =
        |level: Option<&'static str>| robot.data("task-log/query", json!({ "taskId": ids[0], "logLevel": level }));
    let lines = log(None).await["logs"].clone();
    assert!(lines.as_array().unwrap().iter().any(|line| line["message"] == "hello"), "{lines}");
    let warnings = log(Some("warn")).await["logs"].clone();
    assert_eq!(warnings, json!([{ "logTime": "2026-11-22 08:00:00", "logLevel": "warn", "message": "trouble" }]));
    let listed = robot.data("task/list", json!({ "processId": process, "pageSize": 2 })).await;
    assert_eq!((listed["total"].as_i64(), listed["tasks"].as_array().unwrap().len()), (Some(3), 2));
    assert_eq!(listed["tasks"][0]["taskId"], ids[2], "the newest comes first");
}

#[tokio::test]
async fn a_running_task_is_paused_resumed_and_cancelled_with_all_its_processes() {
    let robot = Alone::start().await;
    let process = robot.process("p", package(&robot.here(WAITS))).await;
    let task = robot.task(process).await;
    robot.until(task, "running").await;
    robot.data("task/pause", json!({ "taskId": task })).await;
    assert_eq!(robot.until(task, "paused").await["taskStatus"], 4);
    assert_eq!(robot.call("task/pause", json!({ "taskId": task })).await.code(), "10009");
    robot.data("task/resume", json!({ "taskId": task })).await;
    assert_eq!(robot.until(task, "running").await["taskStatus"], 2);
    robot.data("task/cancel", json!({ "taskId": task })).await;
    assert_eq!(robot.until(task, "cancelled").await["taskStatus"], 3);
    assert_eq!(robot.call("task/cancel", json!({ "taskId": task })).await.code(), "10101");
    assert_eq!(robot.call("task/resume", json!({ "taskId": task })).await.code(), "10101");
}

#[tokio::test]
async fn waiting_tasks_begin_by_priority_then_age_and_never_more_than_there_are_places() {
    let robot = Alone::start().await;
    let process = robot.process("p", package(&robot.here(WAITS))).await;
    // Both places are taken.
    let (one, two) = (robot.task(process).await, robot.task(process).await);
    robot.until(one, "running").await;
    robot.until(two, "running").await;
    robot.noted(2).await;
    let noted = robot.process("noted", package(&robot.here("echo $BAIGONG_TASK_ID >> ledger_file"))).await;
    let mut waiting = Vec::new();
    for priority in [2, 1, 0, 1] {
        let body = json!({ "processId": noted, "isRecord": false, "priority": priority });
        waiting.push(robot.data("task/create", body).await["taskIds"][0].as_i64().unwrap());
    }
    robot.data("task/pause", json!({ "taskId": waiting[3] })).await;
    assert_eq!(robot.call("task/resume", json!({ "taskId": waiting[2] })).await.code(), "10009");
    // One place stays taken, so that they begin one after the other.
    robot.data("task/cancel", json!({ "taskId": one })).await;
    for task in [waiting[2], waiting[1], waiting[0]] {
        robot.until(task, "succeeded").await;
    }
    let order: Vec<String> = [waiting[2], waiting[1], waiting[0]].iter().map(ToString::to_string).collect();
    assert_eq!(robot.ledger()[2..], order);
    robot.data("task/resume", json!({ "taskId": waiting[3] })).await;
    robot.until(waiting[3], "succeeded").await;
    robot.open_gate().await;
    robot.until(two, "succeeded").await;
}

#[tokio::test]
async fn a_stopped_robot_takes_no_task_until_it_is_started() {
    let robot = Alone::start().await;
    let process = robot.process("p", package(&robot.here(WAITS))).await;
    let (one, two) = (robot.task(process).await, robot.task(process).await);
    robot.until(one, "running").await;
    robot.until(two, "running").await;
    let waits = robot.task(process).await;
    robot.data("stop", json!({})).await;
    let refused = robot.call("task/create", json!({ "processId": process, "isRecord": false })).await;
    assert_eq!((refused.status, refused.code()), (409, "11001"), "{refused:?}");
    robot.data("task/cancel", json!({ "taskId": two })).await;
    robot.until(two, "cancelled").await;
    robot.open_gate().await;
    robot.until(one, "succeeded").await;
    let robot = robot.crash_and_restart().await;
    let info = robot.data("query", json!({})).await["robotInfo"].clone();
    assert_eq!((&info["isAcceptingTasks"], &info["robotStatus"]), (&json!(false), &json!(2)), "it is kept");
    assert_eq!(robot.data("task/query", json!({ "taskId": waits })).await["taskState"], "queued");
    robot.data("start", json!({})).await;
    robot.until(waits, "running").await;
    robot.data("task/cancel", json!({ "taskId": waits })).await;
    robot.until(waits, "cancelled").await;
}

#[tokio::test]
async fn time_ends_what_waits_too_long() {
    let robot = Alone::start().await;
    let process = robot.process("p", package(&robot.here(WAITS))).await;
    let (one, two) = (robot.task(process).await, robot.task(process).await);
    robot.until(one, "running").await;
    robot.until(two, "running").await;
    let body = json!({ "processId": process, "isRecord": false, "maxWaitingTime": 1 });
    let waits = robot.data("task/create", body).await["taskIds"][0].as_i64().unwrap();
    robot.clock.advance(61_000);
    // Whatever happens makes it look.
    robot.data("task/cancel", json!({ "taskId": two })).await;
    let expired = robot.until(waits, "wait-expired").await;
    assert_eq!((&expired["taskStatus"], &expired["maxWaitingTime"]), (&json!(1), &json!(1)));
    robot.data("task/cancel", json!({ "taskId": one })).await;
}

#[tokio::test]
async fn the_configuration_is_kept_and_used() {
    let robot = Alone::start().await;
    let info = robot.data("query", json!({})).await["robotInfo"].clone();
    assert_eq!(
        (&info["resolutionWidth"], &info["logLevel"], &info["robotStatus"]),
        (&json!(1920), &json!("info"), &json!(0))
    );
    let config = json!({ "robotConfig": { "machineName": "柜台-01", "machineUsername": "rpa", "machinePassword": "geheim",
        "desktopType": 1, "resolutionWidth": 1280, "resolutionHeight": 720, "resolutionDepth": 24,
        "isAutoUnlockEnabled": true, "logLevel": "warn" } });
    robot.data("config", config).await;
    let robot = robot.crash_and_restart().await;
    let info = robot.data("query", json!({})).await["robotInfo"].clone();
    for (field, value) in [
        ("machineName", json!("柜台-01")),
        ("machineUsername", json!("rpa")),
        ("machinePassword", json!("******")),
        ("desktopType", json!(1)),
        ("resolutionWidth", json!(1280)),
        ("resolutionHeight", json!(720)),
        ("resolutionDepth", json!(24)),
        ("isAutoUnlockEnabled", json!(true)),
        ("logLevel", json!("warn")),
    ] {
        assert_eq!(info[field], value, "{field}");
    }
    let machine = robot.data("machine/query", json!({ "resourceTypes": ["machineName", "memory"] })).await;
    assert_eq!(machine["resourceInfo"]["machineName"], "柜台-01");
    assert!(machine["resourceInfo"]["memory"].as_str().unwrap().contains("GiB"));
    assert_eq!(machine["resourceInfo"]["cpu"], "");
    let process = robot.process("p", package("echo fine; echo bad >&2")).await;
    let task = robot.task(process).await;
    robot.until(task, "succeeded").await;
    let log = robot.data("task-log/query", json!({ "taskId": task })).await["logs"].clone();
    assert_eq!(log.as_array().unwrap().len(), 1, "lines below the level are not kept: {log}");
    let database = std::fs::read(robot.folder.path().join("robot/robot.db")).unwrap();
    let wal = std::fs::read(robot.folder.path().join("robot/robot.db-wal")).unwrap_or_default();
    for bytes in [database, wal] {
        assert!(!bytes.windows(6).any(|window| window == b"geheim"), "the password is kept sealed only");
    }
}
