//! Task logs. A batch of lines is one row, keyed by task, fence and the number of its first line: a batch that comes
//! again after a lost acknowledgement finds itself stored and changes nothing.

use std::sync::Arc;

use baigong_model::{LogLevel, Result};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{DatabaseTransaction as Tx, QueryResult};

use crate::{entity::task_log, sql, write::Store};

/// A batch of lines as its robot sent it.
pub type Batch = task_log::Model;

/// The bit of `level` in [`task_log::Model::levels`].
#[must_use]
pub fn bit(level: LogLevel) -> i32 {
    1 << level as i32
}

/// Stores batches; those that are stored already are left as they are.
pub fn append<'t>(tx: &'t Tx, batches: Arc<Vec<Batch>>) -> BoxFuture<'t, Result<Vec<Result<()>>>> {
    async move {
        let text = format!(
            "INSERT INTO task_log (task_id, fence, first_sequence, last_sequence, levels, lines) VALUES {} ON CONFLICT DO NOTHING",
            sql::places(tx, batches.len(), 6, 0)
        );
        let mut values = Vec::with_capacity(batches.len() * 6);
        for batch in batches.iter() {
            values.extend([
                batch.task_id.into(),
                batch.fence.into(),
                batch.first_sequence.into(),
                batch.last_sequence.into(),
                batch.levels.into(),
                batch.lines.as_str().into(),
            ]);
        }
        sql::run(tx, &text, values).await?;
        Ok(batches.iter().map(|_| Ok(())).collect())
    }
    .boxed()
}

/// The batches of a task in their order after the one named by `after` (fence and first sequence), those only that hold
/// a line of one of `levels` (bits).
pub async fn read(store: &Store, task_id: i64, levels: i32, after: (i64, i64), limit: u64) -> Result<Vec<Batch>> {
    let text = format!(
        "SELECT task_id, fence, first_sequence, last_sequence, levels, lines FROM task_log
         WHERE task_id = $1 AND (fence, first_sequence) > ($2, $3) AND (levels & $4) <> 0
         ORDER BY fence, first_sequence LIMIT {limit}"
    );
    let values = vec![task_id.into(), after.0.into(), after.1.into(), levels.into()];
    let rows = sql::rows(store.reader(), &text, values).await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &QueryResult) -> Result<Batch> {
    let mut next = sql::Cursor::over(row);
    Ok(Batch {
        task_id: next.get()?,
        fence: next.get()?,
        first_sequence: next.get()?,
        last_sequence: next.get()?,
        levels: next.get()?,
        lines: next.get()?,
    })
}
