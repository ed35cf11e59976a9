//! What connected robots say, and what it does to their tasks. The uplink carries the messages; robots in the same
//! process (tests, benches) call these functions directly.

mod artifacts;
mod call;
mod firings;
mod heartbeat;
mod hello;
mod log;
mod own_tasks;
mod progress;
mod queue_work;
mod recordings;
mod report;
mod secrets;
mod start;
mod wants;

pub use artifacts::{open_kept_file, put_artifact};
pub use call::{call, forget_calls};
pub use firings::fired;
pub use heartbeat::{drop_silent, heartbeat, renew_leases, stands_still};
pub use hello::{Parting, Session, connect, disconnect, never_begun};
pub use log::log;
pub use own_tasks::own_tasks;
pub use progress::{Steps, progress, write_steps};
pub use recordings::{begin_recording, end_recording, put_chunk};
pub use report::{declined, report};
pub(crate) use report::{release_items_of, return_untold, run_of_holder};
pub use start::start;
pub use wants::wants;

use baigong_model::{
    Result, TaskStep,
    ids::{RobotId, TaskId},
};
use baigong_protocol::TaskRef;
use baigong_store::tasks::{StepAnswer, StepRequest};
use bytes::Bytes;
use futures_util::{StreamExt, stream::BoxStream};
use sha2::{Digest, Sha256};

use crate::Platform;

/// A step that `robot` takes under its lease.
fn step_of(platform: &Platform, robot: RobotId, task: TaskRef, step: TaskStep) -> StepRequest {
    StepRequest {
        fence: Some(task.fence),
        robot_id: Some(robot),
        lease_until: Some(platform.now() + platform.config.lease),
        ..StepRequest::new(task.task_id, step, platform.now())
    }
}

async fn take(platform: &Platform, request: StepRequest) -> Result<StepAnswer> {
    platform.hot.step.submit(request).await.inspect(|answer| platform.counted.stepped(answer))
}

/// Bytes that were uploaded.
struct Kept {
    /// Where they lie among the blobs.
    key: String,
    size: i64,
    /// Hexadecimal.
    sha256: String,
}

/// Keeps an upload among the blobs, under a key of its own below `folder`.
async fn keep_bytes(platform: &Platform, folder: &str, body: BoxStream<'_, Result<Bytes>>) -> Result<Kept> {
    let mut random = [0; 16];
    platform.random.fill(&mut random);
    let key = format!("{folder}/{}", hex::encode(random));
    let mut hash = Sha256::new();
    let body = body.inspect(|part| {
        if let Ok(part) = part {
            hash.update(part);
        }
    });
    let size = platform.blobs.put(&key, body.boxed()).await?;
    Ok(Kept { key, size: i64::try_from(size).unwrap_or(i64::MAX), sha256: hex::encode(hash.finalize()) })
}

/// A robot's text as both databases take it: PostgreSQL stores no NUL.
pub(crate) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// The robot no longer holds `task`: it has a free place.
pub(crate) fn let_go(platform: &Platform, robot: RobotId, task: TaskId) {
    platform.links.update(robot, |linked| {
        linked.held.remove(&task);
        linked.beating.remove(&task);
        linked.paused.remove(&task);
    });
    platform.dispatch.wake_robot(robot);
}

#[cfg(test)]
mod control_tests;
#[cfg(test)]
mod tests;
