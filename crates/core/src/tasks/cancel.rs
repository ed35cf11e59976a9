//! Cancelling a task (T/TSAC 002-2025, 6.2.7.2).

use baigong_model::{Error, Permission, Result, TaskState, TaskStep};
use baigong_protocol::{TaskNotice, ToRobot};
use baigong_store::{
    entity::task,
    tasks::{self as rows, StepRequest},
};
use serde_json::json;

use crate::{Caller, Platform};

/// Why a robot is asked to stop a task.
const REASON: &str = "a person cancelled the task";

/// Cancels a task: at once while it waits, else its robot is asked to stop it and kills it if it does not.
pub async fn cancel(platform: &Platform, caller: &Caller, id: i64) -> Result<()> {
    caller.need(Permission::TaskControl)?;
    // Between the look and the write the task may move on; its state is then looked at again.
    for _ in 0..8 {
        let row = rows::find(&platform.store, caller.scope(), id).await?.ok_or_else(|| Error::not_found("task", id))?;
        match try_cancel(platform, caller, &row).await {
            Err(Error::Conflict(_) | Error::StaleFence { .. }) => {}
            other => return other,
        }
    }
    Err(Error::unavailable("the task changes too fast to be cancelled: try again"))
}

async fn try_cancel(platform: &Platform, caller: &Caller, row: &task::Model) -> Result<()> {
    let state: TaskState = row.state.parse().map_err(|()| Error::internal("unknown task state"))?;
    let step = match state {
        TaskState::Queued | TaskState::Assigned => TaskStep::Cancel,
        TaskState::Running | TaskState::Paused => TaskStep::RequestStop,
        TaskState::Cancelled => return Err(Error::AlreadyCancelled),
        // Asked already: ask the robot once more, in case it did not hear.
        TaskState::Stopping => {
            tell_robot(platform, row);
            return Ok(());
        }
        _ => return Err(Error::AlreadyEnded),
    };
    let now = platform.now();
    let request = StepRequest {
        task_id: row.id,
        step,
        fence: Some(row.fence),
        robot_id: None,
        seen: Some(state),
        lease_ended_by: None,
        message: Some(format!("cancelled by {}", caller.username)),
        out_parameters: None,
        lease_until: None,
        now,
        audit: Some(caller.audit(now, "cancel", "task", Some(row.id), Some(row.department_id), &json!({}))),
    };
    let answer = platform.hot.step.submit(request).await?;
    if let Some(robot) = answer.before.robot_id.filter(|_| state != TaskState::Queued) {
        tell_robot(platform, row);
        if answer.state.is_final() {
            platform.links.update(robot, |linked| linked.held.remove(&row.id));
            platform.dispatch.wake_robot(robot);
        }
    }
    Ok(())
}

fn tell_robot(platform: &Platform, row: &task::Model) {
    let notice = TaskNotice { task_id: row.id, fence: row.fence, reason: REASON.into() };
    if let Some(robot) = row.robot_id {
        // A robot that is not connected here hears of it when it says that it holds the task.
        platform.links.send(robot, ToRobot::Cancel(notice));
    }
}
