//! The one way to write. On SQLite a single writer begins IMMEDIATE and commits in groups: whatever waits shares a
//! transaction, each piece of work in a savepoint of its own, and one flush acknowledges them all. On PostgreSQL each
//! piece of work is a transaction.

mod source;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use baigong_model::{Error, Result};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction as Tx, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait, sqlx::Connection,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::{
    connect::Engine,
    error::translate,
    pulse::{Counters, Pulse},
    sql,
};

pub(crate) use source::source;

/// How many pieces of work may wait for the writer before callers are told to try later.
const WAITING: usize = 4096;
/// How long a write may take where the database is a server.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many pieces of work share one commit.
const GROUP: usize = 128;

/// What a piece of work leaves behind: whether to keep its changes, and how to tell its caller once they are durable.
pub(crate) struct Completion {
    pub(crate) keep: bool,
    pub(crate) tell: Box<dyn FnOnce(Result<()>) + Send>,
}

/// A piece of work inside a transaction.
pub(crate) type Job = Box<dyn for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Completion> + Send>;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    engine: Engine,
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    queue: Option<mpsc::Sender<Job>>,
    /// Where commits are not grouped: a place for each piece of work that waits or runs.
    places: Arc<Semaphore>,
    counters: Arc<Counters>,
}

impl Store {
    pub(crate) fn new(engine: Engine, reader: DatabaseConnection, writer: DatabaseConnection) -> Self {
        let counters = Arc::<Counters>::default();
        let queue = (engine == Engine::Sqlite).then(|| {
            let (queue, jobs) = mpsc::channel(WAITING);
            tokio::spawn(write_in_groups(writer.clone(), jobs, counters.clone()));
            queue
        });
        Self(Arc::new(Inner { engine, reader, writer, queue, places: Arc::new(Semaphore::new(WAITING)), counters }))
    }

    /// Which engine it is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.0.engine
    }

    /// The connection for reading. It never sees work that is not committed.
    #[must_use]
    pub fn reader(&self) -> &DatabaseConnection {
        &self.0.reader
    }

    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.0.writer
    }

    /// Whether a batch may be queued while the one before is being committed: on SQLite it then joins the next group.
    #[must_use]
    pub fn groups_commits(&self) -> bool {
        self.0.queue.is_some()
    }

    /// How much was written, and how much at once.
    #[must_use]
    pub fn pulse(&self) -> Pulse {
        self.0.counters.read()
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.0.counters
    }

    /// Runs `work` in a transaction and answers after it is durable. An error, or a panic, undoes all of it. The work
    /// must wait for nothing but the database: others wait for it.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        self.submit(Box::new(move |tx| {
            async move {
                let outcome = work(tx).await;
                let keep = outcome.is_ok();
                let tell =
                    move |committed: Result<()>| drop(sender.send(outcome.and_then(|value| committed.map(|()| value))));
                Completion { keep, tell: Box::new(tell) }
            }
            .boxed()
        }))?;
        answer.await.map_err(|_| Error::unavailable("the database does not take writes at the moment: try again"))?
    }

    /// Queues a piece of work; its completion tells the caller.
    pub(crate) fn submit(&self, job: Job) -> Result<()> {
        let full = || Error::LimitReached("too many writes are waiting: try again in a moment".into());
        match &self.0.queue {
            Some(queue) => queue.try_send(job).map_err(|_| full()),
            None => {
                let place = self.0.places.clone().try_acquire_owned().map_err(|_| full())?;
                self.0.counters.commit(1);
                tokio::spawn(write_alone(self.0.writer.clone(), job, place));
                Ok(())
            }
        }
    }
}

/// One transaction for one piece of work. A database that does not answer at all is given up after [`PATIENCE`]: what
/// waits is dropped, which tells its callers to try again.
async fn write_alone(writer: DatabaseConnection, job: Job, place: OwnedSemaphorePermit) {
    let mut jobs = vec![job];
    let written = tokio::time::timeout(PATIENCE, write_group(&writer, &mut jobs, None));
    if written.await.is_err() {
        tracing::error!(seconds = PATIENCE.as_secs(), "the database did not answer a write in time");
    }
    drop(place);
}

/// The writer of SQLite: ends when the last [`Store`] is gone.
async fn write_in_groups(writer: DatabaseConnection, mut queue: mpsc::Receiver<Job>, counters: Arc<Counters>) {
    let mut jobs = Vec::with_capacity(GROUP);
    while queue.recv_many(&mut jobs, GROUP).await > 0 {
        counters.commit(jobs.len());
        if write_group(&writer, &mut jobs, Some(&mut queue)).await.is_err() {
            discard(&writer).await;
        }
    }
}

/// The connection can no longer be trusted: a full disk makes SQLite end the transaction by itself, and what was begun on
/// the connection afterwards would never be committed.
struct Broken;

/// Runs `jobs` in one transaction and tells each caller once it is known whether the work is durable. What has come into
/// `queue` meanwhile joins them once: the claim that follows a new task at once shares its commit.
async fn write_group(
    writer: &DatabaseConnection,
    jobs: &mut Vec<Job>,
    queue: Option<&mut mpsc::Receiver<Job>>,
) -> std::result::Result<(), Broken> {
    let sqlite_transaction_mode = queue.is_some().then_some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode, ..Default::default() };
    let tx = match writer.begin_with_options(options).await {
        Ok(tx) => tx,
        Err(error) => {
            tracing::error!(%error, waiting = jobs.len(), "a transaction could not begin");
            // Dropping the jobs closes their callers' channels; each then hears that it may try again.
            jobs.clear();
            return Err(Broken);
        }
    };
    let mut completions = Vec::with_capacity(jobs.len());
    let alone = jobs.len() == 1;
    let mut trouble = run_all(&tx, jobs, alone, &mut completions).await.err();
    let mut keep = trouble.is_none() && completions.iter().any(|completion| completion.keep);
    // A job that was alone had no savepoint: what it left is undone only with the whole transaction.
    if let (Some(queue), true) = (queue, keep) {
        while jobs.len() + completions.len() < GROUP
            && let Ok(job) = queue.try_recv()
        {
            jobs.push(job);
        }
        trouble = run_all(&tx, jobs, false, &mut completions).await.err();
        keep = trouble.is_none();
    }
    let ended = if keep { tx.commit().await } else { tx.rollback().await };
    let outcome = trouble.map_or(ended, Err);
    if let Err(error) = &outcome {
        tracing::error!(%error, "a group of writes is undone and its callers are told");
    }
    for completion in completions {
        (completion.tell)(outcome.as_ref().copied().map_err(|error| translate(sql::same(error))));
    }
    outcome.map_err(|_| Broken)
}

/// Runs the jobs one after the other. After an error the transaction is in doubt; the jobs behind are dropped, and their
/// callers may try again.
async fn run_all(
    tx: &Tx,
    jobs: &mut Vec<Job>,
    alone: bool,
    completions: &mut Vec<Completion>,
) -> std::result::Result<(), DbErr> {
    for job in jobs.drain(..) {
        completions.extend(run_one(tx, job, alone).await?);
    }
    Ok(())
}

/// Runs one job; in a group it gets a savepoint, alone it has the transaction to itself. None when the job panicked and
/// was undone; an error when the transaction itself is in doubt.
async fn run_one(tx: &Tx, job: Job, alone: bool) -> std::result::Result<Option<Completion>, DbErr> {
    if alone {
        return Ok(completed(job, tx).await);
    }
    #[expect(clippy::disallowed_methods, reason = "a savepoint inside the writer's own transaction")]
    let savepoint = tx.begin().await?;
    let completion = completed(job, &savepoint).await;
    let keep = completion.as_ref().is_some_and(|completion| completion.keep);
    let ended = if keep { savepoint.commit().await } else { savepoint.rollback().await };
    match (ended, completion) {
        (Ok(()), completion) => Ok(completion),
        (Err(error), completion) => {
            if let Some(completion) = completion {
                (completion.tell)(Err(translate(sql::same(&error))));
            }
            Err(error)
        }
    }
}

/// Runs the job; none when it panicked.
async fn completed(job: Job, tx: &Tx) -> Option<Completion> {
    let completion = AssertUnwindSafe(job(tx)).catch_unwind().await.ok();
    if completion.is_none() {
        tracing::error!("a piece of work panicked and is undone");
    }
    completion
}

/// Closes the writer's connection, which is the pool's only one; the pool opens another.
async fn discard(writer: &DatabaseConnection) {
    match writer.get_sqlite_connection_pool().acquire().await {
        Ok(connection) => {
            if let Err(error) = connection.detach().close_hard().await {
                tracing::warn!(%error, "a connection in doubt could not be closed in order");
            }
        }
        Err(error) => tracing::error!(%error, "the writer cannot be opened anew at the moment"),
    }
}

/// The clause by which a query locks the rows it reads: `wanted` where several writers exist, none on SQLite, whose one
/// writer is alone.
pub(crate) fn row_lock(tx: &Tx, wanted: &'static str) -> &'static str {
    match tx.get_database_backend() {
        sea_orm::DbBackend::Postgres => wanted,
        _ => "",
    }
}

/// Whether places are written with their numbers, as PostgreSQL wants them.
pub(crate) fn has_numbered_places(on: &impl ConnectionTrait) -> bool {
    on.get_database_backend() == sea_orm::DbBackend::Postgres
}

/// Ids for `count` new rows of `table`, in order: explicit ids let a batch tell each caller which rows are its own.
pub(crate) async fn next_ids(tx: &Tx, table: &str, count: usize) -> Result<Vec<i64>> {
    match tx.get_database_backend() {
        sea_orm::DbBackend::Postgres => {
            let ids = format!("SELECT nextval('{table}_id_seq') AS id FROM generate_series(1, {count})");
            sql::column(tx, &ids, vec![]).await
        }
        _ => {
            // AUTOINCREMENT's own counter, so that an id is never used twice even after its row is gone.
            let last = format!("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = '{table}'");
            let last: i64 = sql::column(tx, &last, vec![]).await?.first().copied().unwrap_or(0);
            let count = i64::try_from(count).map_err(Error::internal)?;
            Ok((last + 1..=last + count).collect())
        }
    }
}
