//! Files that tasks leave behind, uploaded by their robots before they report.

use baigong_model::{Error, Result, ids::RobotId};
use baigong_protocol::paths;
use baigong_store::{Scope, artifacts, tasks as rows};
use bytes::Bytes;
use futures_util::{FutureExt, stream::BoxStream};

use super::{Kept, keep_bytes};
use crate::{Platform, downloads::Download, packages::is_definite};

/// The longest name.
const MAX_NAME: usize = 512;

/// Stores one artifact of a task that `robot` holds under `fence`. The same name again replaces it.
pub async fn put_artifact(
    platform: &Platform,
    robot: RobotId,
    task: (i64, i64),
    name: &str,
    body: BoxStream<'_, Result<Bytes>>,
) -> Result<()> {
    let (task_id, fence) = task;
    check_name(name)?;
    if !rows::was_given(&platform.store, task_id, fence, robot).await? {
        return Err(Error::StaleFence { given: fence, current: 0 });
    }
    let Kept { key: blob_key, size, sha256 } = keep_bytes(platform, "artifact", body).await?;
    let row = artifacts::NewArtifact {
        task_id,
        fence,
        name: name.to_owned(),
        size,
        sha256,
        blob_key: blob_key.clone(),
        created_at: platform.now(),
    };
    let stored = platform.store.write(move |tx| async move { artifacts::upsert(tx, row).await }.boxed()).await;
    match stored {
        Ok(Some(replaced)) => platform.blobs.delete(&replaced).await,
        Ok(None) => Ok(()),
        Err(error) => {
            if is_definite(&error) {
                platform.blobs.delete(&blob_key).await?;
            }
            Err(error)
        }
    }
}

/// A file that the task `of` kept for those who take its queue items: for a robot that runs a task of the same department.
pub async fn open_kept_file(
    platform: &Platform,
    robot: RobotId,
    (task_id, fence): (i64, i64),
    (of, name): (i64, &str),
) -> Result<Download> {
    let task = rows::find(&platform.store, &Scope::All, task_id).await?;
    let task = task.filter(|task| task.fence == fence && task.robot_id == Some(robot));
    let task = task.ok_or(Error::StaleFence { given: fence, current: 0 })?;
    let missing = || Error::not_found("file", name);
    let keeper = rows::find(&platform.store, &Scope::All, of).await?.ok_or_else(missing)?;
    if keeper.department_id != task.department_id || !name.starts_with(paths::KEPT_FILES) {
        return Err(missing());
    }
    let kept = artifacts::of_task(&platform.store, of).await?;
    // Of several runs of a task, the last one's.
    let kept = kept.into_iter().rev().find(|artifact| artifact.name == name);
    crate::artifacts::open(platform, kept.ok_or_else(missing)?).await
}

/// A name is shown and offered as a download: a relative path with `/`, nothing else.
fn check_name(name: &str) -> Result<()> {
    let parts_are_plain = name.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    if name.len() > MAX_NAME || !parts_are_plain || name.contains(['\\', '\0']) || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", "must be a relative path with / and without . or .."));
    }
    Ok(())
}
