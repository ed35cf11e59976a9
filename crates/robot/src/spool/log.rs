//! The log of one task: takes lines from the run, puts them on disk in batches, sends the batches in order, a few at a
//! time, and again from the oldest after a reconnect.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use baigong_model::{Clock, LogLevel};
use baigong_protocol::LogLine;
use tokio::sync::{Notify, watch};

use super::{
    inbox::{Inbox, Taken},
    store::Store,
};
use crate::{link::Link, masks::Masks, timer};

/// Lines wait so long for others to share their batch.
const LINGER: Duration = Duration::from_millis(100);
/// Batches that are sent and not acknowledged, at most.
const WINDOW: usize = 8;
/// After a failed write the next is tried so much later.
const RETRY: Duration = Duration::from_secs(2);

/// Who gets a copy of the lines, with the number of the first.
pub(crate) type Copy = Box<dyn Fn(i64, &[LogLine]) + Send + Sync>;

/// The log of one task.
pub(crate) struct TaskLog {
    level: LogLevel,
    clock: Arc<dyn Clock>,
    copy: Option<Copy>,
    masks: Masks,
    inbox: Mutex<Inbox>,
    lines_came: Notify,
    store: Arc<Mutex<Store>>,
    /// Changed only under the lock of `store`.
    progress: Arc<watch::Sender<Progress>>,
}

/// What the sending end waits for. Counts only grow, within one run of the agent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Progress {
    stored: u64,
    acknowledged: u64,
    closed_and_stored: bool,
}

impl TaskLog {
    pub(super) fn new(store: Store, level: LogLevel, clock: Arc<dyn Clock>) -> Self {
        let stored = store.batches().len() as u64;
        Self {
            level,
            clock,
            copy: None,
            masks: Masks::default(),
            inbox: Mutex::default(),
            lines_came: Notify::new(),
            store: Arc::new(Mutex::new(store)),
            progress: Arc::new(watch::Sender::new(Progress { stored, ..Progress::default() })),
        }
    }

    /// From now on `copy` gets the lines too, once they are on disk.
    pub(crate) fn copied(self, copy: Option<Copy>) -> Self {
        Self { copy, ..self }
    }

    /// The secrets of the run, which the log does not show.
    pub(crate) fn masks(&self) -> &Masks {
        &self.masks
    }

    /// Adds a line.
    pub(crate) fn write(&self, level: LogLevel, message: &str) {
        if level < self.level {
            return;
        }
        // Before it is cut or kept.
        let message = self.masks.hide(message);
        self.inbox().push(self.clock.now(), level, &message);
        self.lines_came.notify_one();
    }

    /// There will be no more lines.
    pub(crate) fn close(&self) {
        self.inbox().closed = true;
        self.lines_came.notify_one();
    }

    /// Waits until every line that was written is on disk, or known to be lost. What ended a run is journalled after this:
    /// a result without the lines that led to it would be believed.
    pub(crate) async fn settled(&self) {
        let mut progress = self.progress.subscribe();
        loop {
            {
                let mut inbox = self.inbox();
                inbox.is_awaited = inbox.is_under_way();
                if !inbox.is_awaited {
                    return;
                }
            }
            self.lines_came.notify_one();
            // The sender lives as long as this log.
            let _ = progress.changed().await;
        }
    }

    /// The platform has all lines up to `last`.
    pub(crate) async fn acknowledged(&self, last: i64) {
        let done = self.on_disk(move |store, progress| {
            let count = store.acknowledge(last) as u64;
            progress.send_modify(|progress| progress.acknowledged += count);
            Ok(())
        });
        if let Err(error) = done.await {
            tracing::error!(%error, "the log spool is broken");
        }
    }

    /// Waits until it is closed and the platform has all of it.
    pub(crate) async fn delivered(&self) {
        let all = |progress: &Progress| progress.closed_and_stored && progress.acknowledged == progress.stored;
        // The sender lives as long as this log.
        let _ = self.progress.subscribe().wait_for(all).await;
    }

    /// Deletes what is kept of it.
    pub(crate) async fn remove(&self) {
        if let Err(error) = self.on_disk(|store, _| store.remove()).await {
            tracing::warn!(%error, "a task's log cannot be deleted from the spool");
        }
    }

    /// Stores and sends until it is dropped or delivered.
    pub(crate) async fn serve(&self, link: &Link) {
        tokio::select! {
            () = async { tokio::join!(self.keep_storing(), self.keep_sending(link)); } => {}
            () = self.delivered() => {}
        }
    }

    async fn keep_storing(&self) {
        while self.lines_are_ready().await {
            let taken = self.take();
            let overdraw = taken.only_gaps && self.inbox().closed;
            let at = taken.lines.first().map_or(0, |line| line.at);
            let copied = self.copy.as_ref().map(|_| taken.lines.clone());
            let stored = self.on_disk(move |store, progress| {
                let stored = store.add(taken.lines, overdraw)?;
                progress.send_modify(|progress| progress.stored += u64::from(stored));
                Ok(store.batches().back().filter(|_| stored).map(|batch| batch.first))
            });
            let stored = stored.await;
            if let Ok(Some(first)) = stored {
                if let (Some(copy), Some(lines)) = (&self.copy, copied) {
                    copy(first, &lines);
                }
                self.put_away();
                continue;
            }
            tracing::warn!(
                ?stored,
                lines = taken.stands_for,
                "the log spool is full or cannot be written: lines are lost"
            );
            self.inbox().lost_first(at, taken.stands_for);
            self.put_away();
            if stored.is_err() {
                timer::after(RETRY).await;
            }
        }
        self.progress.send_modify(|progress| progress.closed_and_stored = true);
    }

    fn take(&self) -> Taken {
        let mut inbox = self.inbox();
        inbox.is_storing = true;
        inbox.take()
    }

    /// What was taken out is on disk, or lost: whoever waits looks again.
    fn put_away(&self) {
        self.inbox().is_storing = false;
        self.progress.send_modify(|_| ());
    }

    /// Waits for the lines of a batch; false when there will be none any more.
    async fn lines_are_ready(&self) -> bool {
        loop {
            let (has_lines, is_empty, closed) = {
                let inbox = self.inbox();
                (inbox.has_lines(), inbox.is_empty(), inbox.closed)
            };
            match (has_lines, closed) {
                (_, true) => return !is_empty,
                (true, false) => break,
                (false, false) => self.lines_came.notified().await,
            }
        }
        let more = async {
            loop {
                {
                    let inbox = self.inbox();
                    if inbox.is_full() || inbox.closed || inbox.is_awaited {
                        break;
                    }
                }
                self.lines_came.notified().await;
            }
        };
        tokio::select! { () = more => {}, () = timer::after(LINGER) => {} }
        true
    }

    async fn keep_sending(&self, link: &Link) {
        let (mut connections, mut progress) = (link.connections(), self.progress.subscribe());
        let (mut connection, mut sent) = (0, 0);
        loop {
            let Progress { stored, acknowledged, .. } = *progress.borrow_and_update();
            sent = sent.max(acknowledged);
            while connection > 0 && sent < stored && sent - acknowledged < WINDOW as u64 {
                match self.read(sent - acknowledged, acknowledged).await {
                    Some(text) => link.send_text(text).await,
                    None => break,
                }
                sent += 1;
            }
            tokio::select! {
                newer = connections.newer_than(connection) => (connection, sent) = (newer, 0),
                _ = progress.changed() => {}
            }
        }
    }

    /// The text of the stored batch number `index`, if no other has been acknowledged since `acknowledged`.
    async fn read(&self, index: u64, acknowledged: u64) -> Option<String> {
        let path = {
            let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
            if self.progress.borrow().acknowledged != acknowledged {
                return None;
            }
            store.batches().get(usize::try_from(index).ok()?)?.path.clone()
        };
        match tokio::fs::read_to_string(&path).await {
            Ok(text) => Some(text),
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "a stored log batch cannot be read");
                None
            }
        }
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store, &watch::Sender<Progress>) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let (store, progress) = (Arc::clone(&self.store), Arc::clone(&self.progress));
        let work = move || work(&mut store.lock().unwrap_or_else(PoisonError::into_inner), &progress);
        tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
    }

    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use baigong_model::ManualClock;
    use baigong_protocol::TaskRef;

    use super::super::Spool;
    use super::*;

    const TASK: TaskRef = TaskRef { task_id: 7, fence: 3 };

    fn spool(folder: &std::path::Path, limit: u64) -> Spool {
        Spool::open(folder, limit, &HashSet::from([TASK]), Arc::new(ManualClock::at(1))).unwrap()
    }

    /// What an agent that is killed now would find of the log when it is started again.
    fn found_after_a_kill(folder: &std::path::Path) -> String {
        let log = spool(folder, 1 << 20).log_of(TASK, LogLevel::Trace).unwrap();
        let store = log.store.lock().unwrap();
        store.batches().iter().map(|batch| std::fs::read_to_string(&batch.path).unwrap()).collect()
    }

    #[tokio::test]
    async fn what_was_said_before_the_end_outlives_the_agent() {
        let folder = tempfile::tempdir().unwrap();
        let log = spool(folder.path(), 1 << 20).log_of(TASK, LogLevel::Info).unwrap();
        let link = Link::new();
        let ended = async {
            log.settled().await;
            for number in 0..700 {
                log.write(LogLevel::Info, &format!("line {number}."));
            }
            log.settled().await;
            log.write(LogLevel::Warn, "the last words");
            log.settled().await;
            found_after_a_kill(folder.path())
        };
        let found = tokio::select! { () = log.serve(&link) => unreachable!(), found = ended => found };
        for words in ["line 0.", "line 699.", "the last words"] {
            assert!(found.contains(words), "{words} is only in memory when the result is journalled");
        }
    }

    #[tokio::test]
    async fn a_full_disk_keeps_no_result_back() {
        let folder = tempfile::tempdir().unwrap();
        let log = spool(folder.path(), 0).log_of(TASK, LogLevel::Info).unwrap();
        let link = Link::new();
        log.write(LogLevel::Info, "there is no room for this");
        tokio::select! { () = log.serve(&link) => unreachable!(), () = log.settled() => {} }
        assert_eq!(found_after_a_kill(folder.path()), "");
    }
}
