//! The batches of one task's log on disk: one file each, written once, sent as it is, deleted when acknowledged. Bounds
//! and numbers therefore never change, whatever restarts or reconnects come between.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use baigong_protocol::{FromRobot, Log, LogLine, TaskRef, decode, encode};

use crate::journal::sync_parent;

/// Disks give space in blocks of this size.
const BLOCK: u64 = 4096;

/// The disk space all logs of the robot may take together.
pub(super) struct Budget {
    limit: u64,
    used: AtomicU64,
}

impl Budget {
    pub(super) fn new(limit: u64) -> Self {
        Self { limit, used: AtomicU64::new(0) }
    }

    /// Takes `size` bytes if they are left.
    fn take(&self, size: u64) -> bool {
        let fits = |used: u64| Some(used + size).filter(|used| *used <= self.limit);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    fn take_anyway(&self, size: u64) {
        self.used.fetch_add(size, Ordering::Relaxed);
    }

    fn give_back(&self, size: u64) {
        self.used.fetch_sub(size, Ordering::Relaxed);
    }
}

fn on_disk(bytes: u64) -> u64 {
    bytes.next_multiple_of(BLOCK)
}

/// The stored batches of one task.
pub(super) struct Store {
    folder: PathBuf,
    task: TaskRef,
    budget: Arc<Budget>,
    next_sequence: i64,
    batches: VecDeque<Batch>,
}

#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub(super) first: i64,
    last: i64,
    size: u64,
    pub(super) path: PathBuf,
}

impl Store {
    /// The store in `folder`, with what an earlier run of the agent left in it.
    pub(super) fn open(folder: &Path, task: TaskRef, budget: Arc<Budget>) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let mut store = Self { folder: folder.to_owned(), task, budget, next_sequence: 1, batches: VecDeque::new() };
        let mut names: Vec<_> = std::fs::read_dir(folder)?.collect::<io::Result<_>>()?;
        names.sort_by_key(std::fs::DirEntry::file_name);
        for entry in names {
            store.recover(&entry.path())?;
        }
        Ok(store)
    }

    fn recover(&mut self, path: &Path) -> io::Result<()> {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse::<i64>().ok());
        match (stem, path.extension().and_then(|extension| extension.to_str())) {
            (Some(acknowledged), Some("acked")) => self.next_sequence = self.next_sequence.max(acknowledged + 1),
            (Some(first), Some("json")) => match read_log(path) {
                Some(log) if log.first_sequence == first => {
                    let size = on_disk(std::fs::metadata(path)?.len());
                    self.budget.take_anyway(size);
                    let last = log.last_sequence();
                    self.next_sequence = self.next_sequence.max(last + 1);
                    self.batches.push_back(Batch { first, last, size, path: path.to_owned() });
                }
                // Not written whole: it was never sent, and its numbers are free.
                _ => std::fs::remove_file(path)?,
            },
            _ => std::fs::remove_file(path)?,
        }
        Ok(())
    }

    /// Stores the lines as the next batch; false when the budget is used up and `overdraw` does not allow more.
    pub(super) fn add(&mut self, lines: Vec<LogLine>, overdraw: bool) -> io::Result<bool> {
        let (first, TaskRef { task_id, fence }) = (self.next_sequence, self.task);
        let log = Log { task_id, fence, first_sequence: first, lines };
        let last = log.last_sequence();
        let text = encode(&FromRobot::Log(log)).map_err(io::Error::other)?;
        let size = on_disk(text.len() as u64);
        if overdraw {
            self.budget.take_anyway(size);
        } else if !self.budget.take(size) {
            return Ok(false);
        }
        let path = self.folder.join(format!("{first:020}.json"));
        if let Err(error) = write_synced(&path, text.as_bytes()) {
            self.budget.give_back(size);
            // Best effort: a rest is recognised and removed when the store is opened again.
            let _ = std::fs::remove_file(&path);
            return Err(error);
        }
        self.next_sequence = last + 1;
        self.batches.push_back(Batch { first, last, size, path });
        Ok(true)
    }

    /// Deletes the batches up to the line `last`; returns how many. What the disk refuses to delete no longer counts
    /// either: at worst it is sent once more after a restart.
    pub(super) fn acknowledge(&mut self, last: i64) -> usize {
        let count = self.batches.iter().take_while(|batch| batch.last <= last).count();
        let done: Vec<Batch> = self.batches.drain(..count).collect();
        let (Some(oldest), Some(newest)) = (done.first(), done.last()) else { return 0 };
        // The number lives on in a file of its own, or lines after a restart would take numbers that are known.
        let marked = File::create(self.folder.join(format!("{:020}.acked", newest.last)));
        let before = self.folder.join(format!("{:020}.acked", oldest.first - 1));
        let old_mark = if before.exists() { std::fs::remove_file(before) } else { Ok(()) };
        let removals = done.iter().map(|batch| std::fs::remove_file(&batch.path));
        let removed = removals.fold(Ok(()), io::Result::and);
        done.iter().for_each(|batch| self.budget.give_back(batch.size));
        if let Err(error) = marked.map(drop).and(old_mark).and(removed) {
            tracing::warn!(%error, folder = %self.folder.display(), "acknowledged log lines cannot be deleted");
        }
        count
    }

    /// The batches that wait to be acknowledged, oldest first.
    pub(super) fn batches(&self) -> &VecDeque<Batch> {
        &self.batches
    }

    /// Deletes everything.
    pub(super) fn remove(&mut self) -> io::Result<()> {
        for batch in self.batches.drain(..) {
            self.budget.give_back(batch.size);
        }
        match std::fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn read_log(path: &Path) -> Option<Log> {
    match decode(&std::fs::read_to_string(path).ok()?) {
        Ok(FromRobot::Log(log)) if !log.lines.is_empty() => Some(log),
        _ => None,
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    sync_parent(path)
}

#[cfg(test)]
mod tests {
    use baigong_model::LogLevel;

    use super::*;

    const TASK: TaskRef = TaskRef { task_id: 7, fence: 3 };

    fn lines(count: usize) -> Vec<LogLine> {
        vec![LogLine { at: 1, level: LogLevel::Info, message: "x".into() }; count]
    }

    fn bounds(store: &Store) -> Vec<(i64, i64)> {
        store.batches().iter().map(|batch| (batch.first, batch.last)).collect()
    }

    #[test]
    fn batches_keep_their_bounds_over_restarts_and_go_when_acknowledged() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Store::open(folder.path(), TASK, Arc::new(Budget::new(1 << 20))).unwrap();
        let mut store = open();
        assert!(store.add(lines(3), false).unwrap() && store.add(lines(2), false).unwrap());
        let texts: Vec<_> = store.batches().iter().map(|batch| std::fs::read(&batch.path).unwrap()).collect();

        let mut store = open();
        assert_eq!(bounds(&store), [(1, 3), (4, 5)]);
        let again: Vec<_> = store.batches().iter().map(|batch| std::fs::read(&batch.path).unwrap()).collect();
        assert_eq!(again, texts, "the same batch must be sent again byte for byte");
        assert_eq!(store.acknowledge(4), 1, "a batch is acknowledged when its last line is");
        store.add(lines(1), false).unwrap();
        assert_eq!(bounds(&store), [(4, 5), (6, 6)]);
        assert_eq!(store.acknowledge(6), 2);
        assert_eq!(store.acknowledge(6), 0);

        let mut store = open();
        store.add(lines(1), false).unwrap();
        assert_eq!(bounds(&store), [(7, 7)], "numbers that the platform knows must not be used again");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "acknowledged lines must leave the disk");
    }

    #[test]
    fn a_batch_that_was_not_written_whole_is_as_if_never_made() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Store::open(folder.path(), TASK, Arc::new(Budget::new(1 << 20))).unwrap();
        let mut store = open();
        store.add(lines(3), false).unwrap();
        store.add(lines(2), false).unwrap();
        let path = store.batches()[1].path.clone();
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let mut store = open();
            assert_eq!(bounds(&store), [(1, 3)]);
            store.add(lines(1), false).unwrap();
            assert_eq!(bounds(&store), [(1, 3), (4, 4)]);
        }
    }

    #[test]
    fn the_budget_bounds_all_stores_and_is_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let budget = Arc::new(Budget::new(2 * BLOCK));
        let mut one = Store::open(&folder.path().join("1"), TASK, Arc::clone(&budget)).unwrap();
        let mut two = Store::open(&folder.path().join("2"), TASK, Arc::clone(&budget)).unwrap();
        assert!(one.add(lines(1), false).unwrap() && two.add(lines(1), false).unwrap());
        assert!(!one.add(lines(1), false).unwrap(), "the budget is used up");
        assert!(one.add(lines(1), true).unwrap(), "the last gap may overdraw it");
        one.acknowledge(2);
        two.remove().unwrap();
        assert_eq!(budget.used.load(Ordering::Relaxed), 0);
        assert!(!folder.path().join("2").exists());
    }
}
