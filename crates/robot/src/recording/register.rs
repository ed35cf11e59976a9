//! The robot's own list of recordings, which its interface shows. A word that cannot be written there is no reason to
//! record nothing.

use std::path::{Path, PathBuf};

use baigong_robot_store::{RobotStore, entity::recording::Model, recordings as rows};
use futures_util::FutureExt;

/// It is being made.
const RECORDING: &str = "recording";
/// It lies on this robot.
const KEPT: &str = "kept";
/// The platform has it; here it is gone.
const UPLOADED: &str = "uploaded";

/// The list.
#[derive(Clone)]
pub(crate) struct Register(pub(crate) RobotStore);

impl Register {
    /// A recording begins; its row, if it could be written.
    pub(super) async fn began(&self, task_id: i64, fence: i64, folder: &Path, now: i64) -> Option<i64> {
        let path = folder.to_string_lossy().into_owned();
        let state = RECORDING.to_owned();
        let row = Model { id: 0, task_id, fence, path, started_at: now, ended_at: None, size: 0, state };
        let inserted = self.0.write(move |tx| async move { rows::insert(tx, row).await }.boxed()).await;
        inserted.inspect_err(|error| tracing::error!(%error, "a recording is not in the robot's list")).ok()
    }

    /// It has ended.
    pub(super) async fn ended(&self, row: Option<i64>, now: i64, size: u64) {
        let Some(id) = row else { return };
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let changed =
            self.0.write(move |tx| async move { rows::change(tx, id, Some(now), size, KEPT).await }.boxed()).await;
        if let Err(error) = changed {
            tracing::error!(%error, "the end of a recording is not in the robot's list");
        }
    }

    /// Strikes the recordings of these tasks out; where they lay.
    pub(super) async fn forget(&self, tasks: &[i64]) -> Vec<PathBuf> {
        let found = rows::of_tasks(&self.0, tasks).await;
        let found =
            found.inspect_err(|error| tracing::warn!(%error, "old recordings cannot be found")).unwrap_or_default();
        let mut paths = Vec::new();
        for Model { id, path, .. } in found {
            match self.0.write(move |tx| async move { rows::delete(tx, id).await }.boxed()).await {
                Ok(()) => paths.push(PathBuf::from(path)),
                Err(error) => tracing::warn!(%error, "an old recording stays in the robot's list"),
            }
        }
        paths
    }

    /// The platform has all of it.
    pub(super) async fn uploaded(&self, folder: &Path) {
        let path = folder.to_string_lossy().into_owned();
        let told = self.0.write(move |tx| async move { rows::moved(tx, &path, UPLOADED).await }.boxed()).await;
        if let Err(error) = told {
            tracing::error!(%error, "the robot's list does not say that a recording was uploaded");
        }
    }
}
