//! Cancelling, pausing and resuming (6.3.5.2 to 6.3.5.4). An own task's state is changed first, then its run is told; of a
//! task of the platform, the platform is asked.

use std::time::Duration;

use baigong_model::{Error, Result, TaskState, TaskStep};
use baigong_protocol::{FromRobot, TaskRef, Wants};
use baigong_robot_store::{
    entity::task,
    tasks::{self as rows, Step},
};
use futures_util::FutureExt;

use crate::{desk::TaskEvent, robot::Robot};

/// So long the platform may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Why a run is told to stop.
const CANCELLED: &str = "cancelled through the robot's own interface";

/// Cancels a task: one that waits is over at once, one that runs is stopped with all its processes.
pub(crate) async fn cancel(robot: &Robot, id: i64) -> Result<()> {
    let (task, state) = find(robot, id).await?;
    if !task.is_own {
        if state.is_final() {
            return Err(already(state));
        }
        // Its end is reported to the platform as any other, now or when it is connected again.
        let is_here = robot.desk.tell(lease(&task), TaskEvent::Cancel(CANCELLED.into()));
        return is_here
            .then_some(())
            .ok_or_else(|| Error::conflict("the task is not on this robot any more: ask the platform"));
    }
    let step = match state {
        TaskState::Queued | TaskState::Assigned => TaskStep::Cancel,
        TaskState::Paused if !task.is_held => TaskStep::Cancel,
        TaskState::Running | TaskState::Paused => TaskStep::RequestStop,
        TaskState::Stopping => return Ok(()),
        ended => return Err(already(ended)),
    };
    let message = Some(CANCELLED.to_owned());
    let after = take(robot, &task, step, message).await?;
    let event = if after.is_held { TaskEvent::Cancel(CANCELLED.into()) } else { TaskEvent::Refused(CANCELLED.into()) };
    robot.desk.tell(lease(&task), event);
    Ok(())
}

/// Pauses a task that waits or runs.
pub(crate) async fn pause(robot: &Robot, id: i64) -> Result<()> {
    let (task, state) = find(robot, id).await?;
    match state {
        TaskState::Queued | TaskState::Assigned | TaskState::Running => {}
        TaskState::Paused => return Err(Error::conflict("the task is paused already")),
        TaskState::Stopping => return Err(Error::conflict("the task is stopping")),
        ended => return Err(already(ended)),
    }
    if !task.is_own {
        return ask_platform(robot, &task, true).await;
    }
    let after = take(robot, &task, TaskStep::Pause, None).await?;
    let taken_back = || TaskEvent::Refused("the task was paused before it began".into());
    robot.desk.tell(lease(&task), if after.is_held { TaskEvent::Pause } else { taken_back() });
    Ok(())
}

/// Lets a paused task go on: it waits again, or its processes go on where they were stopped.
pub(crate) async fn resume(robot: &Robot, id: i64) -> Result<()> {
    let (task, state) = find(robot, id).await?;
    match state {
        TaskState::Paused => {}
        state if state.is_final() => return Err(already(state)),
        _ => return Err(Error::conflict("the task is not paused")),
    }
    if !task.is_own {
        return ask_platform(robot, &task, false).await;
    }
    let step = if task.is_held { TaskStep::Resume } else { TaskStep::Release };
    take(robot, &task, step, None).await?;
    robot.desk.tell(lease(&task), TaskEvent::Resume);
    robot.own.wake();
    Ok(())
}

async fn find(robot: &Robot, id: i64) -> Result<(task::Model, TaskState)> {
    let task = rows::find(&robot.own.store, id).await?.ok_or_else(|| Error::not_found("task", id))?;
    let state = task.state.parse().map_err(|()| Error::internal("unknown task state"))?;
    Ok((task, state))
}

fn lease(task: &task::Model) -> TaskRef {
    TaskRef { task_id: task.id, fence: task.fence }
}

fn already(state: TaskState) -> Error {
    if state == TaskState::Cancelled { Error::AlreadyCancelled } else { Error::AlreadyEnded }
}

/// Takes the step, as long as the task is under the lease that was seen.
async fn take(robot: &Robot, task: &task::Model, step: TaskStep, message: Option<String>) -> Result<task::Model> {
    let (id, seen, now) = (task.id, (task.fence, task.is_held), robot.options.clock.now());
    let step = Step { id, fence: None, step, message, out_parameters: None, now };
    let taken = robot.own.store.write(move |tx| {
        async move {
            let after = rows::step(tx, step).await?;
            let moved_on = after.fence != seen.0 || (after.is_held && !seen.1);
            if moved_on { Err(Error::unavailable("the task moved on meanwhile: try again")) } else { Ok(after) }
        }
        .boxed()
    });
    let taken = taken.await?;
    robot.own.changed();
    Ok(taken)
}

/// Asks the platform to hold one of its tasks, or to let it go on, and waits until its run does.
async fn ask_platform(robot: &Robot, task: &task::Model, still: bool) -> Result<()> {
    if !robot.link.is_up() {
        return Err(Error::conflict("the platform is not connected: only it holds its tasks and lets them go on"));
    }
    let wants = Wants { task_id: task.id, fence: task.fence, still };
    robot.link.send(&FromRobot::Wants(wants)).await.map_err(Error::internal)?;
    let done = robot.desk.stands(lease(task), still);
    let late = |_| Error::unavailable("the platform has not answered yet: look again later");
    tokio::time::timeout(PATIENCE, done).await.map_err(late)
}
