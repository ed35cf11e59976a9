//! The host without a platform: queues as files, assets from a file.

use std::sync::{Arc, Mutex};

use baigong_flow::{Host, NewQueueItem, QueueOutcome, StepEvent, StepState};
use baigong_model::LogLevel;
use serde_json::json;

use crate::runner::LocalHost;

fn host(folder: &std::path::Path) -> LocalHost {
    LocalHost::new(folder, None, |_, _| {}, |_| {}).unwrap()
}

fn item(payload: i64, reference: Option<&str>, priority: Option<i64>) -> NewQueueItem {
    NewQueueItem { payload: json!(payload), reference: reference.map(Into::into), priority, ..NewQueueItem::default() }
}

#[tokio::test]
async fn items_go_through_a_queue_by_priority_and_stay_in_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let first = host(folder.path());
    let pushed =
        first.queue_push("差异", vec![item(1, None, None), item(2, Some("r"), Some(0)), item(3, None, Some(2))]);
    assert_eq!(pushed.await.unwrap(), [1, 2, 3]);
    assert_eq!(first.queue_push("other", vec![item(9, None, None)]).await.unwrap(), [4], "ids are unique over queues");
    let conflict = first.queue_push("差异", vec![item(7, None, None), item(8, Some("r"), None)]).await.unwrap_err();
    assert_eq!(conflict.code, "conflict");
    let taken = first.queue_pop("差异").await.unwrap().unwrap();
    assert_eq!((taken.item_id, taken.payload.clone(), taken.attempts), (2, json!(2), 0));
    first.queue_finish(2, taken.fence, QueueOutcome::Succeeded { output: None }).await.unwrap();
    let again = first.queue_finish(2, taken.fence, QueueOutcome::Succeeded { output: None }).await.unwrap_err();
    assert_eq!(again.code, "notFound");
    assert_eq!(first.queue_pop("差异").await.unwrap().unwrap().item_id, 1);
    drop(first);

    let text = std::fs::read_to_string(folder.path().join("queues/差异.jsonl")).unwrap();
    assert_eq!(text.lines().count(), 3, "the conflicting push left nothing: {text}");
    let second = host(folder.path());
    assert_eq!(second.queue_pop("差异").await.unwrap().unwrap().item_id, 1, "held by a run that is over: given again");
    assert_eq!(second.queue_pop("差异").await.unwrap().unwrap().item_id, 3);
    assert!(second.queue_pop("差异").await.unwrap().is_none());
}

#[tokio::test]
async fn failures_are_retried_as_they_say() {
    let folder = tempfile::tempdir().unwrap();
    let host = host(folder.path());
    host.queue_push("q", vec![item(1, None, None)]).await.unwrap();
    for attempt in 0..3 {
        let taken = host.queue_pop("q").await.unwrap().unwrap();
        assert_eq!(taken.attempts, attempt);
        let outcome = QueueOutcome::ApplicationFailure { reason: "x".into() };
        host.queue_finish(taken.item_id, taken.fence, outcome).await.unwrap();
    }
    assert!(host.queue_pop("q").await.unwrap().is_none());
    host.queue_push("q", vec![item(2, None, None)]).await.unwrap();
    let taken = host.queue_pop("q").await.unwrap().unwrap();
    let outcome = QueueOutcome::BusinessFailure { reason: "x".into() };
    host.queue_finish(taken.item_id, taken.fence, outcome).await.unwrap();
    assert!(host.queue_pop("q").await.unwrap().is_none());
}

#[tokio::test]
async fn a_queue_can_be_written_by_hand_and_a_wrong_line_is_placed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("queues")).unwrap();
    std::fs::write(folder.path().join("queues/q.jsonl"), "{\"payload\": 1}\n\n{\"payload\": 2}\n").unwrap();
    std::fs::write(folder.path().join("queues/bad.jsonl"), "{\"payload\": 1}\noops\n").unwrap();
    let host = host(folder.path());
    assert_eq!(host.queue_pop("q").await.unwrap().unwrap().item_id, 1);
    assert_eq!(host.queue_push("q", vec![item(3, None, None)]).await.unwrap(), [3]);
    assert!(host.queue_pop("bad").await.unwrap_err().message.contains("bad.jsonl:2"));
    for name in ["", "../x", "a/b", " a", "."] {
        assert_eq!(host.queue_pop(name).await.unwrap_err().code, "invalid", "{name:?}");
    }
}

#[tokio::test]
async fn assets_come_from_a_file_and_lines_go_to_the_caller() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("assets.json");
    std::fs::write(&file, "{\"limit\": 5}").unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    let on_line = move |level: LogLevel, line: &str| hears.lock().unwrap().push((level, line.to_owned()));
    let host = LocalHost::new(folder.path(), Some(&file), on_line, |_| {}).unwrap();
    assert_eq!(host.asset("limit").await.unwrap(), json!(5));
    assert_eq!(host.asset("other").await.unwrap_err().code, "notFound");
    host.log(LogLevel::Warn, "hello");
    assert_eq!(*heard.lock().unwrap(), [(LogLevel::Warn, "hello".to_owned())]);
    std::fs::write(&file, "[]").unwrap();
    assert!(LocalHost::new(folder.path(), Some(&file), |_, _| {}, |_| {}).is_err());
}

#[tokio::test]
async fn a_password_is_hidden_in_steps_and_in_the_files_of_queues() {
    let folder = tempfile::tempdir().unwrap();
    let credentials = folder.path().join("credentials.json");
    std::fs::write(&credentials, r#"{"c": {"username": "trader", "password": "correct horse"}}"#).unwrap();
    let titles = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&titles);
    let on_step = move |event: &StepEvent| seen.lock().unwrap().push(format!("{} {}", event.path, event.title));
    let host = LocalHost::new(folder.path(), None, |_, _| {}, on_step).unwrap();
    let host = host.with_credentials(&credentials).unwrap();
    assert_eq!(host.credential("c").await.unwrap().username, "trader");
    host.step(StepEvent {
        step: "s".into(),
        path: "correct horse".into(),
        title: "say correct horse".into(),
        state: StepState::Started,
    });
    assert_eq!(*titles.lock().unwrap(), ["****** say ******"]);
    let given = NewQueueItem {
        payload: json!({"correct horse": ["correct horse"]}),
        reference: Some("correct horse".into()),
        ..NewQueueItem::default()
    };
    host.queue_push("q", vec![given]).await.unwrap();
    let taken = host.queue_pop("q").await.unwrap().unwrap();
    let outcome = QueueOutcome::BusinessFailure { reason: "not correct horse".into() };
    host.queue_finish(taken.item_id, taken.fence, outcome).await.unwrap();
    host.flush().unwrap();
    let text = std::fs::read_to_string(folder.path().join("queues/q.jsonl")).unwrap();
    assert!(text.contains("******") && !text.contains("correct horse"), "{text}");
}

#[tokio::test]
async fn a_flow_finishes_the_item_as_it_was_given() {
    let desk = super::desk::Desk::new(&[
        ("baigong.yaml", "kind: flow\nname: t\n"),
        (
            "main.flow.yaml",
            "flow: t\nsteps:\n  - {id: push, do: queue.push, with: {queue: q, items: [{payload: 1}]}}\n  \
             - {id: pop, do: queue.pop, with: {queue: q}, save: item}\n  \
             - {id: finish, do: queue.finish, with: {item: \"${item}\", outcome: succeeded}}\n",
        ),
    ]);
    let queues = Arc::new(host(desk.folder.path()));
    let mut request = desk.request(&[]);
    request.host = queues.clone();
    super::desk::succeeded(crate::runner::run(request).await);
    assert!(queues.queue_pop("q").await.unwrap().is_none(), "it is done");
}
