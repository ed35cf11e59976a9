//! A task that really ran: its status, times, out-parameters, log and artifacts, as a client sees them.

use std::time::Duration;

use axum::{body::Body, http::Request};
use baigong_api_tsac::table;
use baigong_testkit::{TestClient, TestRobot, TestServer, on_both};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{live::check_values, server::zip_of};

const MANIFEST: &str = r#"
kind: command
name: reconciliation
version: "1"
command:
  - sh
  - -c
  - |
    echo "tolerance is $BAIGONG_PARAM_TOLERANCE"
    echo "done"
    printf '{"matched": "3"}' > "$BAIGONG_OUTPUT_FILE"
    printf '证券代码' > "$BAIGONG_ARTIFACTS/差异.txt"
parameters:
  in:
    - {name: tolerance, type: text}
  out:
    - {name: matched, type: text}
"#;

/// Asks until the task has ended.
async fn ended(client: &TestClient, task: i64) -> Value {
    let mut rhythm = tokio::time::interval(Duration::from_millis(20));
    loop {
        rhythm.tick().await;
        let seen = client.data("task/query", json!({ "taskId": task })).await.unwrap();
        if seen["stopTime"] != "" {
            return seen;
        }
    }
}

fn printed(path: &str) -> Value {
    crate::contract::rows().into_iter().find(|row| row["path"] == path).unwrap()["data"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_that_ran_shows_all_that_is_printed() {
    on_both(async |database| {
        let server = TestServer::start(database).await.unwrap();
        let admin = server.admin().await.unwrap();
        let robot = TestRobot::start(&server, &admin, "reconciler").await.unwrap();
        robot.connected().await;
        let root = admin.data("department/list", json!({})).await.unwrap()["departments"][0]["depId"].clone();
        let texts = [("packageName", "对账"), ("packageVersion", "1"), ("depId", &*root.to_string())];
        let package = admin.upload("package/create", &texts, "package", zip_of(MANIFEST)).await.unwrap();
        let process =
            json!({ "processName": "对账", "depId": root, "robotGroupId": robot.group_id, "isRecord": false });
        let process = admin.create("process/create", "processId", process).await.unwrap();
        let activate = json!({ "processId": process, "packageId": package["packageId"] });
        admin.data("process/activate-package-version", activate).await.unwrap();
        let parameters = json!([{ "name": "tolerance", "value": "0.05" }]);
        let task = json!({ "processId": process, "priority": 0, "isRecord": false, "inParameters": parameters });
        let task = admin.data("task/create", task).await.unwrap()["taskIds"][0].as_i64().unwrap();
        let seen = tokio::time::timeout(Duration::from_secs(60), ended(&admin, task)).await.unwrap();
        let log = admin.data("task-log/query", json!({ "taskId": task })).await.unwrap();
        assert_eq!((&seen["taskStatus"], &seen["taskState"]), (&json!("0"), &json!("succeeded")), "{seen} {log}");
        assert_eq!(seen["robotId"], robot.robot_id);
        assert_eq!(seen["inParameters"], parameters);
        assert_eq!(seen["outParameters"], json!([{ "name": "matched", "value": "3" }]));
        assert!(seen["startTime"].as_str() <= seen["stopTime"].as_str(), "{seen}");
        check_values("task/query", &seen, &printed("/api/platform/task/query"));
        let lines = log["logs"].as_array().unwrap();
        assert!(lines.iter().any(|line| line["message"] == "tolerance is 0.05"), "{log}");
        check_values("task-log/query", &log, &printed("/api/platform/task-log/query"));
        let errors = admin.data("task-log/query", json!({ "taskId": task, "logLevel": "error" })).await.unwrap();
        assert_eq!(errors["logs"], json!([]));
        let page = json!({ "taskId": task, "pageNum": 2, "pageSize": 1 });
        let page = admin.data("task-log/query", page).await.unwrap();
        assert_eq!(page["logs"].as_array().unwrap()[..], lines[1..2]);
        fetch_artifact(&server, &admin, task).await;
        robot.stop().await;
        server.stop().await;
    })
    .await;
}

async fn fetch_artifact(server: &TestServer, admin: &TestClient, task: i64) {
    let list = admin.data("task-artifact/list", json!({ "taskId": task })).await.unwrap();
    let artifact = &list["artifacts"][0];
    assert_eq!((&artifact["name"], &artifact["size"]), (&json!("差异.txt"), &json!(12)), "{list}");
    let url = artifact["url"].as_str().unwrap();
    let path = url.strip_prefix(&server.url()).unwrap_or_else(|| panic!("{url} does not begin with {}", server.url()));
    let get = Request::get(path).body(Body::empty()).unwrap();
    let response = table().router(server.platform()).oneshot(get).await.unwrap();
    let name = response.headers()["content-disposition"].to_str().unwrap().to_owned();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    assert_eq!((&body[..], &*name), ("证券代码".as_bytes(), "attachment; filename*=UTF-8''%E5%B7%AE%E5%BC%82.txt"));
}
