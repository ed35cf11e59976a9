//! Three real platforms on one PostgreSQL, one of them killed every few seconds, and many triggers that fire every second
//! or two: each instant fires exactly once, none is missing, and each firing's task is there exactly once.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
    time::Duration,
};

use baigong_model::{Random, SeededRandom, SystemRandom};
use baigong_testkit::{TestClient, TestDatabase};
use serde_json::{Value, json};

use crate::{
    chaos,
    process::{Running, free_port, until},
};

/// Triggers of each kind.
const TRIGGERS: usize = 20;
/// How often a node is killed.
const KILLS: u64 = 6;
/// Instants that pass between two kills.
const BETWEEN: i64 = 3;
/// A node may take so long to be back on a slow machine; below the time after which an instant counts as missed.
const PATIENCE: Duration = Duration::from_secs(45);

struct Node {
    folder: tempfile::TempDir,
    port: u16,
    running: Running,
}

impl Node {
    /// A node with the key file of the first.
    fn start(key: Option<&Path>, database: &TestDatabase) -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        if let Some(key) = key {
            std::fs::create_dir(folder.path().join("platform")).unwrap();
            std::fs::copy(key, folder.path().join("platform/key.bin")).unwrap();
        }
        let running = Running::platform_on(folder.path(), port, Some(database.url()));
        Self { folder, port, running }
    }

    async fn client(&self) -> TestClient {
        chaos::signed_in(&format!("http://127.0.0.1:{}", self.port)).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_nodes_fire_each_instant_once_while_they_are_killed() {
    let mut seed = [0; 8];
    SystemRandom.fill(&mut seed);
    let seed = u64::from_le_bytes(seed);
    println!("seed {seed}");
    let random = SeededRandom::new(seed);
    let database = TestDatabase::postgres().unwrap();
    let first = Node::start(None, &database);
    let client = first.client().await;
    let key = first.folder.path().join("platform/key.bin");
    let mut nodes = vec![Node::start(Some(&key), &database), Node::start(Some(&key), &database), first];
    for node in &nodes {
        node.client().await;
    }
    let (process, _) = chaos::set_up(&client, Path::new("nowhere")).await;
    let triggers = make_triggers(&client, process).await;

    for kill in 1..=KILLS {
        let victim = usize::try_from(random.below(3)).unwrap();
        let (folder, port) = (nodes[victim].folder.path().to_owned(), nodes[victim].port);
        nodes[victim].running.kill();
        let survivor = nodes[(victim + 1) % 3].client().await;
        let enough = i64::try_from(kill).unwrap() * BETWEEN;
        until("the triggers go on firing", PATIENCE, async || {
            let every =
                survivor.data("trigger/firing/list", json!({"triggerId": triggers[0].0, "pageSize": 1})).await.ok()?;
            (every["total"].as_i64()? >= enough).then_some(())
        })
        .await;
        nodes[victim].running = Running::platform_on(&folder, port, Some(database.url()));
        nodes[victim].client().await;
    }
    let client = nodes[0].client().await;
    let mut made = HashSet::new();
    for (trigger, step) in &triggers {
        client.data("trigger/update", json!({"triggerId": trigger, "isActivated": false})).await.unwrap();
        check(&client, *trigger, *step, &mut made).await;
    }
    let tasks = all_tasks(&client).await;
    assert_eq!(tasks.len(), made.len(), "there are tasks that no firing made");
    assert!(made.iter().all(|task| tasks.contains(task)), "each firing's task is there");
    println!("{} firings of {} triggers, each once", made.len(), triggers.len());
}

/// The triggers and how many seconds lie between their instants.
async fn make_triggers(client: &TestClient, process: i64) -> Vec<(i64, i64)> {
    let departments = client.data("department/list", json!({})).await.unwrap();
    let department = departments["departments"][0]["depId"].clone();
    let mut made = Vec::new();
    for number in 0..TRIGGERS {
        for (cron, step) in [("* * * * * ?", 1), ("0/2 * * * * ?", 2)] {
            let trigger = json!({
                "triggerName": format!("{cron} {number}"), "depId": department, "processId": process, "assignType": 1,
                "isRecord": false, "cronExpression": cron, "isDefineCalendar": false, "timeZone": "Asia/Shanghai",
            });
            made.push((client.create("trigger/create", "triggerId", trigger).await.unwrap(), step));
        }
    }
    made
}

/// Every instant between the first and the last fired once, one task each. An instant that was due when the trigger was
/// stopped at the end may be left out, with a row that says so.
async fn check(client: &TestClient, trigger: i64, step: i64, made: &mut HashSet<i64>) {
    let list = client.data("trigger/firing/list", json!({"triggerId": trigger, "pageSize": 1000})).await.unwrap();
    let rows = list["firings"].as_array().unwrap();
    assert_eq!(list["total"].as_u64(), Some(rows.len() as u64));
    let mut instants = BTreeMap::new();
    for row in rows {
        let at = seconds(row["fireTime"].as_str().unwrap());
        assert!(instants.insert(at, row).is_none(), "{at} twice: {row}");
    }
    let last = instants.last_key_value().map(|(at, _)| *at).unwrap();
    let mut expected = *instants.first_key_value().unwrap().0;
    for (at, row) in instants {
        assert_eq!(at, expected, "an instant of trigger {trigger} is missing before {row}");
        expected += step;
        if row["outcome"] != "fired" {
            assert!(at == last && row["reason"] == "deactivated", "{row}");
            continue;
        }
        let tasks = row["taskIds"].as_array().unwrap();
        assert!(tasks.len() == 1 && made.insert(tasks[0].as_i64().unwrap()), "one task of its own: {row}");
    }
}

/// Seconds since the epoch of a time in the server's zone, which does not matter here.
fn seconds(text: &str) -> i64 {
    let time: jiff::civil::DateTime = text.replace(' ', "T").parse().unwrap();
    time.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_second()
}

async fn all_tasks(client: &TestClient) -> HashSet<i64> {
    let mut tasks = HashSet::new();
    for page in 1.. {
        let list = client.data("task/list", json!({"pageNum": page, "pageSize": 1000})).await.unwrap();
        let rows = list["tasks"].as_array().unwrap();
        tasks.extend(rows.iter().filter_map(|row: &Value| row["taskId"].as_i64()));
        if rows.len() < 1000 {
            break;
        }
    }
    tasks
}
