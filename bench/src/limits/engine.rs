//! The bare engine: one connection of the same driver with the same settings, the same tables, and nothing else.

use std::time::{Duration, Instant};

use anyhow::Result;
use baigong_store::{Settings, Store};
use baigong_testkit::TestDatabase;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement, Value};

use super::rows::Row;
use crate::stage::Engine;
use crate::{stats, time};

/// A connection to a database with the platform's tables.
pub(crate) struct Bare {
    connection: DatabaseConnection,
    next: i64,
    /// Below the connection, so that it goes after it.
    _database: TestDatabase,
}

impl Bare {
    /// A new database of this kind.
    pub(crate) async fn open(engine: Engine) -> Result<Self> {
        let database = engine.database()?;
        drop(Store::open(&Settings::new(database.url())).await?);
        let mut options = ConnectOptions::new(database.url().to_owned());
        options.max_connections(1).sqlx_logging(false).test_before_acquire(false).map_sqlx_sqlite_opts(|options| {
            options
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .pragma("wal_autocheckpoint", "4000")
                .pragma("cache_size", "-16000")
        });
        let connection = Database::connect(options).await?;
        Ok(Self { connection, next: 1, _database: database })
    }

    /// Runs one statement: by itself, it is one commit.
    pub(crate) async fn run(&self, text: &str, values: Vec<Value>) -> Result<u64> {
        let statement = Statement::from_sql_and_values(self.connection.get_database_backend(), text, values);
        Ok(self.connection.execute_raw(statement).await?.rows_affected())
    }

    /// Inserts `count` rows in one statement and commit; the id of the first.
    pub(crate) async fn insert(&mut self, row: &Row, count: usize) -> Result<i64> {
        let first = self.next;
        let numbered = self.connection.get_database_backend() == DbBackend::Postgres;
        let (text, values) = row.insert(first, count, numbered);
        self.next += i64::try_from(count)?;
        self.run(&text, values).await?;
        Ok(first)
    }

    /// Rows a second for `window`, so many in each statement and commit.
    pub(crate) async fn rate(&mut self, row: &Row, per_commit: usize, window: Duration) -> Result<f64> {
        let begun = time::now();
        let mut rows = 0;
        while !over(begun, window) {
            self.insert(row, per_commit).await?;
            rows += per_commit;
        }
        Ok(stats::as_f64(rows) / time::seconds_since(begun))
    }

    /// Rows a second that `text` changes, run again and again for `window` or until it changes none.
    pub(crate) async fn repeat(&self, text: &str, window: Duration) -> Result<f64> {
        let begun = time::now();
        let mut rows = 0;
        while !over(begun, window) {
            match self.run(text, Vec::new()).await? {
                0 => break,
                changed => rows += usize::try_from(changed)?,
            }
        }
        Ok(stats::as_f64(rows) / time::seconds_since(begun))
    }
}

fn over(begun: Instant, window: Duration) -> bool {
    time::now().duration_since(begun) >= window
}
