//! Where running tasks are. Kept in memory and written together once a second: the latest step is what people look at.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use baigong_model::{Result, ids::RobotId};
use baigong_protocol::{Progress, StepState};
use baigong_store::tasks as rows;
use futures_util::FutureExt;

use crate::Platform;

/// The latest step of each task, not written yet.
#[derive(Default)]
pub struct Steps(Mutex<HashMap<(i64, i64), (i64, String)>>);

/// Notes where a task is, if `robot` holds it.
pub fn progress(platform: &Platform, robot: RobotId, progress: Progress) {
    let holds = platform.links.look(robot, |linked| linked.held.get(&progress.task_id) == Some(&progress.fence));
    if holds != Some(true) || progress.state != StepState::Started {
        return;
    }
    let name = if progress.title.is_empty() { progress.step } else { progress.title };
    let name = super::storable(&name.chars().take(200).collect::<String>());
    let mut steps = platform.steps.0.lock().unwrap_or_else(PoisonError::into_inner);
    let entry = steps.entry((progress.task_id, progress.fence)).or_default();
    if progress.sequence >= entry.0 {
        *entry = (progress.sequence, name);
    }
}

/// Writes what was noted. Answers how many.
pub async fn write_steps(platform: &Platform) -> Result<usize> {
    let noted = std::mem::take(&mut *platform.steps.0.lock().unwrap_or_else(PoisonError::into_inner));
    if noted.is_empty() {
        return Ok(0);
    }
    let mut steps: Vec<_> = noted.into_iter().map(|((task, fence), (_, step))| (task, fence, step)).collect();
    steps.sort_unstable();
    let count = steps.len();
    platform.store.write(move |tx| async move { rows::set_step(tx, &steps).await }.boxed()).await?;
    Ok(count)
}
