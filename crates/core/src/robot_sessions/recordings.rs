//! Recordings of tasks' screens, uploaded by their robots.

use baigong_model::{
    Error, Result,
    ids::{RecordingId, RobotId},
};
use baigong_store::{entity::recording, recordings as rows, tasks};
use bytes::Bytes;
use futures_util::{FutureExt, stream::BoxStream};

use super::keep_bytes;
use crate::{Platform, packages::is_definite};

/// What a robot says of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewRecording {
    /// Which file of the run, from 1.
    pub part: i32,
    /// When it begins, milliseconds since the epoch.
    pub started_at: i64,
    /// When it ends.
    pub ended_at: i64,
    /// Whether it was ended in order.
    pub is_complete: bool,
}

/// Stores one recording of a task that `robot` holds, or held, under `fence`. A part that is there already stays as it is:
/// the robot did not hear the first answer.
pub async fn put_recording(
    platform: &Platform,
    robot: RobotId,
    task: (i64, i64),
    new: NewRecording,
    body: BoxStream<'_, Result<Bytes>>,
) -> Result<RecordingId> {
    let (task_id, fence) = task;
    if new.part < 1 || new.ended_at < new.started_at {
        return Err(Error::invalid("recording", "must have a part from 1 and end after it begins"));
    }
    if !tasks::was_given(&platform.store, task_id, fence, robot).await? {
        return Err(Error::StaleFence { given: fence, current: 0 });
    }
    let there = rows::of_task(&platform.store, task_id).await?;
    if let Some(there) = there.iter().find(|row| row.fence == fence && row.part == new.part) {
        return Ok(there.id);
    }
    let kept = keep_bytes(platform, "recording", body).await?;
    let row = recording::Model {
        id: 0,
        task_id,
        fence,
        part: new.part,
        robot_id: robot,
        started_at: new.started_at,
        ended_at: new.ended_at,
        size: kept.size,
        sha256: kept.sha256,
        blob_key: kept.key.clone(),
        is_complete: new.is_complete,
        created_at: platform.now(),
    };
    let stored = platform.store.write(move |tx| async move { rows::insert(tx, row).await }.boxed()).await;
    if stored.as_ref().is_err_and(is_definite) {
        platform.blobs.delete(&kept.key).await?;
    }
    stored
}
