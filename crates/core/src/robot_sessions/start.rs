//! The start handshake (design, 5.4): a process starts only after its task was set running, once, under the latest fence.

use baigong_model::{Error, Result, TaskState, TaskStep, ids::RobotId};
use baigong_protocol::{TaskNotice, TaskRef, ToRobot};
use baigong_store::tasks as rows;

use super::{let_go, step_of, take};
use crate::Platform;

/// May the robot start the task? The same question again gets the same answer. An error is no answer: the robot asks
/// again after it has reconnected.
pub async fn start(platform: &Platform, robot: RobotId, task: TaskRef) -> Result<ToRobot> {
    match take(platform, step_of(platform, robot, task, TaskStep::Start)).await {
        Ok(answer) => {
            if answer.state == TaskState::Paused {
                // It was paused before the robot heard that it may start: it begins by standing still.
                platform.links.send(robot, ToRobot::Pause(task));
            }
            Ok(ToRobot::Granted(task))
        }
        Err(error @ (Error::Unavailable(_) | Error::LimitReached(_) | Error::Internal(_))) => Err(error),
        Err(error) => {
            end_if_stopping(platform, robot, task).await?;
            let_go(platform, robot, task.task_id);
            Ok(ToRobot::Refused(TaskNotice { task_id: task.task_id, fence: task.fence, reason: error.to_string() }))
        }
    }
}

/// A task that was cancelled before its robot heard that it may start has certainly not started: it ends here.
async fn end_if_stopping(platform: &Platform, robot: RobotId, task: TaskRef) -> Result<()> {
    let states = rows::states(&platform.store, &[task.task_id]).await?;
    let standing = states.get(&task.task_id);
    if standing.is_some_and(|it| it.state == TaskState::Stopping && it.fence == task.fence) {
        take(platform, step_of(platform, robot, task, TaskStep::Cancel)).await?;
    }
    Ok(())
}
