//! What the scheduler asks: which triggers are due, who may decide them, and where they stand afterwards.

use std::collections::{HashMap, HashSet};

use baigong_model::{Result, TaskState, ids::TriggerId};
use sea_orm::{ConnectionTrait, DatabaseTransaction as Tx, FromQueryResult, Value};

use crate::{
    entity::task_trigger::{Entity, Model},
    error::translate,
    sql,
    write::{Store, row_lock},
};

/// A trigger that may have to fire, and what it stands on.
#[derive(Debug, Clone)]
pub struct Ready {
    /// The trigger.
    pub trigger: Model,
    /// Whether its department is deleted.
    pub department_is_deleted: bool,
    /// The pool of the group that it names.
    pub group_pool_id: Option<i64>,
    /// Whether the group that it names is deleted.
    pub group_is_deleted: bool,
    /// Whether the queue that it waits for is deleted.
    pub queue_is_deleted: bool,
}

async fn ready(store: &Store, which: &str, values: Vec<Value>) -> Result<Vec<Ready>> {
    let text = format!(
        "SELECT {}, d.deleted_at IS NOT NULL AS no_department, g.pool_id AS group_pool, g.deleted_at IS NOT NULL AS no_group,
            q.deleted_at IS NOT NULL AS no_queue
         FROM task_trigger JOIN department d ON d.id = task_trigger.department_id
         LEFT JOIN robot_group g ON g.id = task_trigger.robot_group_id
         LEFT JOIN data_queue q ON q.id = task_trigger.queue_id WHERE {which}",
        sql::columns::<Entity>()
    );
    let rows = sql::rows(store.reader(), &text, values).await?;
    let ready = rows.iter().map(|row| {
        Ok(Ready {
            trigger: Model::from_query_result(row, "").map_err(translate)?,
            department_is_deleted: row.try_get("", "no_department").map_err(translate)?,
            group_pool_id: row.try_get("", "group_pool").map_err(translate)?,
            group_is_deleted: row.try_get("", "no_group").map_err(translate)?,
            queue_is_deleted: row.try_get("", "no_queue").map_err(translate)?,
        })
    });
    ready.collect()
}

/// The triggers whose next instant has come, the oldest instants first.
pub async fn due(store: &Store, now: i64, most: usize) -> Result<Vec<Ready>> {
    let which =
        format!("task_trigger.next_fire_at <= $1 ORDER BY task_trigger.next_fire_at, task_trigger.id LIMIT {most}");
    ready(store, &which, vec![now.into()]).await
}

/// The trigger `id`, whether it is in service or not.
pub async fn ready_one(store: &Store, id: TriggerId) -> Result<Option<Ready>> {
    Ok(ready(store, "task_trigger.id = $1", vec![id.into()]).await?.pop())
}

/// The triggers in service that wait for items of a queue.
pub async fn watching(store: &Store) -> Result<Vec<Ready>> {
    let which = "task_trigger.trigger_type = 1 AND task_trigger.is_activated AND task_trigger.deleted_at IS NULL
        ORDER BY task_trigger.id";
    ready(store, which, vec![]).await
}

/// The triggers in service with a firing that waits for tasks which have ended since.
pub async fn released(store: &Store, most: usize) -> Result<Vec<Ready>> {
    let which = format!(
        "task_trigger.is_activated AND task_trigger.deleted_at IS NULL AND task_trigger.id IN (
            SELECT f.trigger_id FROM trigger_firing f WHERE f.outcome = 'queued' AND NOT EXISTS (
                SELECT 1 FROM task WHERE task.trigger_id = f.trigger_id AND task.state IN ({})))
         ORDER BY task_trigger.id LIMIT {most}",
        open_states()
    );
    ready(store, &which, vec![]).await
}

/// When the next trigger is due that is not due now.
pub async fn next_due(store: &Store, now: i64) -> Result<Option<i64>> {
    let text = "SELECT MIN(next_fire_at) FROM task_trigger WHERE next_fire_at > $1";
    let next: Vec<Option<i64>> = sql::column(store.reader(), text, vec![now.into()]).await?;
    Ok(next.into_iter().next().flatten())
}

/// Where a trigger stands, as nobody else can change it until the write ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locked {
    /// Which version of what it is.
    pub version: i64,
    /// The next instant that is not decided.
    pub next_fire_at: Option<i64>,
    /// The last instant that is decided.
    pub decided_until: Option<i64>,
    /// Whether its queue has been below the threshold since it last fired.
    pub is_armed: bool,
}

/// Locks those of `triggers` that are live, in service and not in another node's hands.
pub async fn locked(tx: &Tx, triggers: &[TriggerId]) -> Result<HashMap<TriggerId, Locked>> {
    let lock = row_lock(tx, " FOR NO KEY UPDATE SKIP LOCKED");
    let mut found = HashMap::with_capacity(triggers.len());
    for triggers in triggers.chunks(1000) {
        let text = format!(
            "SELECT id, version, next_fire_at, decided_until, is_armed FROM task_trigger
             WHERE id IN {} AND is_activated AND deleted_at IS NULL ORDER BY id{lock}",
            sql::places(tx, 1, triggers.len(), 0)
        );
        for row in sql::rows(tx, &text, ids(triggers)).await? {
            let mut next = sql::Cursor::over(&row);
            let id = next.get()?;
            let (version, next_fire_at) = (next.get()?, next.get()?);
            let standing = Locked { version, next_fire_at, decided_until: next.get()?, is_armed: next.get()? };
            found.insert(id, standing);
        }
    }
    Ok(found)
}

/// Those of `triggers` that made tasks which have not ended.
pub async fn with_open_tasks(on: &impl ConnectionTrait, triggers: &[TriggerId]) -> Result<HashSet<TriggerId>> {
    let mut open = HashSet::new();
    for triggers in triggers.chunks(1000) {
        let text = format!(
            "SELECT DISTINCT trigger_id FROM task WHERE trigger_id IN {} AND state IN ({})",
            sql::places(on, 1, triggers.len(), 0),
            open_states()
        );
        open.extend(sql::column::<i64>(on, &text, ids(triggers)).await?);
    }
    Ok(open)
}

/// Where a trigger stands after its instants were decided.
#[derive(Debug, Clone, Copy)]
pub struct Advance {
    /// The trigger.
    pub id: TriggerId,
    /// The next instant that is not decided.
    pub next_fire_at: Option<i64>,
    /// The last instant that is decided.
    pub decided_until: i64,
    /// Whether it may fire before its queue has been below the threshold.
    pub is_armed: bool,
}

/// Moves triggers, which [`locked`] holds, on.
pub async fn advance(tx: &Tx, steps: &[Advance]) -> Result<()> {
    for steps in steps.chunks(1000) {
        let values = steps.iter().flat_map(|step| -> [Value; 4] {
            [step.id.into(), step.next_fire_at.into(), step.decided_until.into(), step.is_armed.into()]
        });
        let text = format!(
            "WITH v (id, next_fire_at, decided_until, is_armed) AS (VALUES {}) UPDATE task_trigger
             SET next_fire_at = v.next_fire_at, decided_until = v.decided_until, is_armed = v.is_armed
             FROM v WHERE task_trigger.id = v.id",
            sql::places(tx, steps.len(), 4, 0)
        );
        sql::run(tx, &text, values.collect()).await?;
    }
    Ok(())
}

/// Arms triggers whose queues have fallen below their thresholds.
pub async fn arm(tx: &Tx, triggers: &[TriggerId]) -> Result<()> {
    for triggers in triggers.chunks(1000) {
        let text =
            format!("UPDATE task_trigger SET is_armed = TRUE WHERE id IN {}", sql::places(tx, 1, triggers.len(), 0));
        sql::run(tx, &text, ids(triggers)).await?;
    }
    Ok(())
}

fn ids(triggers: &[TriggerId]) -> Vec<Value> {
    triggers.iter().map(|id| Value::from(*id)).collect()
}

/// The states of tasks that have not ended, as SQL.
fn open_states() -> String {
    let open = TaskState::ALL.into_iter().filter(|state| !state.is_final());
    open.map(|state| format!("'{}'", state.as_str())).collect::<Vec<_>>().join(", ")
}
