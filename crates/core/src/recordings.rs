//! Recordings of tasks' screens, for people (T/TSAC 002-2025, 6.2.11.2). Robots bring them in `robot_sessions`.

use baigong_model::{Error, Permission, Result, ids::TaskId};
use baigong_store::{entity::recording, recordings as rows, tasks};

use crate::{Caller, Platform, downloads::Download};

/// The recordings of a task that the caller sees, by run and part.
pub async fn list(platform: &Platform, caller: &Caller, task_id: TaskId) -> Result<Vec<recording::Model>> {
    caller.need(Permission::VideoRead)?;
    let task = tasks::find(&platform.store, caller.scope(), task_id).await?;
    task.ok_or_else(|| Error::not_found("task", task_id))?;
    rows::of_task(&platform.store, task_id).await
}

/// The bytes of a recording, for a download whose address was given to somebody who may see it.
pub(crate) async fn open(platform: &Platform, id: i64) -> Result<Download> {
    let recording = rows::find(&platform.store, id).await?.ok_or_else(|| Error::not_found("recording", id))?;
    let (size, body) = platform.blobs.get(&recording.blob_key).await?;
    let name = format!("task-{}-{}.mp4", recording.task_id, recording.part);
    Ok(Download { name, size, sha256: recording.sha256, body })
}

#[cfg(test)]
mod tests;
