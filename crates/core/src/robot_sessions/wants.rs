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

#[cfg(test)]
mod tests {
    use baigong_model::TaskState;
    use baigong_protocol::ToRobot;

    use super::{super::tests::Scene, *};
    use crate::{tasks::NewTasks, testing::on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_asked_on_the_robot_is_decided_here_and_told_to_it() {
        on_both(async |world| {
            let scene = Scene::new(world, false).await;
            let task = scene.running(NewTasks::default()).await;
            let ask = async |still: bool, fence: i64| {
                let asked = Wants { task_id: task.task_id, fence, still };
                wants(&world.platform, scene.robot, asked).await
            };
            scene.ear.heard();
            ask(true, task.fence).await.unwrap();
            assert_eq!(scene.state(task).await, TaskState::Paused);
            assert!(matches!(scene.ear.heard()[..], [ToRobot::Pause(told)] if told == task));
            ask(true, task.fence).await.unwrap();
            assert_eq!(scene.state(task).await, TaskState::Paused, "asked twice it stays so");
            scene.ear.heard();
            ask(false, task.fence).await.unwrap();
            assert_eq!(scene.state(task).await, TaskState::Running);
            assert!(matches!(scene.ear.heard()[..], [ToRobot::Resume(told)] if told == task));
            let late = ask(true, task.fence - 1).await;
            assert!(matches!(late, Err(Error::StaleFence { .. })), "{late:?}");
            assert_eq!(scene.state(task).await, TaskState::Running);
        })
        .await;
    }
}
