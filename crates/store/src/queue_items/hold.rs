//! What the holder of an item may do beside finishing it: keep it longer, or give it back.

use baigong_model::{Error, Result};
use sea_orm::{DatabaseTransaction as Tx, Value};

use super::waiting_state;
use crate::sql;

/// An item as its holder knows it.
#[derive(Debug, Clone)]
pub struct Held {
    /// The item.
    pub item_id: i64,
    /// The queue it must be in; none where the holder alone decides.
    pub queue_id: Option<i64>,
    /// Who took it.
    pub holder: String,
    /// The fence it was taken with.
    pub fence: i64,
}

const HELD: &str = "WHERE id = $1 AND (CAST($2 AS BIGINT) IS NULL OR queue_id = $2) AND holder = $3 AND fence = $4 AND state = 'running'";

impl Held {
    fn values(&self) -> Vec<Value> {
        vec![self.item_id.into(), self.queue_id.into(), self.holder.as_str().into(), self.fence.into()]
    }
}

/// Keeps the item until `lease_until`.
pub async fn renew(tx: &Tx, held: &Held, lease_until: i64) -> Result<()> {
    let mut values = held.values();
    values.push(lease_until.into());
    let changed = sql::run(tx, &format!("UPDATE queue_item SET lease_until = $5 {HELD}"), values).await?;
    if changed == 1 { Ok(()) } else { Err(not_held(tx, held).await?) }
}

/// Gives the item back, untried: it may be taken again from `available_at` on. Answers its state.
pub async fn release(tx: &Tx, held: &Held, available_at: i64, now: i64) -> Result<&'static str> {
    let state = waiting_state(available_at, now);
    let mut values = held.values();
    values.extend([state.into(), available_at.into()]);
    let text = format!(
        "UPDATE queue_item SET state = $5, available_at = $6, attempts = attempts - 1, holder = NULL, lease_until = NULL {HELD}"
    );
    if sql::run(tx, &text, values).await? == 1 { Ok(state) } else { Err(not_held(tx, held).await?) }
}

/// Why `held` is not, or no longer, held so.
async fn not_held(tx: &Tx, held: &Held) -> Result<Error> {
    let text = "SELECT state, fence FROM queue_item WHERE id = $1 AND (CAST($2 AS BIGINT) IS NULL OR queue_id = $2)";
    let rows = sql::rows(tx, text, vec![held.item_id.into(), held.queue_id.into()]).await?;
    let Some(row) = rows.first() else { return Ok(Error::not_found("queue item", held.item_id)) };
    let (state, fence): (String, i64) = (sql::get(row, 0)?, sql::get(row, 1)?);
    Ok(if state != super::RUNNING && fence == held.fence {
        Error::Conflict(format!("queue item {} is not held: it is {state}", held.item_id))
    } else {
        Error::StaleFence { given: held.fence, current: fence }
    })
}
