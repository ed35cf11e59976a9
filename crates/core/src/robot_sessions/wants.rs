//! Somebody asked a robot itself to hold a task of the platform, or to let it go on. The platform decides, as if it had been
//! asked here: its word is stored, and the robot is told.

use baigong_model::{Error, Result, TaskStep, ids::RobotId};
use baigong_protocol::{TaskRef, Wants};
use serde_json::json;

use super::step_of;
use crate::{Caller, Platform, tasks};

/// Pauses or resumes the task, where that can be done now; the robot hears what came of it.
pub async fn wants(platform: &Platform, robot: RobotId, wants: Wants) -> Result<()> {
    let task = TaskRef { task_id: wants.task_id, fence: wants.fence };
    let (step, action) = if wants.still { (TaskStep::Pause, "pause") } else { (TaskStep::Resume, "resume") };
    let detail = json!({ "askedOnRobot": robot, "fence": wants.fence });
    let audit = Caller::platform().audit(platform.now(), action, "task", Some(wants.task_id), None, &detail);
    let mut request = step_of(platform, robot, task, step);
    request.audit = Some(audit);
    match platform.hot.step.submit(request).await {
        Ok(answer) => {
            tasks::settle(platform, &answer);
            Ok(())
        }
        // Not in this state: the robot asks again where that matters.
        Err(Error::Conflict(_) | Error::AlreadyEnded | Error::AlreadyCancelled) => Ok(()),
        Err(error) => Err(error),
    }
}
