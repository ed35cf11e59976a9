//! Kills the real processes at random under load and checks a ledger of effects: nothing acknowledged is lost, nothing
//! runs twice, nothing stays running.

mod history;
mod load;

use std::{collections::HashMap, path::Path, sync::Arc, time::Duration};

use baigong_model::{Random, SeededRandom, SystemRandom};
use baigong_testkit::TestClient;
use serde_json::{Value, json};

use crate::process::{PASSWORD, Running, baigong, free_port, until};
use history::History;

/// How often the platform is killed; every fifth time the robot is killed with it.
const KILLS: u64 = 50;
/// A process may take so long to be back on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn kills_at_random_lose_nothing_and_run_nothing_twice() {
    let mut seed = [0; 8];
    SystemRandom.fill(&mut seed);
    let seed = u64::from_le_bytes(seed);
    println!("seed {seed}");
    let random = SeededRandom::new(seed);
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    let mut platform = Running::platform(folder.path(), port);
    let client = signed_in(&url).await;
    let ledger = folder.path().join("ledger");
    let (process, secret) = set_up(&client, &ledger).await;
    let mut robot = Running::robot(folder.path(), port, &secret);

    let history = Arc::new(History::default());
    let load = load::start(&client, process, &history, &ledger);
    for kill in 1..=KILLS {
        let enough = history.answers() + 1 + random.below(12);
        until("the load goes on", PATIENCE, async || (history.answers() >= enough).then_some(())).await;
        platform.kill();
        if kill % 5 == 0 {
            robot.kill();
            robot = Running::robot(folder.path(), port, &secret);
        }
        platform = Running::platform(folder.path(), port);
        signed_in(&url).await;
    }
    load.stop().await;
    let tasks = all_ended(&client).await;
    history.check(&tasks, &starts(&ledger), KILLS / 5);
    drop((platform, robot));
    let data = folder.path().join("platform").display().to_string();
    let check = baigong(&["admin", "check", "--data", &data]).output().unwrap();
    assert!(check.status.success(), "the database is whole");
}

/// Waits until the platform is ready and signs in.
pub(crate) async fn signed_in(url: &str) -> TestClient {
    until("the platform is back", PATIENCE, async || TestClient::sign_in(url, "admin", PASSWORD).await.ok()).await
}

/// A robot and a process whose every run writes its task into the ledger, as an order entry would be seen outside.
pub(crate) async fn set_up(client: &TestClient, ledger: &Path) -> (i64, String) {
    let departments = client.data("department/list", json!({})).await.unwrap();
    let dep = departments["departments"][0]["depId"].clone();
    let machine = client.create("machine/create", "machineId", json!({"machineName": "m"})).await.unwrap();
    let robot = json!({"depId": dep, "robotName": "r", "robotType": 0, "machineId": machine, "machineName": "m", "machineUsername": "u"});
    let robot = client.data("robot/create", robot).await.unwrap();
    let group = json!({"depId": dep, "robotGroupName": "g"});
    let group = client.create("robot-group/create", "robotGroupId", group).await.unwrap();
    let member = json!({"robotGroupId": group, "robotIds": [robot["robotId"]]});
    client.data("robot-group/append", member).await.unwrap();
    let package = package();
    let texts = [("packageName", "ledger"), ("packageVersion", "1"), ("depId", &dep.to_string())];
    let package = client.upload("package/create", &texts, "package", package).await.unwrap()["packageId"].clone();
    let process = json!({"depId": dep, "processName": "p", "robotGroupId": group, "isRecord": false});
    let process = client.create("process/create", "processId", process).await.unwrap();
    let parameters = json!([{"name": "ledger", "value": ledger.display().to_string()}]);
    let activate = json!({"processId": process, "packageId": package, "inParameters": parameters});
    client.data("process/activate-package-version", activate).await.unwrap();
    (process, robot["robotSecret"].as_str().unwrap().to_owned())
}

/// The package: one line with the task's id, appended in one write.
fn package() -> Vec<u8> {
    let source = tempfile::tempdir().unwrap();
    let manifest =
        "kind: command\nname: ledger\ncommand: [sh, -c, 'echo \"$BAIGONG_TASK_ID\" >> \"$BAIGONG_PARAM_LEDGER\"']\n";
    std::fs::write(source.path().join("baigong.yaml"), manifest).unwrap();
    let packed = tempfile::tempdir().unwrap();
    let zip = packed.path().join("ledger.zip");
    baigong_package::pack(source.path(), &zip, &baigong_package::Limits::default()).unwrap();
    std::fs::read(zip).unwrap()
}

/// Every task with its state, once none of them is under way.
async fn all_ended(client: &TestClient) -> HashMap<i64, String> {
    until("every task ends", Duration::from_secs(120), async || {
        let mut tasks = HashMap::new();
        for page in 1.. {
            let list = client.data("task/list", json!({"pageNum": page, "pageSize": 1000})).await.ok()?;
            let rows = list["tasks"].as_array()?;
            tasks.extend(rows.iter().filter_map(|row| Some((row["taskId"].as_i64()?, state(row)?))));
            if rows.len() < 1000 {
                break;
            }
        }
        tasks.values().all(|state| ["succeeded", "failed", "lost"].contains(&state.as_str())).then_some(tasks)
    })
    .await
}

fn state(row: &Value) -> Option<String> {
    row["taskState"].as_str().map(str::to_owned)
}

/// How often each task was started.
fn starts(ledger: &Path) -> HashMap<i64, usize> {
    let mut starts = HashMap::new();
    for line in std::fs::read_to_string(ledger).expect("tasks ran").lines() {
        *starts.entry(line.parse().expect("a task's id")).or_default() += 1;
    }
    starts
}
