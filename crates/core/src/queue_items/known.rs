//! Queues as they were less than a second ago: every push, pop and finish asks for one.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use baigong_model::{Error, Permission, Result, ids::QueueId};
use baigong_store::{Scope, entity::data_queue, queues};

use crate::{Caller, Platform};

/// What was read, and when.
type Read<T> = (i64, Arc<T>);

/// The queues, by their ids and by their names.
#[derive(Default)]
pub struct KnownQueues(
    RwLock<HashMap<QueueId, Read<data_queue::Model>>>,
    pub(super) RwLock<HashMap<String, Read<[queues::Named]>>>,
);

/// How long a queue is believed to be as it was read, milliseconds.
pub(super) const BELIEVED: i64 = 1000;
/// More queues than are used in a second; beyond it all are read anew.
pub(super) const MOST_KNOWN: usize = 10_000;

impl KnownQueues {
    /// The queue was changed on this node.
    pub(crate) fn forget(&self, id: QueueId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
        self.1.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// The live queue `id`, if the caller sees it and may do this.
pub(super) async fn live(
    platform: &Platform,
    caller: &Caller,
    permission: Permission,
    id: QueueId,
) -> Result<Arc<data_queue::Model>> {
    let queue = seen(platform, caller, permission, id).await?;
    if queue.deleted_at.is_some() { Err(Error::not_found("data queue", id)) } else { Ok(queue) }
}

/// The same, deleted or not: what was taken from it may still be ended.
pub(super) async fn seen(
    platform: &Platform,
    caller: &Caller,
    permission: Permission,
    id: QueueId,
) -> Result<Arc<data_queue::Model>> {
    caller.need(permission)?;
    let queue = known(platform, id).await?.filter(|queue| caller.scope().sees(queue.department_id, queue.created_by));
    queue.ok_or_else(|| Error::not_found("data queue", id))
}

async fn known(platform: &Platform, id: QueueId) -> Result<Option<Arc<data_queue::Model>>> {
    let now = platform.now();
    let queues = &platform.known_queues.0;
    if let Some((read_at, queue)) = queues.read().unwrap_or_else(PoisonError::into_inner).get(&id)
        && (0..BELIEVED).contains(&(now - read_at))
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
