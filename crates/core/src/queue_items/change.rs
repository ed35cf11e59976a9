//! What the owners of a queue do to its items: change, delete, begin anew. All or none, never what somebody holds, and every
//! time with a row in the audit that says nothing of the data.

use baigong_model::{
    Error, Permission, Priority, Result,
    ids::{QueueId, QueueItemId},
};
use baigong_store::{Tx, audits, entity::queue_item, queue_items as rows};
use futures_util::FutureExt;
use serde_json::{Value, json};

use super::{
    MOST_AT_ONCE,
    input::{in_order, payload_text, reference},
    known::live,
    vault,
};
use crate::{Caller, Platform};

/// What of an item is to be changed; the rest stays.
#[derive(Debug, Clone, Default)]
pub struct ItemChange {
    /// Its data.
    pub payload: Option<Value>,
    /// Its reference; "" takes it away.
    pub reference: Option<String>,
    /// 0 high, 1 middle, 2 low.
    pub priority: Option<i64>,
    /// Not before then.
    pub available_at: Option<i64>,
    /// Not after then; the inner none takes it away.
    pub deadline: Option<Option<i64>>,
}

/// Changes an item that nobody holds and that did not succeed.
pub async fn update(
    platform: &Platform,
    caller: &Caller,
    id: QueueId,
    item: QueueItemId,
    change: ItemChange,
) -> Result<()> {
    let queue = live(platform, caller, Permission::QueueWrite, id).await?;
    let payload = change.payload.as_ref().map(payload_text).transpose()?;
    let new_reference = match change.reference {
        Some(text) if text.is_empty() => Some(None),
        Some(text) => Some(Some(reference(text)?)),
        None => None,
    };
    let priority = change.priority.map(Priority::from_number).transpose()?;
    let (now, vault, caller, department) = (platform.now(), vault(platform), caller.clone(), queue.department_id);
    let done = platform.store.write(move |tx| {
        async move {
            let row = only(tx, id, item).await?;
            if matches!(row.state.as_str(), rows::RUNNING | rows::SUCCEEDED | rows::DELETED) {
                return Err(Error::conflict(format!("item {item} is {}: it cannot be changed", row.state)));
            }
            let change = rows::Change {
                priority: priority.map_or(row.priority, Priority::number),
                payload: match payload {
                    Some(text) if row.is_secret => vault.seal(item, "payload", &text),
                    Some(text) => text,
                    None => row.payload.clone(),
                },
                reference: new_reference.unwrap_or_else(|| row.reference.clone()),
                available_at: change.available_at.unwrap_or(row.available_at),
                expires_at: change.deadline.unwrap_or(row.expires_at),
            };
            in_order(change.available_at, change.expires_at, now)?;
            rows::update(tx, &row, change, now).await?;
            let audit =
                caller.audit(now, "update", "queue item", Some(item), Some(department), &json!({ "queue": id }));
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    done.await
}

/// Takes items out of a queue for good.
pub async fn delete(platform: &Platform, caller: &Caller, id: QueueId, items: Vec<QueueItemId>) -> Result<()> {
    let fits = |state: &str| !matches!(state, rows::RUNNING | rows::DELETED);
    with_all(platform, caller, id, items, ("delete", fits), |tx, ids, now| {
        async move { rows::delete(tx, &ids, now).await.map(drop) }.boxed()
    })
    .await
}

/// Puts items that have ended back to their beginning, to be taken from `available_at` on.
pub async fn requeue(
    platform: &Platform,
    caller: &Caller,
    id: QueueId,
    items: Vec<QueueItemId>,
    available_at: Option<i64>,
) -> Result<()> {
    let has_ended =
        |state: &str| matches!(state, rows::SUCCEEDED | rows::BUSINESS_FAILED | rows::FAILED | rows::EXPIRED);
    with_all(platform, caller, id, items, ("requeue", has_ended), move |tx, ids, now| {
        async move { rows::requeue(tx, &ids, available_at.unwrap_or(now), now).await.map(drop) }.boxed()
    })
    .await
}

/// Takes all items of a queue out that nobody holds.
pub async fn clear(platform: &Platform, caller: &Caller, id: QueueId) -> Result<()> {
    let queue = live(platform, caller, Permission::QueueWrite, id).await?;
    let (now, caller, department) = (platform.now(), caller.clone(), queue.department_id);
    let cleared = platform.store.write(move |tx| {
        async move {
            let count = rows::clear(tx, id, now).await?;
            let detail = json!({ "items": count });
            audits::insert_many(tx, &[caller.audit(now, "clear", "data queue", Some(id), Some(department), &detail)])
                .await
        }
        .boxed()
    });
    cleared.await
}

async fn with_all<F>(
    platform: &Platform,
    caller: &Caller,
    id: QueueId,
    items: Vec<QueueItemId>,
    (action, fits): (&'static str, impl Fn(&str) -> bool + Send + 'static),
    work: F,
) -> Result<()>
where
    F: for<'t> FnOnce(&'t Tx, Vec<i64>, i64) -> futures_util::future::BoxFuture<'t, Result<()>> + Send + 'static,
{
    let queue = live(platform, caller, Permission::QueueWrite, id).await?;
    if items.is_empty() || items.len() > MOST_AT_ONCE {
        return Err(Error::invalid("itemIds", format!("must name 1 to {MOST_AT_ONCE} items")));
    }
    let (now, caller, department) = (platform.now(), caller.clone(), queue.department_id);
    let done = platform.store.write(move |tx| {
        async move {
            let found = rows::for_change(tx, id, &items).await?;
            if let Some(missing) = items.iter().find(|item| !found.iter().any(|row| row.id == **item)) {
                return Err(Error::not_found("queue item", missing));
            }
            if let Some(row) = found.iter().find(|row| !fits(&row.state)) {
                return Err(Error::conflict(format!("item {} is {}: nothing was done", row.id, row.state)));
            }
            let ids: Vec<i64> = found.iter().map(|row| row.id).collect();
            let detail = json!({ "queue": id, "items": ids });
            work(tx, ids, now).await?;
            let audit = caller.audit(now, action, "queue item", None, Some(department), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    done.await
}

async fn only(tx: &Tx, queue: QueueId, item: QueueItemId) -> Result<queue_item::Model> {
    let found = rows::for_change(tx, queue, &[item]).await?;
    found.into_iter().next().ok_or_else(|| Error::not_found("queue item", item))
}
