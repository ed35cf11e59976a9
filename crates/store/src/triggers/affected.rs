//! Triggers that depend on other things: what goes away takes its triggers out of service in the same transaction.

use baigong_model::{
    Result,
    ids::{ProcessId, QueueId, RobotGroupId, RobotId, TriggerId},
};
use sea_orm::{DatabaseTransaction as Tx, Value};

use crate::sql;

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

const OF_ROBOT: &str = "SELECT t.id FROM robot_pool_member m JOIN task_trigger t ON t.robot_list_pool_id = m.pool_id
    WHERE m.robot_id = $1 AND t.assign_type = 2 AND t.deleted_at IS NULL";

/// The live triggers that name a robot.
pub async fn of_robot(tx: &Tx, robot: RobotId) -> Result<Vec<TriggerId>> {
    sql::column(tx, &format!("{OF_ROBOT} ORDER BY t.id"), vec![robot.into()]).await
}

/// Those of [`of_robot`] that name no other live robot.
pub async fn alone_with_robot(tx: &Tx, robot: RobotId) -> Result<Vec<TriggerId>> {
    let text = format!(
        "{OF_ROBOT} AND NOT EXISTS (SELECT 1 FROM robot_pool_member o JOIN robot r ON r.id = o.robot_id
            WHERE o.pool_id = t.robot_list_pool_id AND r.id <> $1 AND r.deleted_at IS NULL) ORDER BY t.id"
    );
    sql::column(tx, &text, vec![robot.into()]).await
}

/// The live triggers that wait for items of a queue.
pub async fn of_queue(tx: &Tx, queue: QueueId) -> Result<Vec<TriggerId>> {
    let text =
        "SELECT id FROM task_trigger WHERE queue_id = $1 AND trigger_type = 1 AND deleted_at IS NULL ORDER BY id";
    sql::column(tx, text, vec![queue.into()]).await
}

/// The live triggers that skip the days off of a calendar.
pub async fn using_calendar(tx: &Tx, calendar: i64) -> Result<Vec<TriggerId>> {
    let text =
        "SELECT id FROM task_trigger WHERE calendar_id = $1 AND uses_calendar AND deleted_at IS NULL ORDER BY id";
    sql::column(tx, text, vec![calendar.into()]).await
}

/// How many live triggers belong to any of the departments.
pub async fn live_in_departments(tx: &Tx, departments: &[i64]) -> Result<u64> {
    let mut live = 0;
    for departments in departments.chunks(1000) {
        let text = format!(
            "SELECT COUNT(*) FROM task_trigger WHERE deleted_at IS NULL AND department_id IN {}",
            sql::places(tx, 1, departments.len(), 0)
        );
        let values = departments.iter().map(|id| Value::from(*id)).collect();
        let counted: Vec<i64> = sql::column(tx, &text, values).await?;
        live += counted.first().map_or(0, |count| count.unsigned_abs());
    }
    Ok(live)
}

/// Takes triggers out of service.
pub async fn deactivate(tx: &Tx, triggers: &[TriggerId]) -> Result<()> {
    for triggers in triggers.chunks(1000) {
        let text = format!(
            "UPDATE task_trigger SET is_activated = FALSE, next_fire_at = NULL, version = version + 1 WHERE id IN {}",
            sql::places(tx, 1, triggers.len(), 0)
        );
        sql::run(tx, &text, triggers.iter().map(|id| Value::from(*id)).collect()).await?;
    }
    Ok(())
}
