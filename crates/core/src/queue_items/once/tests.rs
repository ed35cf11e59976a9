//! What comes again among others is answered, and the others are done.

use std::collections::HashSet;

use futures_util::future::join_all;
use serde_json::json;

use super::*;
use crate::{
    queues::{self, NewQueue},
    testing::{World, on_both},
};

fn key(name: &str) -> Key<'_> {
    Key { key: name.as_bytes(), request: b"push", signed_at: 1000, keep_until: i64::MAX }
}

async fn push(world: &World, queue: QueueId, name: &str) -> Result<i64> {
    push_once(&world.platform, &world.norths, queue, ItemInput::of(json!({ "of": name })), key(name)).await
}

async fn pop(world: &World, queue: QueueId, name: &str) -> i64 {
    let key = Key { request: b"pop", ..key(name) };
    pop_once(&world.platform, &world.norths, queue, key).await.unwrap().unwrap().row.id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repetition_among_others_gets_the_first_answer_and_the_others_are_done_once() {
    on_both(async |world| {
        let new = NewQueue { department_id: world.north, name: "in".into(), ..NewQueue::default() };
        let queue = queues::create(&world.platform, &world.norths, new).await.unwrap();
        let first = push(world, queue, "0").await.unwrap();
        // Requests that are polled together wait together, so that they come into one batch.
        let names: Vec<String> = (0..20).map(|number| number.to_string()).collect();
        let ids = join_all(names.iter().map(|name| push(world, queue, name))).await;
        let ids: Vec<i64> = ids.into_iter().map(Result::unwrap).collect();
        assert_eq!(ids[0], first);
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 20, "{ids:?}");
        assert_eq!(queues::query(&world.platform, &world.norths, queue).await.unwrap().unconsumed, 20);
        let names: Vec<String> = names.iter().map(|name| format!("pop {name}")).collect();
        let first = pop(world, queue, &names[3]).await;
        let taken = join_all(names.iter().map(|name| pop(world, queue, name))).await;
        assert_eq!(taken[3], first);
        assert_eq!(taken.iter().collect::<HashSet<_>>(), ids.iter().collect::<HashSet<_>>());
        let other = Key { request: b"other", ..key("5") };
        let refused = push_once(&world.platform, &world.norths, queue, ItemInput::of(json!(1)), other).await;
        assert!(matches!(refused, Err(Error::Replayed)), "{refused:?}");
    })
    .await;
}
