//! Work items as the libraries of others use them, on a real robot: from one data queue to another, with a file.

use std::{io::Write, time::Duration};

use baigong_testkit::{TestClient, TestRobot, TestServer, on_both};
use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

const MANIFEST: &str = "kind: command\nname: orders\nversion: '1'\ncommand: [python3, main.py]\n";

/// What the libraries do, with nothing but Python: an item without a file makes one with a file; an item with a file shows it.
const PROGRAM: &str = r#"
import json, os, urllib.request
E = os.environ
WORKSPACE = E["RC_WORKSPACE_ID"]
ITEMS = f"{E['RC_API_WORKITEM_HOST']}/json-v1/workspaces/{WORKSPACE}/workitems"
PROCESS = f"{E['RC_API_PROCESS_HOST']}/process-v1/workspaces/{WORKSPACE}/processes/{E['RC_PROCESS_ID']}"
RUN = f"{PROCESS}/runs/{E['RC_PROCESS_RUN_ID']}/robotRuns/{E['RC_ACTIVITY_RUN_ID']}"

def ask(method, url, body=None, form=None):
    headers = {"Authorization": "Bearer " + E["RC_API_WORKITEM_TOKEN"], "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    if form is not None:
        data, headers = form, {"Content-Type": "multipart/form-data; boundary=B"}
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return answer.read()

item = E["RC_WORKITEM_ID"]
while item:
    payload = json.loads(ask("GET", f"{ITEMS}/{item}/data"))
    files = json.loads(ask("GET", f"{ITEMS}/{item}/files"))
    for file in files:
        url = json.loads(ask("GET", f"{ITEMS}/{item}/files/{file['fileId']}"))["url"]
        with urllib.request.urlopen(url) as answer:
            print(payload["code"], file["fileName"], answer.read().decode())
    if not files:
        made = json.loads(ask("POST", f"{PROCESS}/work-items/{item}/output", {"payload": {"code": payload["code"]}}))["id"]
        url = json.loads(ask("POST", f"{ITEMS}/{made}/files", {"fileName": "估值.txt", "fileSize": 9}))["url"]
        part = "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nvalue of " + payload["code"] + "\r\n--B--\r\n"
        ask("POST", url, form=part.encode())
    ask("POST", f"{RUN}/release-work-item", {"workItemId": item, "state": "COMPLETED"})
    item = json.loads(ask("POST", f"{RUN}/reserve-next-work-item"))["workItemId"]
"#;

fn package() -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in [("baigong.yaml", MANIFEST), ("main.py", PROGRAM)] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Runs a task to its end; gives its log.
async fn run(client: &TestClient, process: i64, parameters: Value) -> String {
    let task = json!({ "processId": process, "priority": 0, "isRecord": false, "inParameters": parameters });
    let task = client.data("task/create", task).await.unwrap()["taskIds"][0].as_i64().unwrap();
    let ended = async {
        let mut rhythm = tokio::time::interval(Duration::from_millis(20));
        loop {
            rhythm.tick().await;
            let seen = client.data("task/query", json!({ "taskId": task })).await.unwrap();
            if seen["stopTime"] != "" {
                return seen;
            }
        }
    };
    let seen = tokio::time::timeout(Duration::from_secs(60), ended).await.unwrap();
    let log = client.data("task-log/query", json!({ "taskId": task })).await.unwrap().to_string();
    assert_eq!(seen["taskState"], "succeeded", "{seen} {log}");
    log
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn items_and_their_files_go_from_queue_to_queue() {
    on_both(async |database| {
        let server = TestServer::start(database).await.unwrap();
        let admin = server.admin().await.unwrap();
        let robot = TestRobot::start(&server, &admin, "booker").await.unwrap();
        robot.connected().await;
        let department = admin.data("department/list", json!({})).await.unwrap()["departments"][0]["depId"].clone();
        let texts = [("packageName", "orders"), ("packageVersion", "1"), ("depId", &*department.to_string())];
        let package = admin.upload("package/create", &texts, "package", package()).await.unwrap();
        let process =
            json!({ "processName": "orders", "depId": department, "robotGroupId": robot.group_id, "isRecord": false });
        let process = admin.create("process/create", "processId", process).await.unwrap();
        let activate = json!({ "processId": process, "packageId": package["packageId"] });
        admin.data("process/activate-package-version", activate).await.unwrap();
        let mut queues = Vec::new();
        for name in ["orders", "booked"] {
            let queue = json!({ "depId": department, "queueName": name });
            queues.push(admin.create("data-queue/create", "queueId", queue).await.unwrap());
        }
        for code in ["600000", "000001"] {
            let item = json!({ "queueId": queues[0], "payload": { "code": code } });
            admin.data("data-queue/item/push", item).await.unwrap();
        }
        let parameter = |name: &str, queue: &str| json!({ "name": name, "value": queue });
        let first = [parameter("workItemQueue", "orders"), parameter("workItemOutputQueue", "booked")];
        run(&admin, process, json!(first)).await;
        let log = run(&admin, process, json!([parameter("workItemQueue", "booked")])).await;
        for line in ["600000 估值.txt value of 600000", "000001 估值.txt value of 000001"] {
            assert!(log.contains(line), "\"{line}\" is not in {log}");
        }
        let log = run(&admin, process, json!([parameter("workItemQueue", "booked")])).await;
        assert!(log.contains("is empty: there is nothing to do"), "{log}");
        for queue in queues {
            let items = admin.data("data-queue/item/list", json!({ "queueId": queue })).await.unwrap();
            let states: Vec<_> = items["items"].as_array().unwrap().iter().map(|item| &item["state"]).collect();
            assert_eq!(states, ["succeeded"; 2], "{items}");
        }
        robot.stop().await;
        server.stop().await;
    })
    .await;
}
