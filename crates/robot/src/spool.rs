//! The log spool: the lines of every task's log, on disk until the platform has them. Bounded; what does not fit leaves
//! an explicit gap. Knows nothing of how a task runs.

mod inbox;
mod log;
mod store;

use std::{
    collections::HashSet,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use baigong_model::{Clock, LogLevel};
use baigong_protocol::TaskRef;

pub(crate) use inbox::cut;
pub(crate) use log::{Copy, TaskLog};
use store::Budget;

/// The spool.
pub(crate) struct Spool {
    folder: PathBuf,
    budget: Arc<Budget>,
    clock: Arc<dyn Clock>,
}

impl Spool {
    /// Opens the spool in `folder`; what belongs to none of the `held` tasks is deleted.
    pub(crate) fn open(folder: &Path, limit: u64, held: &HashSet<TaskRef>, clock: Arc<dyn Clock>) -> io::Result<Self> {
        keep_only(folder, held)?;
        Ok(Self { folder: folder.to_owned(), budget: Arc::new(Budget::new(limit)), clock })
    }

    /// The log of a task: lines finer than `level` are not kept.
    pub(crate) fn log_of(&self, task: TaskRef, level: LogLevel) -> io::Result<TaskLog> {
        let folder = self.folder.join(folder_name(task));
        let store = store::Store::open(&folder, task, Arc::clone(&self.budget))?;
        Ok(TaskLog::new(store, level, Arc::clone(&self.clock)))
    }
}

/// The name of a folder that belongs to a task's lease.
pub(crate) fn folder_name(task: TaskRef) -> String {
    format!("{}-{}", task.task_id, task.fence)
}

/// Makes `folder` and deletes everything in it that belongs to none of the `held` tasks.
pub(crate) fn keep_only(folder: &Path, held: &HashSet<TaskRef>) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let names: HashSet<String> = held.iter().map(|task| folder_name(*task)).collect();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(|name| names.contains(name)) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            std::fs::remove_dir_all(entry.path())?;
        } else {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
