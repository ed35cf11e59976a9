//! Opening the database: SQLite by default, PostgreSQL when the address says so. Readers and the writer have pools of
//! their own on SQLite, so that a long list never holds up a commit.

pub(crate) mod alone;
pub mod dump;
pub(crate) mod json;
pub mod maintenance;
mod opening;
pub mod server_time;
pub mod signals;

use std::{path::Path, time::Duration};

use baigong_model::{Error, Result};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use crate::{error::translate, migrate, write::Store};

/// The oldest SQLite whose write-ahead log is known not to lose acknowledged writes.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// How long a connection is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Which database stands behind a [`Store`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// One file, one platform node.
    Sqlite,
    /// A server, any number of platform nodes.
    Postgres,
}

/// How SQLite makes a commit durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// Flushes before a commit is acknowledged: what the platform promises.
    #[default]
    Full,
    /// Never flushes: for tests of logic, where the machine does not lose power.
    Off,
}

/// How to open the database.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `sqlite:///path/file.db` or `postgres://user@host/name`.
    pub url: String,
    /// How SQLite commits.
    pub synchronous: Synchronous,
    /// How many connections read (SQLite) or do anything (PostgreSQL).
    pub connections: u32,
}

impl Settings {
    /// The usual settings for the database at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), synchronous: Synchronous::Full, connections: 8 }
    }

    /// The usual settings for a SQLite file.
    #[must_use]
    pub fn sqlite(file: &Path) -> Self {
        Self::new(format!("sqlite://{}", file.display()))
    }
}

impl Store {
    /// Opens the database, checks its version and brings its tables up to date.
    pub async fn open(settings: &Settings) -> Result<Self> {
        let store = Self::connect(settings).await?;
        migrate::up(&store).await?;
        Ok(store)
    }

    /// Opens the database as it is, without touching its tables: for checks and backups.
    pub async fn connect(settings: &Settings) -> Result<Self> {
        if settings.url.starts_with("sqlite:") {
            let writer = open_sqlite(settings, true).await?;
            assert_sqlite_version(&writer).await?;
            let reader = open_sqlite(settings, false).await?;
            return Ok(Self::new(Engine::Sqlite, reader, writer));
        }
        if settings.url.starts_with("postgres:") || settings.url.starts_with("postgresql:") {
            let pool = match Database::connect(postgres_options(settings)).await {
                Ok(pool) => pool,
                Err(error) => return Err(opening::postgres_failed(&settings.url, &error).await),
            };
            return Ok(Self::new(Engine::Postgres, pool.clone(), pool));
        }
        Err(Error::invalid("database", "must begin with sqlite:// or postgres://"))
    }
}

async fn open_sqlite(settings: &Settings, writes: bool) -> Result<DatabaseConnection> {
    let synchronous = match settings.synchronous {
        Synchronous::Full => SqliteSynchronous::Full,
        Synchronous::Off => SqliteSynchronous::Off,
    };
    let mut options = ConnectOptions::new(settings.url.clone());
    options
        .max_connections(if writes { 1 } else { settings.connections })
        .min_connections(1)
        .sqlx_logging(false)
        .test_before_acquire(false)
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(PATIENCE)
        .map_sqlx_sqlite_opts(move |options| {
            let options = options
                .create_if_missing(writes)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(synchronous)
                .busy_timeout(Duration::from_secs(10))
                .foreign_keys(true)
                .statement_cache_capacity(256)
                .row_buffer_size(256)
                .pragma("wal_autocheckpoint", "4000")
                .pragma("journal_size_limit", "67108864")
                .pragma("cache_size", "-16000")
                .pragma("temp_store", "memory");
            if writes { options } else { options.pragma("query_only", "on") }
        });
    Database::connect(options).await.map_err(|error| opening::sqlite_failed(&settings.url, &error))
}

fn postgres_options(settings: &Settings) -> ConnectOptions {
    let mut options = ConnectOptions::new(settings.url.clone());
    options
        .max_connections(settings.connections.max(2) * 2)
        .min_connections(2)
        .sqlx_logging(false)
        .test_before_acquire(false)
        .acquire_timeout(PATIENCE)
        .map_sqlx_postgres_opts(|options| {
            // Heads of queues are read in the order of their index. Where PostgreSQL believes that few wait – it counted before many
            // were put in – it would rather fetch all of them and sort, a hundred thousand rows for each that is taken.
            let options = options.options([("enable_bitmapscan", "off")]);
            options.statement_cache_capacity(256).application_name("baigong")
        });
    options
}

async fn assert_sqlite_version(connection: &DatabaseConnection) -> Result<()> {
    let query = Statement::from_string(DbBackend::Sqlite, "SELECT sqlite_version() AS version");
    let row = connection.query_one_raw(query).await.map_err(translate)?;
    let text: String = row
        .ok_or_else(|| Error::unavailable("SQLite does not tell its version"))?
        .try_get_by_index(0)
        .map_err(translate)?;
    if is_recent(&text) {
        return Ok(());
    }
    let (a, b, c) = OLDEST_SQLITE;
    Err(Error::unavailable(format!("SQLite {text} may lose acknowledged writes: {a}.{b}.{c} or newer is needed")))
}

/// The type of an id column that the database counts up and never uses twice.
pub(crate) fn id_column(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
        _ => "INTEGER PRIMARY KEY AUTOINCREMENT",
    }
}

/// What is written behind a table whose rows lie in the order of its key: there is then no index of the key beside it.
pub(crate) fn in_key_order(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "",
        _ => " WITHOUT ROWID",
    }
}

fn is_recent(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next()) >= OLDEST_SQLITE
}

#[cfg(test)]
mod tests {
    use super::is_recent;

    #[test]
    fn versions_compare_by_number_not_by_letter() {
        assert!(is_recent("3.51.3") && is_recent("3.100.0") && is_recent("4.0.0"));
        assert!(!is_recent("3.51.2") && !is_recent("3.9.9") && !is_recent("3.46.0") && !is_recent(""));
    }
}
