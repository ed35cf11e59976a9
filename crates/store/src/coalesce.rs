//! Coalescing of hot writes: whatever arrives while the last commit runs becomes one statement of many rows and one
//! commit, and every caller gets its own answer after it. A batch that fails as a whole is tried again item by item, so
//! that one bad item never spoils the others.

use std::sync::{Arc, Mutex, PoisonError};

use baigong_model::{Error, Result};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::DatabaseTransaction as Tx;
use tokio::sync::oneshot;

use crate::write::{Completion, Job, Store};

/// Writes a batch: one answer per item, in order.
pub type WriteBatch<I, O> = for<'t> fn(&'t Tx, Arc<Vec<I>>) -> BoxFuture<'t, Result<Vec<Result<O>>>>;

/// Gathers items of one kind and writes them together.
pub struct Coalescer<I, O>(Arc<Inner<I, O>>);

struct Inner<I, O> {
    store: Store,
    write: WriteBatch<I, O>,
    /// Items per batch at most.
    batch: usize,
    waiting: Mutex<Waiting<I, O>>,
}

struct Waiting<I, O> {
    items: Vec<(I, oneshot::Sender<Result<O>>)>,
    /// A batch is queued, or (where commits are not grouped) under way.
    scheduled: bool,
}

/// Callers that may wait for one kind of write before more are told to try later.
const WAITING: usize = 16_384;

impl<I, O> Clone for Coalescer<I, O> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<I: Send + Sync + 'static, O: Send + 'static> Coalescer<I, O> {
    /// A coalescer over `write`, with at most `batch` items in one statement.
    pub fn new(store: &Store, batch: usize, write: WriteBatch<I, O>) -> Self {
        let waiting = Mutex::new(Waiting { items: Vec::new(), scheduled: false });
        Self(Arc::new(Inner { store: store.clone(), write, batch, waiting }))
    }

    /// Writes `item` together with whatever else is waiting; answers after the commit.
    pub async fn submit(&self, item: I) -> Result<O> {
        self.enqueue(item)?.await.unwrap_or_else(|_| Err(Error::unavailable("the write could not be done: try again")))
    }

    /// Queues `item` at once, before the first await; the receiver is answered after the commit.
    pub fn enqueue(&self, item: I) -> Result<oneshot::Receiver<Result<O>>> {
        let (sender, answer) = oneshot::channel();
        let schedule = {
            let mut waiting = self.waiting();
            if waiting.items.len() >= WAITING {
                return Err(Error::LimitReached("too many writes are waiting: try again in a moment".into()));
            }
            waiting.items.push((item, sender));
            !std::mem::replace(&mut waiting.scheduled, true)
        };
        if schedule {
            self.schedule();
        }
        Ok(answer)
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting<I, O>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a job that takes what is waiting at the moment it runs.
    fn schedule(&self) {
        let scheduled = Scheduled(Some(self.clone()));
        let job: Job = Box::new(move |tx| {
            async move {
                match scheduled.begin() {
                    Some(this) => this.run(tx).await,
                    None => Completion { keep: false, tell: Box::new(drop) },
                }
            }
            .boxed()
        });
        if let Err(error) = self.0.store.submit(job) {
            tracing::warn!(%error, "hot writes were turned away");
        }
    }

    /// Takes a batch; where commits are grouped the next one may be queued from here on.
    fn take(&self) -> (Vec<I>, Vec<oneshot::Sender<Result<O>>>) {
        let mut waiting = self.waiting();
        let count = waiting.items.len().min(self.0.batch);
        let taken = waiting.items.drain(..count).unzip();
        if self.0.store.groups_commits() {
            waiting.scheduled = false;
            self.again(waiting);
        }
        taken
    }

    fn again(&self, mut waiting: std::sync::MutexGuard<'_, Waiting<I, O>>) {
        if !waiting.items.is_empty() && !waiting.scheduled {
            waiting.scheduled = true;
            drop(waiting);
            self.schedule();
        }
    }

    async fn run(self, tx: &Tx) -> Completion {
        let (items, senders) = self.take();
        let guard = Unlock(self.clone());
        self.0.store.counters().batch(items.len());
        let items = Arc::new(items);
        let outcome = if items.is_empty() { Ok(Vec::new()) } else { (self.0.write)(tx, items.clone()).await };
        let keep = outcome.is_ok();
        if let Err(Error::Internal(cause)) = &outcome {
            tracing::error!(%cause, items = items.len(), "a batch of writes failed");
        }
        let tell = move |committed: Result<()>| {
            drop(guard);
            match (outcome, committed) {
                (Ok(answers), Ok(())) => {
                    senders.into_iter().zip(answers).for_each(|(to, answer)| drop(to.send(answer)));
                }
                (Ok(_), Err(error)) => tell_all(senders, &error),
                (Err(error), _) if senders.len() == 1 => tell_all(senders, &error),
                (Err(error), _) => self.one_by_one(items, senders, &error),
            }
        };
        Completion { keep, tell: Box::new(tell) }
    }

    /// The batch failed as a whole: each item gets a transaction of its own.
    fn one_by_one(&self, items: Arc<Vec<I>>, senders: Vec<oneshot::Sender<Result<O>>>, error: &Error) {
        tracing::debug!(%error, items = senders.len(), "a batch failed: its items are written one by one");
        let Ok(items) = Arc::try_unwrap(items) else { return tell_all(senders, error) };
        for (item, sender) in items.into_iter().zip(senders) {
            let write = self.0.write;
            let job: Job = Box::new(move |tx| {
                async move {
                    let outcome = write(tx, Arc::new(vec![item])).await;
                    let answer = outcome.and_then(|answers| {
                        answers.into_iter().next().ok_or_else(|| Error::internal("a batch of one gave no answer"))?
                    });
                    let keep = answer.is_ok();
                    let tell = move |committed: Result<()>| {
                        drop(sender.send(answer.and_then(|value| committed.map(|()| value))));
                    };
                    Completion { keep, tell: Box::new(tell) }
                }
                .boxed()
            });
            // A full queue drops the job, which closes its caller's channel: it hears "try again".
            drop(self.0.store.submit(job));
        }
    }
}

/// A batch that is queued. If its job is dropped before it begins (the writer is full, or no transaction could begin),
/// those who wait are told to try again, and the next caller queues a new one.
struct Scheduled<I: Send + Sync + 'static, O: Send + 'static>(Option<Coalescer<I, O>>);

impl<I: Send + Sync + 'static, O: Send + 'static> Scheduled<I, O> {
    fn begin(mut self) -> Option<Coalescer<I, O>> {
        self.0.take()
    }
}

impl<I: Send + Sync + 'static, O: Send + 'static> Drop for Scheduled<I, O> {
    fn drop(&mut self) {
        if let Some(this) = self.0.take() {
            let mut waiting = this.waiting();
            waiting.scheduled = false;
            waiting.items.clear();
        }
    }
}

/// Where commits are not grouped, the next batch begins when this one has ended, however it ended.
struct Unlock<I: Send + Sync + 'static, O: Send + 'static>(Coalescer<I, O>);

impl<I: Send + Sync + 'static, O: Send + 'static> Drop for Unlock<I, O> {
    fn drop(&mut self) {
        if !self.0.0.store.groups_commits() {
            let mut waiting = self.0.waiting();
            waiting.scheduled = false;
            self.0.again(waiting);
        }
    }
}

fn tell_all<O>(senders: Vec<oneshot::Sender<Result<O>>>, error: &Error) {
    for sender in senders {
        drop(sender.send(Err(repeat(error))));
    }
}

/// The same error for another caller; a private cause is logged once where it arose and not repeated.
fn repeat(error: &Error) -> Error {
    match error {
        Error::Conflict(text) => Error::Conflict(text.clone()),
        Error::LimitReached(text) => Error::LimitReached(text.clone()),
        Error::Unavailable(text) => Error::Unavailable(text.clone()),
        other => Error::internal(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use baigong_testkit::TestDatabase;

    use super::*;
    use crate::{Settings, queue_items};

    #[tokio::test(flavor = "multi_thread")]
    async fn when_no_transaction_can_begin_every_caller_is_told_and_the_next_one_too() {
        let database = TestDatabase::sqlite().unwrap();
        let store = Store::open(&Settings::new(database.url())).await.unwrap();
        let pop: Coalescer<_, _> = Coalescer::new(&store, 8, queue_items::pop);
        let ask = || pop.submit(queue_items::Pop { queue_id: 1, holder: "me".into(), lease_until: 2, now: 1 });
        assert!(ask().await.unwrap().is_none());
        store.writer().get_sqlite_connection_pool().close().await;
        for _ in 0..2 {
            let (one, two) = tokio::join!(ask(), ask());
            for answer in [one, two] {
                assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
            }
        }
    }
}
