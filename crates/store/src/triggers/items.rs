//! Whether enough items wait in the queue that a trigger watches.

use baigong_model::{Result, ids::QueueId};

use crate::{sql, write::Store};

/// How many items of the queue may be taken now, counted up to `most`.
pub async fn items_ready(store: &Store, queue: QueueId, now: i64, most: i64) -> Result<i64> {
    let text = format!(
        "SELECT COUNT(*) FROM (SELECT 1 FROM queue_item WHERE queue_id = $1 AND state = 'new' AND available_at <= $2
            AND (expires_at IS NULL OR expires_at > $2) LIMIT {most}) AS waiting"
    );
    let counted: Vec<i64> = sql::column(store.reader(), &text, vec![queue.into(), now.into()]).await?;
    Ok(counted.into_iter().next().unwrap_or(0))
}
