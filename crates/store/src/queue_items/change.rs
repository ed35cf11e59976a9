//! What the owners of a queue do to its items by hand. All or none, never to an item that somebody holds.

use baigong_model::Result;
use sea_orm::{DatabaseTransaction as Tx, Value};

use super::{
    references,
    row::{COLUMNS, from_row},
    waiting_state,
};
use crate::{entity::queue_item, sql, write::row_lock};

/// The items `ids` of a queue, locked, oldest first; those that are not there are missing.
pub async fn for_change(tx: &Tx, queue_id: i64, ids: &[i64]) -> Result<Vec<queue_item::Model>> {
    let lock = row_lock(tx, " FOR UPDATE");
    let mut found = Vec::with_capacity(ids.len());
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    for ids in ids.chunks(1000) {
        let text = format!(
            "SELECT {} FROM queue_item WHERE id IN {} ORDER BY id{lock}",
            *COLUMNS,
            sql::places(tx, 1, ids.len(), 0)
        );
        let rows = sql::rows(tx, &text, ids.iter().map(|id| Value::from(*id)).collect()).await?;
        for row in &rows {
            found.push(from_row(row)?);
        }
    }
    found.retain(|row| row.queue_id == queue_id);
    Ok(found)
}

/// What an item is to be like.
#[derive(Debug, Clone)]
pub struct Change {
    /// 0 high, 1 middle, 2 low.
    pub priority: i32,
    /// Its data as it is stored: sealed where it is secret.
    pub payload: String,
    /// Unique in the queue.
    pub reference: Option<String>,
    /// Not before then.
    pub available_at: i64,
    /// Not after then.
    pub expires_at: Option<i64>,
}

/// Changes an item; one that waits does so for its new time.
pub async fn update(tx: &Tx, row: &queue_item::Model, change: Change, now: i64) -> Result<()> {
    if let Some(reference) = &change.reference {
        let taken = references::taken(tx, &[(row.queue_id, reference)]).await?;
        if let Some(other) = taken.into_values().find(|id| *id != row.id) {
            return Err(references::conflict(reference, other));
        }
    }
    let waits = matches!(row.state.as_str(), super::NEW | super::POSTPONED);
    let state = if waits { waiting_state(change.available_at, now) } else { row.state.as_str() };
    let text = "UPDATE queue_item SET state = $2, priority = $3, payload = $4, reference = $5, available_at = $6,
        expires_at = $7 WHERE id = $1";
    let values = vec![
        row.id.into(),
        state.into(),
        change.priority.into(),
        change.payload.into(),
        change.reference.into(),
        change.available_at.into(),
        change.expires_at.into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

/// Takes the items out; they stay as deleted ones.
pub async fn delete(tx: &Tx, ids: &[i64], now: i64) -> Result<u64> {
    let set = "state = 'deleted', ended_at = COALESCE(ended_at, $1)";
    set_all(tx, set, vec![now.into()], ids).await
}

/// Takes all items of a queue out that nobody holds; how many.
pub async fn clear(tx: &Tx, queue_id: i64, now: i64) -> Result<u64> {
    let text = "UPDATE queue_item SET state = 'deleted', ended_at = COALESCE(ended_at, $1)
        WHERE queue_id = $2 AND state NOT IN ('running', 'deleted')";
    sql::run(tx, text, vec![now.into(), queue_id.into()]).await
}

/// Puts items that have ended back to their beginning: to be taken from `available_at` on, without a deadline.
pub async fn requeue(tx: &Tx, ids: &[i64], available_at: i64, now: i64) -> Result<u64> {
    let set =
        "state = $1, available_at = $2, attempts = 0, expires_at = NULL, output = NULL, reason = NULL, ended_at = NULL";
    set_all(tx, set, vec![waiting_state(available_at, now).into(), available_at.into()], ids).await
}

async fn set_all(tx: &Tx, set: &str, values: Vec<Value>, ids: &[i64]) -> Result<u64> {
    let mut changed = 0;
    for ids in ids.chunks(1000) {
        let places = sql::places(tx, 1, ids.len(), values.len());
        let values = values.iter().cloned().chain(ids.iter().map(|id| Value::from(*id)));
        changed += sql::run(tx, &format!("UPDATE queue_item SET {set} WHERE id IN {places}"), values.collect()).await?;
    }
    Ok(changed)
}
