//! Triggers that stand on other things.

use baigong_model::{
    Result,
    ids::{DepartmentId, ProcessId, RobotGroupId, RobotId, TriggerId},
};
use sea_orm::{DatabaseTransaction as Tx, Value};

use crate::{
    scope::{self, Scope},
    sql,
    write::row_lock,
};

/// The live triggers of a process.
pub async fn of_process(tx: &Tx, process: ProcessId) -> Result<Vec<TriggerId>> {
    let text = "SELECT id FROM task_trigger WHERE process_id = $1 AND deleted_at IS NULL ORDER BY id";
    sql::column(tx, text, vec![process.into()]).await
}

/// The live triggers that run on a group: because they name it, or because their process does and they name none.
pub async fn of_group(tx: &Tx, group: RobotGroupId) -> Result<Vec<TriggerId>> {
    let text = "SELECT id FROM task_trigger WHERE deleted_at IS NULL AND assign_type <> 2 AND robot_group_id = $1
        UNION SELECT t.id FROM process p JOIN task_trigger t ON t.process_id = p.id
        WHERE p.robot_group_id = $1 AND t.robot_group_id IS NULL AND t.deleted_at IS NULL AND t.assign_type <> 2 ORDER BY id";
    sql::column(tx, text, vec![group.into()]).await
}

/// The live triggers that name a robot.
pub async fn of_robot(tx: &Tx, robot: RobotId) -> Result<Vec<TriggerId>> {
    let text = "SELECT t.id FROM robot_pool_member m JOIN task_trigger t ON t.robot_list_pool_id = m.pool_id
        WHERE m.robot_id = $1 AND t.assign_type = 2 AND t.deleted_at IS NULL ORDER BY t.id";
    sql::column(tx, text, vec![robot.into()]).await
}

/// The live triggers that skip the days off of a calendar.
pub async fn using_calendar(tx: &Tx, calendar: i64) -> Result<Vec<TriggerId>> {
    let text =
        "SELECT id FROM task_trigger WHERE calendar_id = $1 AND uses_calendar AND deleted_at IS NULL ORDER BY id";
    sql::column(tx, text, vec![calendar.into()]).await
}

/// Those of `triggers` that are live and that `scope` sees.
pub async fn visible(tx: &Tx, scope: &Scope, triggers: &[TriggerId]) -> Result<Vec<TriggerId>> {
    scope::visible(tx, scope, "task_trigger", triggers).await
}

/// A trigger that was put out of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resting {
    /// The trigger.
    pub id: TriggerId,
    /// Its department.
    pub department_id: DepartmentId,
    /// An instant that was due already and is not decided.
    pub due: Option<i64>,
}

/// Puts those of `triggers` out of service that are in it; answers them.
pub async fn rest(tx: &Tx, triggers: &[TriggerId], now: i64) -> Result<Vec<Resting>> {
    let lock = row_lock(tx, " FOR UPDATE");
    let mut resting = Vec::new();
    for triggers in triggers.chunks(1000) {
        let places = sql::places(tx, 1, triggers.len(), 0);
        let text = format!(
            "SELECT id, department_id, next_fire_at FROM task_trigger WHERE is_activated AND id IN {places} ORDER BY id{lock}"
        );
        let ids: Vec<Value> = triggers.iter().map(|id| Value::from(*id)).collect();
        for row in sql::rows(tx, &text, ids.clone()).await? {
            let next: Option<i64> = sql::get(&row, 2)?;
            let due = next.filter(|next| *next <= now);
            resting.push(Resting { id: sql::get(&row, 0)?, department_id: sql::get(&row, 1)?, due });
        }
        let text = format!(
            "UPDATE task_trigger SET is_activated = FALSE, version = version + 1, next_fire_at = NULL,
                decided_until = CASE WHEN next_fire_at <= $1 THEN next_fire_at ELSE decided_until END
             WHERE is_activated AND id IN {}",
            sql::places(tx, 1, triggers.len(), 1)
        );
        sql::run(tx, &text, std::iter::once(now.into()).chain(ids).collect()).await?;
    }
    Ok(resting)
}

/// Says that something these triggers stand on has changed: what the scheduler is working out for them is not written, it
/// looks at them anew.
pub async fn touch(tx: &Tx, triggers: &[TriggerId]) -> Result<()> {
    for triggers in triggers.chunks(1000) {
        let text = format!(
            "UPDATE task_trigger SET version = version + 1 WHERE id IN {}",
            sql::places(tx, 1, triggers.len(), 0)
        );
        sql::run(tx, &text, triggers.iter().map(|id| Value::from(*id)).collect()).await?;
    }
    Ok(())
}
