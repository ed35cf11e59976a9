//! Task logs. A batch of lines is one row, keyed by task, fence and the number of its first line: a batch that comes
//! again after a lost acknowledgement finds itself stored and changes nothing.

use std::sync::Arc;

use baigong_model::{LogLevel, Result};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{entity::task_log, error::translate, sql, write::Store};

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
            sql::places(batches.len(), 6, 0)
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

/// The batches of a task in their order, those only that hold a line of one of `levels` (bits).
pub async fn read(store: &Store, task_id: i64, levels: i32, after: (i64, i64), limit: u64) -> Result<Vec<Batch>> {
    let later = Condition::any().add(task_log::Column::Fence.gt(after.0)).add(
        Condition::all().add(task_log::Column::Fence.eq(after.0)).add(task_log::Column::FirstSequence.gt(after.1)),
    );
    let wanted = sea_orm::sea_query::Expr::cust_with_values("levels & $1 <> 0", [levels]);
    task_log::Entity::find()
        .filter(task_log::Column::TaskId.eq(task_id))
        .filter(later)
        .filter(wanted)
        .order_by_asc(task_log::Column::Fence)
        .order_by_asc(task_log::Column::FirstSequence)
        .limit(limit)
        .all(store.reader())
        .await
        .map_err(translate)
}
