//! Files that tasks left behind, for people. Robots bring them in `robot_sessions`.

use baigong_model::{Error, Permission, Result, ids::TaskId};
use baigong_store::{artifacts as rows, entity::artifact, tasks};

use crate::{Caller, Platform, downloads::Download};

/// The artifacts of a task that the caller sees, by run and name.
pub async fn list(platform: &Platform, caller: &Caller, task_id: TaskId) -> Result<Vec<artifact::Model>> {
    caller.need(Permission::TaskRead)?;
    let task = tasks::find(&platform.store, caller.scope(), task_id).await?;
    task.ok_or_else(|| Error::not_found("task", task_id))?;
    rows::of_task(&platform.store, task_id).await
}

/// An artifact of a task that the caller sees.
pub async fn download(platform: &Platform, caller: &Caller, id: i64) -> Result<Download> {
    caller.need(Permission::TaskRead)?;
    let artifact = rows::find(&platform.store, id).await?.ok_or_else(|| Error::not_found("artifact", id))?;
    let task = tasks::find(&platform.store, caller.scope(), artifact.task_id).await?;
    task.ok_or_else(|| Error::not_found("artifact", id))?;
    open(platform, artifact).await
}

pub(crate) async fn open(platform: &Platform, artifact: artifact::Model) -> Result<Download> {
    let (size, body) = platform.blobs.get(&artifact.blob_key).await?;
    let name = artifact.name.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(Download { name, size, tag: artifact.sha256, body, part: None })
}
