//! Queues by their names, as they were less than a second ago: every push and pop of some callers asks so.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError},
};

use baigong_model::{
    Permission, Result,
    ids::{QueueId, RobotId},
};
use baigong_store::{
    entity::{data_queue, queue_item},
    queues as rows, tasks,
};

use crate::{Caller, Platform, departments};

/// The live queue called `name` that the caller sees. Where several departments have one, that of the caller's own department
/// is meant.
pub async fn by_name(platform: &Platform, caller: &Caller, permission: Permission, name: &str) -> Result<QueueId> {
    caller.need(permission)?;
    let named = named(platform, name).await?;
    let seen = named.iter().filter(|row| caller.scope().sees(row.department_id, row.created_by));
    departments::nearest(platform, caller, ("data queue", name), seen.map(|row| (row.id, row.department_id))).await
}

/// The queue `id` as it was less than a second ago, for whoever works on its items.
pub async fn known(platform: &Platform, caller: &Caller, id: QueueId) -> Result<Arc<data_queue::Model>> {
    super::known::seen(platform, caller, Permission::QueueUse, id).await
}

/// The robots that hold items for their tasks, by the item's id.
pub async fn robots_of(platform: &Platform, items: &[&queue_item::Model]) -> Result<HashMap<i64, RobotId>> {
    let task_of = |item: &queue_item::Model| -> Option<i64> {
        let rest = item.holder.as_deref()?.strip_prefix("task ")?;
        rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
    };
    let tasks: HashMap<i64, i64> = items.iter().filter_map(|item| Some((item.id, task_of(item)?))).collect();
    let robots = tasks::robots(&platform.store, &tasks.values().copied().collect::<Vec<_>>()).await?;
    Ok(tasks.into_iter().filter_map(|(item, task)| Some((item, *robots.get(&task)?))).collect())
}

async fn named(platform: &Platform, name: &str) -> Result<Arc<[rows::Named]>> {
    let now = platform.now();
    let names = &platform.known_queues.1;
    if let Some((read_at, found)) = names.read().unwrap_or_else(PoisonError::into_inner).get(name)
        && (0..super::known::BELIEVED).contains(&(now - read_at))
    {
        return Ok(found.clone());
    }
    let found: Arc<[rows::Named]> = rows::named(&platform.store, name).await?.into();
    // A name that nobody has is not remembered: a queue that is made is found at once.
    if !found.is_empty() {
        let mut known = names.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= super::known::MOST_KNOWN {
            known.clear();
        }
        known.insert(name.to_owned(), (now, found.clone()));
    }
    Ok(found)
}
