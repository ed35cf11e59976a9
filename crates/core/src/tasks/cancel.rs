//! Cancelling a task (T/TSAC 002-2025, 6.2.7.2).

use baigong_model::{Permission, Result, TaskState, TaskStep};
use baigong_protocol::{TaskNotice, ToRobot};

use super::control::{self, Wish};
use crate::{Caller, Platform};

/// Cancels a task: at once while no robot has started it, else its robot is asked to stop it and kills it if it does not.
pub async fn cancel(platform: &Platform, caller: &Caller, id: i64) -> Result<()> {
    caller.need(Permission::TaskControl)?;
    let (row, answer) = control::step(platform, caller, id, |row, state| {
        let step = match state {
            TaskState::Queued | TaskState::Assigned => TaskStep::Cancel,
            TaskState::Paused if row.robot_id.is_none() => TaskStep::Cancel,
            TaskState::Running | TaskState::Paused => TaskStep::RequestStop,
            // Asked already.
            TaskState::Stopping => return Ok(None),
            ended => return control::ended(ended).map_or(Ok(None), Err),
        };
        Ok(Some(Wish { step, action: "cancel", message: Some(format!("cancelled by {}", caller.username)) }))
    })
    .await?;
    if let (None, Some(robot)) = (answer, row.robot_id) {
        // Once more, in case the robot did not hear.
        let reason = control::TO_STOP.into();
        platform.links.send(robot, ToRobot::Cancel(TaskNotice { task_id: row.id, fence: row.fence, reason }));
    }
    Ok(())
}
