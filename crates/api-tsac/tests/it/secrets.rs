//! A flow that gives its secrets away wherever it can, on a real robot: the platform must show none of it.

use std::{io::Write, time::Duration};

use baigong_testkit::{TestClient, TestRobot, TestServer, on_both};
use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

const PASSWORD: &str = "Zq7x-Kw9v&T3mB";
const KEY: &str = "9f86d081884c7d659a2f";

const FLOW: &str = r#"
flow: careless
parameters:
  in:
    fail: {type: text, required: true}
  out:
    token: {type: text}
    rows: {type: text}
steps:
  - {id: account, do: credential.get, with: {name: 柜台}, save: account}
  - {id: key, do: asset.get, with: {name: 密钥}, save: key}
  - {id: tell, do: log, with: {message: "signing in as ${account.username} with ${account.password}, key ${key}"}}
  - {id: long, do: log, with: {message: "${text}${account.password}"}}
  - id: print
    do: command.run
    with:
      command: [sh, -c, 'printf %s "$P" | base64; printf "u:%s" "$P" | base64; printf %s "$P" | od -An -tx1 | tr -d " \n"; echo; echo "$P" >&2; echo "in as $P" > "$BAIGONG_ARTIFACTS/login.txt"']
      environment: {P: "${account.password}"}
      log: true
  - {id: give, set: {token: "${account.password}", rows: "12"}}
  - {id: stop, when: 'fail == "yes"', fail: "no login with ${account.password}"}
"#;

fn package() -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let flow = FLOW.replace("${text}", &"x".repeat(16 * 1024 - 4));
    for (name, text) in [("baigong.yaml", "kind: flow\nname: careless\nversion: '1'\n"), ("main.flow.yaml", &flow)] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

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

/// The process of the careless flow on `robot`.
async fn process(admin: &TestClient, robot: &TestRobot, department: &Value) -> i64 {
    let texts = [("packageName", "careless"), ("packageVersion", "1"), ("depId", &*department.to_string())];
    let package = admin.upload("package/create", &texts, "package", package()).await.unwrap();
    let process =
        json!({ "processName": "careless", "depId": department, "robotGroupId": robot.group_id, "isRecord": false });
    let process = admin.create("process/create", "processId", process).await.unwrap();
    let credential = json!({
        "depId": department, "credentialName": "柜台", "credentialUsername": "trader", "credentialPassword": PASSWORD,
        "isGlobal": false, "robotIds": [robot.robot_id],
    });
    admin.data("credential/create", credential).await.unwrap();
    let asset = json!({ "depId": department, "assetName": "密钥", "assetValue": KEY, "dataType": 3, "isGlobal": true });
    admin.data("asset/create", asset).await.unwrap();
    let activate = json!({
        "processId": process, "packageId": package["packageId"], "inParameters": [{ "name": "fail", "value": "no" }],
    });
    admin.data("process/activate-package-version", activate).await.unwrap();
    process
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_flow_fetched_is_hidden_in_all_that_it_says() {
    on_both(async |database| {
        let server = TestServer::start(database).await.unwrap();
        let admin = server.admin().await.unwrap();
        let robot = TestRobot::start(&server, &admin, "careless").await.unwrap();
        robot.connected().await;
        let department = admin.data("department/list", json!({})).await.unwrap()["departments"][0]["depId"].clone();
        let process = process(&admin, &robot, &department).await;
        for (fail, state) in [("no", "succeeded"), ("yes", "failed")] {
            let parameters = json!([{ "name": "fail", "value": fail }]);
            let task = json!({ "processId": process, "priority": 0, "isRecord": false, "inParameters": parameters });
            let task = admin.data("task/create", task).await.unwrap()["taskIds"][0].as_i64().unwrap();
            let seen = tokio::time::timeout(Duration::from_secs(60), ended(&admin, task)).await.unwrap();
            let log = admin.data("task-log/query", json!({ "taskId": task })).await.unwrap().to_string();
            assert_eq!(seen["taskState"], state, "{seen} {log}");
            assert!(log.contains("signing in as trader with ******, key ******"), "{log}");
            let kept = admin.data("task-artifact/list", json!({ "taskId": task })).await.unwrap();
            let kept = reqwest::get(kept["artifacts"][0]["url"].as_str().unwrap()).await.unwrap().text().await.unwrap();
            assert_eq!(kept, "in as ******\n");
            assert!(log.contains("the artifact \\\"login.txt\\\" held a secret"), "{log}");
            if fail == "no" {
                let out = json!([{ "name": "token", "value": "******" }, { "name": "rows", "value": "12" }]);
                assert_eq!(seen["outParameters"], out);
                assert!(log.contains("out-parameter \\\"token\\\" held a secret"), "{log}");
            } else {
                assert!(log.contains("no login with ******"), "{log}");
            }
        }
        let hex: String = PASSWORD.bytes().map(|byte| format!("{byte:02x}")).collect();
        for row in baigong_testkit::dump::rows(&server.platform().store).await.unwrap() {
            for form in [PASSWORD, &PASSWORD[..6], KEY, &hex, "WnE3eC1Ldz", "cTd4LUt3OX"] {
                assert!(!row.contains(form), "{form}: {row}");
            }
        }
        robot.stop().await;
        server.stop().await;
    })
    .await;
}
