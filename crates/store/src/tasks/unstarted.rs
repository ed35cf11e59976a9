//! Tasks that have not been started and never will be, because what they need is being deleted.

use baigong_model::{Result, TaskState, ids::PoolId};
use sea_orm::DatabaseTransaction as Tx;

use super::query::{TASK_COLUMNS, from_row};
use crate::{entity::task::Model, sql, write::row_lock};

/// What the tasks need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// The process.
    Process(i64),
    /// Any of these pools.
    Pools(Vec<PoolId>),
}

/// At most `most` tasks that wait, paused or not, or are on their way to a robot, in the order of their ids, locked.
pub async fn unstarted(tx: &Tx, of: &Of, most: usize) -> Result<Vec<Model>> {
    let (column, wanted) = match of {
        Of::Process(id) => ("process_id", std::slice::from_ref(id)),
        Of::Pools(pools) => ("pool_id", pools.as_slice()),
    };
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let states = [TaskState::Queued, TaskState::Assigned, TaskState::Paused].map(TaskState::as_str);
    let text = format!(
        "SELECT {} FROM task WHERE (state IN ($1, $2) OR (state = $3 AND robot_id IS NULL)) AND {column} IN {} ORDER BY id LIMIT {most}{}",
        *TASK_COLUMNS,
        sql::places(tx, 1, wanted.len(), states.len()),
        row_lock(tx, " FOR UPDATE")
    );
    let values = states.into_iter().map(Into::into).chain(wanted.iter().map(|id| (*id).into()));
    sql::rows(tx, &text, values.collect()).await?.iter().map(from_row).collect()
}
