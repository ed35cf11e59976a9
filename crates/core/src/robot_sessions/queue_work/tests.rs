//! Queues as a flow on a robot uses them.

use baigong_protocol::{CallAnswer, CallRequest, CallResult};
use baigong_store::robot_calls;
use futures_util::FutureExt;
use serde_json::json;

use super::*;
use crate::{
    queues::{self, NewQueue, QueueSettings},
    robot_sessions::{call, tests::Scene},
    tasks::NewTasks,
    testing::{World, on_both},
};

async fn queue(world: &World, name: &str, settings: QueueSettings) -> i64 {
    let new = NewQueue { department_id: world.north, name: name.into(), remark: None, settings };
    queues::create(&world.platform, &world.norths, new).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_from_an_item_is_there_when_it_has_ended_and_only_then() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        for name in ["first", "next"] {
            queue(world, name, QueueSettings::default()).await;
        }
        let task = scene.running(NewTasks::default()).await;
        let ask = async |call_id, request| {
            let asked = Call { call_id, task_id: task.task_id, fence: task.fence, request };
            call(&world.platform, scene.robot, asked).await.unwrap().answer
        };
        let popped =
            async |call_id, queue: &str| match ask(call_id, CallRequest::QueuePop { queue: queue.into() }).await {
                CallAnswer::Result(CallResult::QueuePopped { item }) => item,
                other => panic!("{other:?}"),
            };
        ask(1, CallRequest::QueuePush { queue: "first".into(), items: vec![NewQueueItem::default()] }).await;
        let taken = popped(2, "first").await.expect("an item");
        let forward = |item_fence| CallRequest::QueueForward {
            item_id: taken.item_id,
            item_fence,
            outcome: QueueOutcome::Succeeded { output: None },
            queue: "next".into(),
            items: ["a", "b"].map(|payload| NewQueueItem { payload: json!(payload), ..Default::default() }).to_vec(),
        };
        let refused = ask(3, forward(taken.fence + 1)).await;
        assert!(matches!(&refused, CallAnswer::Error(error) if error.code == "conflict"), "{refused:?}");
        assert_eq!(popped(4, "next").await, None, "nothing follows from an item that has not ended");
        for _ in 0..2 {
            let done = ask(5, forward(taken.fence)).await;
            assert_eq!(done, CallAnswer::Result(CallResult::QueueFinished), "a repetition gets the first answer");
        }
        let followed = [popped(6, "next").await, popped(7, "next").await].map(|item| item.expect("an item").payload);
        assert_eq!((followed, popped(8, "next").await), ([json!("a"), json!("b")], None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_item_is_forwarded_given_back_and_never_stored_in_the_open() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let next = queue(world, "next", QueueSettings::default()).await;
        queue(world, "first", QueueSettings { success_queue_id: Some(next), ..QueueSettings::default() }).await;
        let task = scene.running(NewTasks::default()).await;
        let ask = async |call_id, request| {
            let asked = Call { call_id, task_id: task.task_id, fence: task.fence, request };
            match call(&world.platform, scene.robot, asked).await.unwrap().answer {
                CallAnswer::Result(result) => result,
                CallAnswer::Error(error) => panic!("{error:?}"),
            }
        };
        let pop = async |call_id, queue: &str| match ask(call_id, CallRequest::QueuePop { queue: queue.into() }).await {
            CallResult::QueuePopped { item } => item.expect("an item"),
            other => panic!("{other:?}"),
        };
        let finish = async |call_id, item: &QueueItem, outcome| {
            let request = CallRequest::QueueFinish { item_id: item.item_id, item_fence: item.fence, outcome };
            assert_eq!(ask(call_id, request).await, CallResult::QueueFinished);
        };
        let item = NewQueueItem { payload: json!({"pin": "canary-1"}), secret: true, ..NewQueueItem::default() };
        ask(1, CallRequest::QueuePush { queue: "first".into(), items: vec![item] }).await;
        let taken = pop(2, "first").await;
        assert_eq!((&taken.payload, taken.secret), (&json!({"pin": "canary-1"}), true));
        assert_eq!(pop(2, "first").await, taken, "a repeated call gets the first answer");
        let stored = world
            .platform
            .store
            .write(move |tx| async move { robot_calls::find(tx, task.task_id, task.fence, 2).await }.boxed());
        let stored = stored.await.unwrap().unwrap();
        assert!(!stored.contains("canary"), "{stored}");
        finish(3, &taken, QueueOutcome::Released { available_at: None }).await;
        let again = pop(4, "first").await;
        assert_eq!((again.attempts, again.fence), (0, 2));
        finish(5, &again, QueueOutcome::Succeeded { output: Some(json!("canary-2")) }).await;
        let onward = pop(6, "next").await;
        assert_eq!(onward.payload, json!({"pin": "canary-1"}));
        assert_eq!(onward.origin.unwrap().output, Some(json!("canary-2")));
    })
    .await;
}
