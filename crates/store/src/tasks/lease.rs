//! Leases and time limits: what to renew, and what is overdue. Looking is separate from acting: whoever acts on an
//! overdue task goes through [`super::step`], which checks state and fence again.

use baigong_model::{Result, TaskState};
use sea_orm::{DatabaseTransaction as Tx, Value};

use crate::{
    sql,
    write::{Store, row_lock},
};

/// A task that something is due for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueTask {
    /// The task.
    pub id: i64,
    /// Its fence when it was found due: acting on a newer one would hit a healthy run.
    pub fence: i64,
    /// The robot that holds it.
    pub robot_id: Option<i64>,
    /// Whether it may be run again.
    pub retry_safe: bool,
    /// Its state.
    pub state: TaskState,
}

/// How many are looked at in one go.
const PAGE: usize = 500;

/// Lets the robots keep what they hold: `held` are tasks and fences. Answers those that were renewed, with their states.
pub async fn renew(tx: &Tx, held: &[(i64, i64)], lease_until: i64) -> Result<Vec<(i64, i64, String)>> {
    let mut renewed = Vec::with_capacity(held.len());
    for held in held.chunks(1000) {
        super::step::lock_in_order(tx, held.iter().map(|(id, _)| *id).collect()).await?;
        let mut values: Vec<Value> = vec![lease_until.into()];
        values.extend(held.iter().flat_map(|(id, fence)| [Value::from(*id), Value::from(*fence)]));
        let text = format!(
            "WITH v (id, fence) AS (VALUES {}) UPDATE task SET lease_until = $1 FROM v
             WHERE task.id = v.id AND task.fence = v.fence AND task.state IN ('assigned', 'running', 'paused', 'stopping')
             AND task.robot_id IS NOT NULL
             RETURNING task.id, task.fence, task.state",
            sql::places(tx, held.len(), 2, 1)
        );
        for row in sql::rows(tx, &text, values).await? {
            renewed.push((sql::get(&row, 0)?, sql::get(&row, 1)?, sql::get(&row, 2)?));
        }
    }
    Ok(renewed)
}

/// Held tasks whose lease has ended.
pub async fn overdue_leases(store: &Store, now: i64) -> Result<Vec<DueTask>> {
    due(store, &TaskState::HELD, "lease_until", now).await
}

/// Tasks that have waited too long. While a task is paused its time stands still.
pub async fn overdue_waits(store: &Store, now: i64) -> Result<Vec<DueTask>> {
    due(store, &[TaskState::Queued, TaskState::Assigned], "wait_until", now).await
}

/// Tasks that have run too long. While a task is paused its time stands still.
pub async fn overdue_runs(store: &Store, now: i64) -> Result<Vec<DueTask>> {
    due(store, &[TaskState::Running], "run_until", now).await
}

/// Tasks that were asked to stop, because they ran too long, before `before`, and whose robot has not said that they did.
pub async fn overdue_stops(store: &Store, before: i64) -> Result<Vec<DueTask>> {
    due(store, &[TaskState::Stopping], "run_until", before).await
}

/// A node that starts gives the robots time to come back: no lease ends before `lease_until`.
pub async fn extend(tx: &Tx, lease_until: i64) -> Result<u64> {
    let lock = row_lock(tx, " FOR UPDATE");
    let text = format!(
        "UPDATE task SET lease_until = $1 WHERE id IN (SELECT id FROM task
         WHERE state IN ('assigned', 'running', 'paused', 'stopping') AND lease_until < $1 ORDER BY id{lock})"
    );
    sql::run(tx, &text, vec![lease_until.into()]).await
}

/// One look at the index for each state, so that ended tasks are never read.
async fn due(store: &Store, states: &[TaskState], column: &str, now: i64) -> Result<Vec<DueTask>> {
    let mut found = Vec::new();
    for state in states {
        let text = format!(
            "SELECT id, fence, robot_id, retry_safe FROM task WHERE state = '{state}' AND {column} <= $1
             ORDER BY {column} LIMIT {PAGE}"
        );
        for row in sql::rows(store.reader(), &text, vec![now.into()]).await? {
            found.push(DueTask {
                id: sql::get(&row, 0)?,
                fence: sql::get(&row, 1)?,
                robot_id: sql::get(&row, 2)?,
                retry_safe: sql::get(&row, 3)?,
                state: *state,
            });
        }
    }
    Ok(found)
}
