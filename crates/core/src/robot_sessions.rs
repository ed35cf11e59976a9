//! What connected robots say, and what it does to their tasks. The uplink carries the messages; robots in the same
//! process (tests, benches) call these functions directly.

mod artifacts;
mod call;
mod heartbeat;
mod hello;
mod log;
mod progress;
mod report;
mod start;

pub use artifacts::put_artifact;
pub use call::{call, forget_calls};
pub use heartbeat::{drop_silent, heartbeat, renew_leases};
pub use hello::{Session, connect, disconnect};
pub use log::log;
pub use progress::{Steps, progress, write_steps};
pub use report::{declined, report};
pub(crate) use report::{release_items_of, return_untold};
pub use start::start;

use baigong_model::{
    Result, TaskStep,
    ids::{RobotId, TaskId},
};
use baigong_protocol::TaskRef;
use baigong_store::tasks::{StepAnswer, StepRequest};

use crate::Platform;

/// A step that `robot` takes under its lease.
fn step_of(platform: &Platform, robot: RobotId, task: TaskRef, step: TaskStep) -> StepRequest {
    StepRequest {
        task_id: task.task_id,
        step,
        fence: Some(task.fence),
        robot_id: Some(robot),
        seen: None,
        lease_ended_by: None,
        message: None,
        out_parameters: None,
        lease_until: Some(platform.now() + platform.config.lease),
        now: platform.now(),
        audit: None,
    }
}

async fn take(platform: &Platform, request: StepRequest) -> Result<StepAnswer> {
    platform.hot.step.submit(request).await
}

/// A robot's text as both databases take it: PostgreSQL stores no NUL.
pub(crate) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// The robot no longer holds `task`: it has a free place.
fn let_go(platform: &Platform, robot: RobotId, task: TaskId) {
    platform.links.update(robot, |linked| {
        linked.held.remove(&task);
        linked.beating.remove(&task);
    });
    platform.dispatch.wake_robot(robot);
}

#[cfg(test)]
mod tests;
