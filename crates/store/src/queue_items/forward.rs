//! What ended in one queue goes on in the next: a new item with the same data, that knows where it came from. Written in the
//! transaction of the end, so that it is neither lost nor done twice.

use std::sync::Arc;

use baigong_model::{Error, Result};
use sea_orm::{DatabaseTransaction as Tx, Value};

use super::{push::Rows, references, secret::Vault};
use crate::{sql, write::next_ids};

/// An item, and the queue it goes on to.
pub(super) type Onward = (i64, i64);

/// A new item that another was forwarded to.
pub(super) struct Forwarded {
    pub(super) queue_id: i64,
    pub(super) priority: i32,
    pub(super) payload: String,
    pub(super) reference: Option<String>,
    pub(super) is_secret: bool,
    pub(super) origin_id: i64,
}

/// Puts a successor of each item into its queue. One whose reference is taken there goes without: work that is done must
/// not be lost because somebody was there before.
pub(super) async fn forward(tx: &Tx, onward: &[Onward], now: i64, vault: &Arc<dyn Vault>) -> Result<()> {
    if onward.is_empty() {
        return Ok(());
    }
    let mut rows = originals(tx, onward).await?;
    let wanted = rows.iter().filter_map(|row| Some((row.queue_id, row.reference.as_deref()?)));
    let mut taken = references::taken(tx, &wanted.collect::<Vec<_>>()).await?;
    let ids = next_ids(tx, "queue_item", rows.len()).await?;
    let mut values = Rows::with_capacity(rows.len());
    for (id, mut row) in ids.into_iter().zip(rows.drain(..)) {
        row.reference = row.reference.filter(|it| taken.insert((row.queue_id, it.clone()), id).is_none());
        if row.is_secret {
            row.payload = vault.seal(id, "payload", vault.open(row.origin_id, "payload", &row.payload)?.expose());
        }
        values.add_forwarded(id, row, now);
    }
    values.insert(tx).await
}

async fn originals(tx: &Tx, onward: &[Onward]) -> Result<Vec<Forwarded>> {
    let text = format!(
        "SELECT id, priority, payload, reference, is_secret FROM queue_item WHERE id IN {} ORDER BY id",
        sql::places(tx, 1, onward.len(), 0)
    );
    let rows = sql::rows(tx, &text, onward.iter().map(|(id, _)| Value::from(*id)).collect()).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut next = sql::Cursor::over(row);
        let origin_id = next.get()?;
        let to = onward.iter().find(|(id, _)| *id == origin_id);
        let queue_id = to.ok_or_else(|| Error::internal("an item that nobody asked for"))?.1;
        found.push(Forwarded {
            queue_id,
            origin_id,
            priority: next.get()?,
            payload: next.get()?,
            reference: next.get()?,
            is_secret: next.get()?,
        });
    }
    Ok(found)
}
