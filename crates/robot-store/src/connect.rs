//! Opening the file: a writer that flushes every commit, and readers beside it that stay small while nobody asks.

use std::{path::Path, time::Duration};

use baigong_model::{Error, Result};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use crate::{schema, write::RobotStore};

/// How long a connection is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Readers that nobody uses for so long are closed.
const IDLE: Duration = Duration::from_secs(60);
/// How many may read at once.
const READERS: u32 = 4;

impl RobotStore {
    /// Opens the database in `file`, or makes it.
    pub async fn open(file: &Path) -> Result<Self> {
        let cannot = |error: sea_orm::DbErr| {
            Error::unavailable(format!("the robot's database {} cannot be opened: {error}", file.display()))
        };
        private(file).map_err(|error| Error::unavailable(format!("{}: {error}", file.display())))?;
        let writer = connect(file, true).await.map_err(cannot)?;
        let reader = connect(file, false).await.map_err(cannot)?;
        let store = Self::new(reader, writer);
        schema::make(&store).await?;
        Ok(store)
    }
}

/// Only the robot's own account may read what it keeps. The files that SQLite makes beside take over what holds for this one.
fn private(file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}

async fn connect(file: &Path, writes: bool) -> Result<DatabaseConnection, sea_orm::DbErr> {
    let mut options = ConnectOptions::new(format!("sqlite://{}", file.display()));
    options
        .max_connections(if writes { 1 } else { READERS })
        .min_connections(u32::from(writes))
        .sqlx_logging(false)
        .test_before_acquire(false)
        .max_lifetime(None)
        .idle_timeout(if writes { None } else { Some(IDLE) })
        .acquire_timeout(PATIENCE)
        .map_sqlx_sqlite_opts(move |options| {
            let options = options
                .create_if_missing(writes)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(PATIENCE)
                .foreign_keys(true)
                .pragma("journal_size_limit", "16777216")
                .pragma("cache_size", "-2000");
            if writes { options } else { options.pragma("query_only", "on") }
        });
    Database::connect(options).await
}
