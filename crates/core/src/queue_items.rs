//! Items of data queues (T/TSAC 002-2025, 5.5): push, pop and finish for people and programs. Tasks use the same rows
//! through `robot_sessions::call`.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use baigong_model::{
    Error, Permission, Priority, Result,
    ids::{QueueId, QueueItemId},
};
use baigong_store::{Scope, entity, queue_items as rows, queues};
use serde_json::Value;

use crate::{Caller, Platform};

/// The largest payload, as JSON text.
const MAX_PAYLOAD: usize = 256 * 1024;
/// The longest reference.
const MAX_REFERENCE: usize = 256;

/// An item, checked: `reference` is unique in its queue, `priority` 0..=2 (1 unless said).
pub fn checked(payload: &Value, reference: Option<String>, priority: Option<i64>, now: i64) -> Result<rows::NewItem> {
    let payload = serde_json::to_string(payload).map_err(Error::internal)?;
    if payload.len() > MAX_PAYLOAD {
        return Err(Error::invalid(
            "payload",
            format!("is {} bytes; at most {MAX_PAYLOAD} are allowed", payload.len()),
        ));
    }
    if reference
        .as_ref()
        .is_some_and(|reference| reference.is_empty() || reference.len() > MAX_REFERENCE || reference.contains('\0'))
    {
        return Err(Error::invalid("reference", format!("must have 1 to {MAX_REFERENCE} bytes and no NUL")));
    }
    let priority = Priority::from_number(priority.unwrap_or(1))?.number();
    Ok(rows::NewItem { payload, reference, priority, available_at: now, expires_at: None })
}

/// Puts `items` into queue `id`, all or none; they are durable when this answers.
pub async fn push(
    platform: &Platform,
    caller: &Caller,
    id: QueueId,
    items: Vec<rows::NewItem>,
) -> Result<Vec<QueueItemId>> {
    live(platform, caller, id).await?;
    if items.is_empty() || items.len() > 10_000 {
        return Err(Error::invalid("items", "between 1 and 10000 can be pushed at once"));
    }
    platform.hot.push.submit(rows::Push { queue_id: id, items, now: platform.now() }).await
}

/// Takes the next item of queue `id` for the caller, for the time of the queue's lease.
pub async fn pop(platform: &Platform, caller: &Caller, id: QueueId) -> Result<Option<entity::queue_item::Model>> {
    let queue = live(platform, caller, id).await?;
    let now = platform.now();
    let lease_until = now + queue.lease_seconds * 1000;
    platform.hot.pop.submit(rows::Pop { queue_id: id, holder: holder_of(caller), lease_until, now }).await
}

/// Ends the work on an item that the caller took from queue `id`; answers the state it went to.
pub async fn finish(
    platform: &Platform,
    caller: &Caller,
    id: QueueId,
    item: QueueItemId,
    fence: i64,
    outcome: rows::Outcome,
) -> Result<&'static str> {
    live(platform, caller, id).await?;
    platform
        .hot
        .finish
        .submit(rows::Finish {
            item_id: item,
            queue_id: Some(id),
            holder: holder_of(caller),
            fence,
            outcome,
            now: platform.now(),
        })
        .await
}

/// How a caller is written as the holder of an item: by id, because a name can be anything.
fn holder_of(caller: &Caller) -> Arc<str> {
    format!("user {}", caller.id()).into()
}

/// Queues as they were less than a second ago: every push, pop and finish asks for one.
#[derive(Default)]
pub struct KnownQueues(RwLock<HashMap<QueueId, (i64, Arc<entity::data_queue::Model>)>>);

/// How long a queue is believed to be as it was read, milliseconds.
const BELIEVED: i64 = 1000;
/// More queues than are used in a second; beyond it all are read anew.
const MOST_KNOWN: usize = 10_000;

async fn live(platform: &Platform, caller: &Caller, id: QueueId) -> Result<Arc<entity::data_queue::Model>> {
    caller.need(Permission::QueueUse)?;
    let queue = known(platform, id).await?.filter(|queue| caller.scope().sees(queue.department_id, queue.created_by));
    queue.filter(|queue| queue.deleted_at.is_none()).ok_or_else(|| Error::not_found("data queue", id))
}

async fn known(platform: &Platform, id: QueueId) -> Result<Option<Arc<entity::data_queue::Model>>> {
    let now = platform.now();
    let queues = &platform.known_queues.0;
    if let Some((read_at, queue)) = queues.read().unwrap_or_else(PoisonError::into_inner).get(&id)
        && now - read_at < BELIEVED
    {
        return Ok(Some(queue.clone()));
    }
    let Some(queue) = queues::find(&platform.store, &Scope::All, id).await?.map(Arc::new) else { return Ok(None) };
    let mut known = queues.write().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= MOST_KNOWN {
        known.clear();
    }
    known.insert(id, (now, queue.clone()));
    Ok(Some(queue))
}
