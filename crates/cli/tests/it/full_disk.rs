//! A full disk under the real platform: a clear error, reads go on, it recovers without a restart, and afterwards exactly
//! what was acknowledged is there.

use std::{collections::BTreeSet, time::Duration};

use baigong_testkit::TestClient;
use serde_json::json;

use crate::process::{PASSWORD, Running, free_port, until};

const PATIENCE: Duration = Duration::from_secs(60);

async fn signed_in(url: &str) -> TestClient {
    until("the platform is there", PATIENCE, async || TestClient::sign_in(url, "admin", PASSWORD).await.ok()).await
}

/// Makes queues one after the other; the names of those that were acknowledged, and how many were refused.
async fn make(client: &TestClient, names: impl Iterator<Item = String>) -> (BTreeSet<String>, usize) {
    let (mut made, mut refused) = (BTreeSet::new(), 0);
    for name in names {
        let remark = "x".repeat(900);
        let answer =
            client.call("data-queue/create", json!({"depId": 1, "queueName": name, "remark": remark})).await.unwrap();
        match answer.code() {
            "00000" => drop(made.insert(name)),
            "20001" => refused += 1,
            other => panic!("{other}: {}", answer.body),
        }
    }
    (made, refused)
}

async fn names(client: &TestClient) -> BTreeSet<String> {
    let list = client.data("data-queue/list", json!({"pageSize": 1000})).await.unwrap();
    let rows = list["queues"].as_array().unwrap().iter();
    rows.map(|row| row["queueName"].as_str().unwrap().to_owned()).collect()
}

async fn readiness(url: &str) -> (u16, String) {
    let answer = reqwest::get(format!("{url}/readyz")).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_what_is_acknowledged_is_there_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    let mut platform = Running::platform_that_may_be_limited(folder.path(), port);
    let client = signed_in(&url).await;
    let (before, none) = make(&client, (0..5).map(|n| format!("before {n}"))).await;
    assert_eq!((before.len(), none), (5, 0));
    let log = std::fs::metadata(folder.path().join("platform/baigong.db-wal")).expect("the write-ahead log is there");
    platform.limit_files(&(log.len() + 3000).to_string());
    let (during, refused) = make(&client, (0..20).map(|n| format!("during {n}"))).await;
    assert!(refused > 0, "the disk was full");
    let (status, ready) = readiness(&url).await;
    assert!(status == 503 && ready.contains("notReady"), "{status} {ready}");
    assert_eq!(names(&client).await, &before | &during, "reads go on and show what was acknowledged");
    platform.limit_files("unlimited");
    assert_eq!(readiness(&url).await.0, 200, "it is ready again by itself");
    let (after, none) = make(&client, (0..5).map(|n| format!("after {n}"))).await;
    assert_eq!((after.len(), none), (5, 0), "it recovers without a restart");
    platform.kill();
    let _again = Running::platform(folder.path(), port);
    let client = signed_in(&url).await;
    assert_eq!(names(&client).await, &(&before | &during) | &after, "what was acknowledged, and nothing else");
}
