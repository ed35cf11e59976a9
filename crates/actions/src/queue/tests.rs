//! The queue actions as a flow uses them.

use baigong_flow::QueueOutcome;
use serde_json::json;

use crate::support::testing::Desk;

#[tokio::test]
async fn rows_become_items_with_references() {
    let desk = Desk::new();
    let rows = json!([{"code": "000001", "gap": "1.10", "_row": 7}, {"code": " 600000 ", "gap": "2"}]);
    let push =
        json!({"queue": "q", "rows": rows, "referenceColumn": "code", "referencePrefix": "run7-", "priority": 0});
    assert_eq!(desk.ok("queue.push", push).await, json!([1, 2]));
    let pushed = desk.memory.pushed.lock().unwrap().clone();
    assert_eq!(pushed[0].1.payload, json!({"code": "000001", "gap": "1.10"}));
    assert_eq!(pushed[1].1.reference.as_deref(), Some("run7-600000"));
    assert_eq!(pushed[1].1.priority, Some(0));
}

#[tokio::test]
async fn an_item_is_taken_and_finished() {
    let desk = Desk::new();
    assert_eq!(desk.ok("queue.pop", json!({"queue": "q"})).await, json!(null));
    desk.ok("queue.push", json!({"queue": "q", "items": [{"payload": 1, "reference": "r"}]})).await;
    let item = desk.ok("queue.pop", json!({"queue": "q"})).await;
    assert_eq!(item, json!({"itemId": 1, "fence": 9, "payload": 1, "reference": "r", "attempts": 0}));
    desk.ok("queue.finish", json!({"item": item, "outcome": "succeeded", "output": 2})).await;
    desk.fails("queue.finish", json!({"item": item, "outcome": "businessFailure"}), "invalidParameter").await;
    desk.ok("queue.finish", json!({"item": item, "outcome": "businessFailure", "reason": "no account"})).await;
    desk.ok("queue.finish", json!({"item": item, "outcome": "released", "availableAt": "2026-11-21"})).await;
    let finished = desk.memory.finished.lock().unwrap();
    assert!(
        matches!(&finished[2], (1, 9, QueueOutcome::Released { available_at: Some(1_795_190_400_000) })),
        "{finished:?}"
    );
    assert!(matches!(&finished[0], (1, 9, QueueOutcome::Succeeded { output: Some(output) }) if *output == 2));
    assert!(matches!(&finished[1], (1, 9, QueueOutcome::BusinessFailure { reason }) if reason == "no account"));
}

#[tokio::test]
async fn items_come_with_their_times_and_are_kept_secret() {
    let desk = Desk::new();
    let items = json!([{"payload": 1, "deadline": "2026-11-22"}, {"payload": 2}]);
    let push = json!({"queue": "q", "items": items, "availableAt": "2026-11-21", "deadline": "2026-11-21T12:00:00+08:00", "secret": true});
    desk.ok("queue.push", push).await;
    let pushed = desk.memory.pushed.lock().unwrap().clone();
    let times: Vec<_> = pushed.iter().map(|(_, item)| (item.available_at, item.deadline, item.secret)).collect();
    let day = 1_795_190_400_000;
    assert_eq!(times, [(Some(day), Some(day + 86_400_000), true), (Some(day), Some(day + 43_200_000), true)]);
    desk.fails("queue.push", json!({"queue": "q", "items": [], "deadline": "soon"}), "invalidData").await;
}

#[tokio::test]
async fn wrong_pushes_are_refused() {
    let desk = Desk::new();
    for (parameters, code) in [
        (json!({"queue": "q"}), "invalidParameter"),
        (json!({"queue": "q", "items": [], "rows": []}), "invalidParameter"),
        (json!({"queue": "q", "items": [{"payload": 1, "priority": 7}]}), "invalidParameter"),
        (json!({"queue": "q", "rows": [{"a": ""}], "referenceColumn": "a"}), "invalidData"),
        (json!({"queue": "q", "rows": [{"a": ""}], "referenceColumn": "b"}), "invalidData"),
    ] {
        desk.fails("queue.push", parameters, code).await;
    }
    assert_eq!(desk.ok("queue.push", json!({"queue": "q", "items": []})).await, json!([]));
    assert!(desk.memory.pushed.lock().unwrap().is_empty());
}
