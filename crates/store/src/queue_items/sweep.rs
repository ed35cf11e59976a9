//! What time does to items: those whose holder is gone, whose time has come, or whose time has gone by.

use std::{collections::HashMap, sync::Arc};

use baigong_model::Result;
use sea_orm::{DatabaseTransaction as Tx, Value};

use super::{
    forward::{Onward, forward},
    secret::Vault,
};
use crate::{
    sql,
    write::{Store, row_lock},
};

/// Rows of one sweep: others write too.
const BATCH: u64 = 2000;

/// What an item goes to when its holder is gone: back into the queue, or to its end when its attempts are used up.
const RELEASE: &str = "UPDATE queue_item SET
    state = CASE WHEN attempts < (SELECT max_attempts FROM data_queue q WHERE q.id = queue_item.queue_id) THEN 'new' ELSE 'failed' END,
    ended_at = CASE WHEN attempts < (SELECT max_attempts FROM data_queue q WHERE q.id = queue_item.queue_id) THEN NULL ELSE $1 END,
    reason = $2, holder = NULL, lease_until = NULL";

/// Where several writers exist, the rows are locked in the order of their ids, as everywhere.
async fn release_where(tx: &Tx, which: &str, values: Vec<Value>, now: i64, vault: &Arc<dyn Vault>) -> Result<u64> {
    let lock = row_lock(tx, " FOR UPDATE");
    let text = format!(
        "{RELEASE} WHERE id IN (SELECT id FROM queue_item WHERE state = 'running' AND {which} ORDER BY id LIMIT {BATCH}{lock})
         RETURNING id, queue_id, state"
    );
    let rows = sql::rows(tx, &text, values).await?;
    let mut failed: Vec<(i64, i64)> = Vec::new();
    for row in &rows {
        if sql::get::<String>(row, 2)? == super::FAILED {
            failed.push((sql::get(row, 0)?, sql::get(row, 1)?));
        }
    }
    let targets = failure_queues(tx, &failed).await?;
    let onward: Vec<Onward> = failed.into_iter().filter_map(|(id, queue)| Some((id, *targets.get(&queue)?))).collect();
    forward(tx, &onward, now, vault).await?;
    Ok(rows.len() as u64)
}

/// Where the queues of `items` send what failed.
async fn failure_queues(tx: &Tx, items: &[(i64, i64)]) -> Result<HashMap<i64, i64>> {
    let mut queues: Vec<i64> = items.iter().map(|(_, queue)| *queue).collect();
    queues.sort_unstable();
    queues.dedup();
    if queues.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!(
        "SELECT id, failure_queue_id FROM data_queue WHERE failure_queue_id IS NOT NULL AND id IN {}",
        sql::places(tx, 1, queues.len(), 0)
    );
    let rows = sql::rows(tx, &text, queues.into_iter().map(Value::from).collect()).await?;
    rows.iter().map(|row| Ok((sql::get(row, 0)?, sql::get(row, 1)?))).collect()
}

const TOO_LATE: &str = "its holder did not finish it in time";

/// Who holds the items whose lease has ended, each once.
pub async fn overdue_holders(store: &Store, now: i64) -> Result<Vec<String>> {
    let text =
        "SELECT DISTINCT holder FROM queue_item WHERE state = 'running' AND lease_until <= $1 AND holder IS NOT NULL";
    sql::column(store.reader(), text, vec![now.into()]).await
}

/// Lets `holders` keep the items whose lease has ended until then.
pub async fn keep(tx: &Tx, holders: &[String], now: i64, until: i64) -> Result<u64> {
    let mut kept = 0;
    for holders in holders.chunks(1000) {
        let text = format!(
            "UPDATE queue_item SET lease_until = $2 WHERE state = 'running' AND lease_until <= $1 AND holder IN {}",
            sql::places(tx, 1, holders.len(), 2)
        );
        let mut values: Vec<Value> = vec![now.into(), until.into()];
        values.extend(holders.iter().map(|holder| Value::from(holder.as_str())));
        kept += sql::run(tx, &text, values).await?;
    }
    Ok(kept)
}

/// Releases items whose lease has ended, some at a time. Answers how many.
pub async fn release_overdue(tx: &Tx, now: i64, vault: &Arc<dyn Vault>) -> Result<u64> {
    release_where(tx, "lease_until <= $1", vec![now.into(), TOO_LATE.into()], now, vault).await
}

/// The same for one item.
pub async fn release_overdue_one(tx: &Tx, item: i64, now: i64, vault: &Arc<dyn Vault>) -> Result<u64> {
    let values = vec![now.into(), TOO_LATE.into(), item.into()];
    release_where(tx, "lease_until <= $1 AND id = $3", values, now, vault).await
}

/// The items whose lease has ended, as many as are released at once.
pub async fn overdue(store: &Store, now: i64) -> Result<Vec<i64>> {
    let text =
        format!("SELECT id FROM queue_item WHERE state = 'running' AND lease_until <= $1 ORDER BY id LIMIT {BATCH}");
    sql::column(store.reader(), &text, vec![now.into()]).await
}

/// Leaves an item whose lease has ended with its holder until then.
pub async fn put_off(tx: &Tx, item: i64, now: i64, until: i64) -> Result<()> {
    let text = "UPDATE queue_item SET lease_until = $3 WHERE id = $1 AND state = 'running' AND lease_until <= $2";
    sql::run(tx, text, vec![item.into(), now.into(), until.into()]).await.map(drop)
}

/// Releases the items that `holder` still has: its task has ended without finishing them.
pub async fn requeue_of_holder(tx: &Tx, holder: &str, now: i64, vault: &Arc<dyn Vault>) -> Result<u64> {
    let values = vec![now.into(), "its task ended without finishing it".into(), holder.into()];
    release_where(tx, "holder = $3", values, now, vault).await
}

/// Brings in the items whose time has come, some at a time. Answers how many.
pub async fn promote(tx: &Tx, now: i64) -> Result<u64> {
    let lock = row_lock(tx, " FOR UPDATE SKIP LOCKED");
    let text = format!(
        "UPDATE queue_item SET state = 'new' WHERE id IN (SELECT id FROM queue_item WHERE state = 'postponed'
         AND available_at <= $1 ORDER BY available_at LIMIT {BATCH}{lock})"
    );
    sql::run(tx, &text, vec![now.into()]).await
}

/// The same for one queue.
pub(super) async fn promote_in(tx: &Tx, queue: i64, now: i64) -> Result<u64> {
    let lock = row_lock(tx, " FOR UPDATE SKIP LOCKED");
    let text = format!(
        "UPDATE queue_item SET state = 'new' WHERE id IN (SELECT id FROM queue_item WHERE queue_id = $1
         AND state = 'postponed' AND available_at <= $2 ORDER BY priority, id LIMIT {BATCH}{lock})"
    );
    sql::run(tx, &text, vec![queue.into(), now.into()]).await
}

/// Marks the items that nobody took in time, some at a time. Answers how many.
pub async fn expire(tx: &Tx, now: i64) -> Result<u64> {
    let lock = row_lock(tx, " FOR UPDATE SKIP LOCKED");
    let text = format!(
        "UPDATE queue_item SET state = 'expired', ended_at = expires_at WHERE id IN (SELECT id FROM queue_item
         WHERE state IN ('new', 'postponed') AND expires_at IS NOT NULL AND expires_at <= $1
         ORDER BY expires_at LIMIT {BATCH}{lock})"
    );
    sql::run(tx, &text, vec![now.into()]).await
}
