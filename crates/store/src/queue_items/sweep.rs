//! Items whose holder is gone.

use baigong_model::Result;
use sea_orm::DatabaseTransaction as Tx;

use crate::{sql, write::row_lock};

/// What an item goes to when its holder is gone: back into the queue, or to its end when its attempts are used up.
const RELEASE: &str = "UPDATE queue_item SET
    state = CASE WHEN attempts < (SELECT max_attempts FROM data_queue q WHERE q.id = queue_item.queue_id) THEN 'new' ELSE 'failed' END,
    ended_at = CASE WHEN attempts < (SELECT max_attempts FROM data_queue q WHERE q.id = queue_item.queue_id) THEN NULL ELSE $1 END,
    reason = $2, holder = NULL, lease_until = NULL";

/// Where several writers exist, the rows are locked in the order of their ids, as everywhere.
fn release(tx: &Tx, which: &str) -> String {
    let lock = row_lock(tx, " FOR UPDATE");
    format!("{RELEASE} WHERE id IN (SELECT id FROM queue_item WHERE state = 'running' AND {which} ORDER BY id{lock})")
}

/// Releases items whose lease has ended. Answers how many.
pub async fn release_overdue(tx: &Tx, now: i64) -> Result<u64> {
    let text = release(tx, "lease_until <= $1");
    sql::run(tx, &text, vec![now.into(), "its holder did not finish it in time".into()]).await
}

/// Releases the items that `holder` still has: its task has ended without finishing them.
pub async fn requeue_of_holder(tx: &Tx, holder: &str, now: i64) -> Result<u64> {
    let text = release(tx, "holder = $3");
    sql::run(tx, &text, vec![now.into(), "its task ended without finishing it".into(), holder.into()]).await
}
