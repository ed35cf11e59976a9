//! Pausing a task and letting it go on (T/TSAC 002-2025, 6.2.7.3 and 6.2.7.4). A task that waits is held back from the robots;
//! the processes of one that runs are stopped where they are. Time in which a task is paused counts neither as waiting nor
//! as running ([decision 16](../../../../docs/decisions/0016-pauses-stop-the-clock.md)).

use baigong_model::{Error, Permission, Result, TaskState, TaskStep};
use baigong_store::tasks as rows;

use super::control::{self, Wish};
use crate::{Caller, Platform, robots};

/// Pauses a task that waits or runs.
pub async fn pause(platform: &Platform, caller: &Caller, id: i64) -> Result<()> {
    caller.need(Permission::TaskControl)?;
    let choose = |_: &_, state| match state {
        TaskState::Queued | TaskState::Assigned | TaskState::Running => {
            Ok(Some(Wish { step: TaskStep::Pause, action: "pause", message: None }))
        }
        TaskState::Paused => Err(Error::conflict("the task is paused already")),
        state => Err(control::ended(state).unwrap_or_else(|| wrong(state))),
    };
    control::step(platform, caller, id, choose).await.map(drop)
}

/// Lets a paused task go on: it waits for a robot again, or its processes go on where they were stopped.
pub async fn resume(platform: &Platform, caller: &Caller, id: i64) -> Result<()> {
    caller.need(Permission::TaskControl)?;
    let row = rows::find(&platform.store, caller.scope(), id).await?.ok_or_else(|| Error::not_found("task", id))?;
    if let Some(robot) = row.robot_id.filter(|_| row.state == TaskState::Paused.as_str())
        && let Some(reason) = robots::on_hold(platform, robot).await?
    {
        return Err(Error::RobotState(reason));
    }
    let choose = |row: &baigong_store::entity::task::Model, state| match state {
        TaskState::Paused => {
            let step = if row.robot_id.is_some() { TaskStep::Resume } else { TaskStep::Release };
            Ok(Some(Wish { step, action: "resume", message: None }))
        }
        state => Err(control::ended(state).unwrap_or_else(|| Error::conflict("the task is not paused"))),
    };
    control::step(platform, caller, id, choose).await.map(drop)
}

fn wrong(state: TaskState) -> Error {
    Error::Conflict(format!("a task that is {state} cannot do this"))
}
