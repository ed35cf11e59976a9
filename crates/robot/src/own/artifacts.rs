//! What runs of own tasks leave behind: kept on this robot, beside its database, as long as the task is.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{data_folder::DataFolder, journal::sync_parent};

/// Keeps the file at `path` as the artifact `name` of a task. `name` comes from a listing of the run's own folder.
pub(crate) async fn keep(folder: &DataFolder, task_id: i64, name: &str, path: PathBuf) -> io::Result<()> {
    let target = of_task(folder, task_id).join(name);
    tokio::task::spawn_blocking(move || copy(&path, &target)).await.map_err(io::Error::other)?
}

/// Deletes what these tasks left behind.
pub(super) fn remove(folder: &DataFolder, tasks: &[i64]) {
    for task in tasks {
        match std::fs::remove_dir_all(of_task(folder, *task)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, task, "the artifacts of an old task cannot be deleted");
            }
            _ => {}
        }
    }
}

fn of_task(folder: &DataFolder, task_id: i64) -> PathBuf {
    folder.path().join("artifacts").join(task_id.to_string())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let parent = to.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent)?;
    std::fs::copy(from, to)?;
    std::fs::File::open(to)?.sync_all()?;
    sync_parent(to)
}
