//! The start handshake (design, 5.4): a process starts only after its task was set running, once, under the latest fence.

use baigong_model::{Error, TaskStep, ids::RobotId};
use baigong_protocol::{TaskNotice, TaskRef, ToRobot};

use super::{let_go, step_of, take};
use crate::Platform;

/// May the robot start the task? The same question again gets the same answer.
pub async fn start(platform: &Platform, robot: RobotId, task: TaskRef) -> ToRobot {
    match take(platform, step_of(platform, robot, task, TaskStep::Start)).await {
        Ok(_) => ToRobot::Granted(task),
        // Not now is not no: the robot asks again after it has reconnected.
        Err(error @ (Error::Unavailable(_) | Error::LimitReached(_) | Error::Internal(_))) => {
            tracing::warn!(robot, task = task.task_id, %error, "a start could not be stored");
            ToRobot::Unknown
        }
        Err(error) => {
            let_go(platform, robot, task.task_id);
            ToRobot::Refused(TaskNotice { task_id: task.task_id, fence: task.fence, reason: error.to_string() })
        }
    }
}
