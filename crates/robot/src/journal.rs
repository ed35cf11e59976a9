//! The journal: what the robot has promised, on disk before it is acted upon, so that a crash at any point neither loses
//! a result nor starts a task twice. Concurrent entries share one fsync. Knows nothing of the network.

mod entry;
mod file;
mod ledger;
mod record;

use std::{
    io,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::{mpsc, oneshot};

pub(crate) use entry::{Entry, RunMark};
pub(crate) use file::sync_parent;
pub(crate) use ledger::{HeldTask, Ledger, Stage};

use file::JournalFile;

/// Entries that share one fsync at most.
const BATCH: usize = 256;

/// The entry is not on disk.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the robot cannot write its journal: {0}")]
pub(crate) struct JournalError(String);

/// The open journal.
pub(crate) struct Journal {
    queue: mpsc::Sender<Waiting>,
    ledger: Arc<Mutex<Ledger>>,
    writable: Arc<AtomicBool>,
}

struct Waiting {
    /// None to find out whether the disk takes anything again.
    entry: Option<Entry>,
    done: oneshot::Sender<Result<(), JournalError>>,
}

/// Writes what [`Journal::append`] queues; ends when the journal is dropped.
pub(crate) struct JournalWriter {
    file: JournalFile,
    queue: mpsc::Receiver<Waiting>,
    ledger: Arc<Mutex<Ledger>>,
    writable: Arc<AtomicBool>,
}

impl Journal {
    /// Opens the journal at `path`; [`JournalWriter::run`] must be running for appends to finish. `same_platform` says
    /// whether it was written for the platform of today.
    pub(crate) fn open(path: &Path, same_platform: bool) -> io::Result<(Self, JournalWriter)> {
        let (mut file, mut ledger, torn) = JournalFile::open(path)?;
        if torn > 0 {
            tracing::warn!(torn, "the journal ended in an entry that was not written whole: it was cut off");
        }
        if !same_platform {
            ledger.forget_ended();
            file.rewrite(&ledger)?;
        }
        let (sender, queue) = mpsc::channel(BATCH);
        let ledger = Arc::new(Mutex::new(ledger));
        let writable = Arc::new(AtomicBool::new(true));
        let journal = Self { queue: sender, ledger: Arc::clone(&ledger), writable: Arc::clone(&writable) };
        Ok((journal, JournalWriter { file, queue, ledger, writable }))
    }

    /// Puts an entry on disk. When this returns `Ok`, it survives a power cut.
    pub(crate) async fn append(&self, entry: Entry) -> Result<(), JournalError> {
        self.write(Some(entry)).await
    }

    /// Finds out whether the journal, which could not be written, can be again.
    pub(crate) async fn try_again(&self) {
        // The outcome is what `is_writable` says from now on.
        let _ = self.write(None).await;
    }

    async fn write(&self, entry: Option<Entry>) -> Result<(), JournalError> {
        let (done, outcome) = oneshot::channel();
        let closed = || JournalError("it is closed".into());
        self.queue.send(Waiting { entry, done }).await.map_err(|_| closed())?;
        outcome.await.map_err(|_| closed())?
    }

    /// Looks at what the entries on disk add up to.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Ledger) -> T) -> T {
        look(&self.ledger.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the last write went well.
    pub(crate) fn is_writable(&self) -> bool {
        self.writable.load(Ordering::Relaxed)
    }
}

impl JournalWriter {
    /// Writes until the journal is dropped.
    pub(crate) async fn run(self) {
        let Self { mut file, mut queue, ledger, writable } = self;
        let mut waiting = Vec::with_capacity(BATCH);
        while queue.recv_many(&mut waiting, BATCH).await > 0 {
            let entries: Vec<Entry> = waiting.iter().filter_map(|waiting| waiting.entry.clone()).collect();
            let shared = Arc::clone(&ledger);
            let writing = tokio::task::spawn_blocking(move || {
                let outcome = write(&mut file, &entries, &shared);
                if outcome.is_ok() {
                    let mut ledger = shared.lock().unwrap_or_else(PoisonError::into_inner);
                    entries.iter().for_each(|entry| ledger.apply(entry));
                }
                (file, outcome)
            });
            let Ok((returned, outcome)) = writing.await else {
                writable.store(false, Ordering::Relaxed);
                return;
            };
            file = returned;
            let outcome = outcome.map_err(|error| JournalError(error.to_string()));
            if let Err(error) = &outcome {
                tracing::error!(%error, "the journal cannot be written; no task is started until it can");
            }
            writable.store(outcome.is_ok(), Ordering::Relaxed);
            for waiting in waiting.drain(..) {
                // Whoever waited may be gone: the entry is on disk all the same.
                let _ = waiting.done.send(outcome.clone());
            }
        }
    }
}

fn write(file: &mut JournalFile, entries: &[Entry], ledger: &Mutex<Ledger>) -> io::Result<()> {
    if file.needs_rewriting() {
        let ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner).clone();
        file.rewrite(&ledger)?;
    }
    file.append(entries)
}

#[cfg(test)]
mod tests;
