//! Looking after a database: is it whole, is it of this version, a copy of it. All of it may run beside a platform.

use std::path::Path;

use baigong_model::{Error, Result};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};

use crate::{
    Engine, Settings, Store,
    entity::{artifact, package, recording_chunk},
    error::translate,
    migrate, sql,
};

/// A file among the blobs that a row points at.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct StoredFile {
    /// The row's id.
    pub id: i64,
    /// Where it lies.
    pub blob_key: String,
    /// Its size in bytes.
    pub size: i64,
}

/// How many steps this version would take to bring the database up to date; an error when a newer version made it.
pub async fn missing_steps(store: &Store) -> Result<usize> {
    migrate::missing(store).await
}

/// What is broken in the database, in the engine's words; nothing when it is whole.
pub async fn integrity(store: &Store) -> Result<Vec<String>> {
    if store.engine() == Engine::Postgres {
        // A server keeps its own pages and references; a query that fails is all that can be seen from here.
        return sql::column::<i64>(store.reader(), "SELECT count(*) FROM task", vec![]).await.map(|_| Vec::new());
    }
    let mut findings: Vec<String> = sql::column(store.reader(), "PRAGMA integrity_check(20)", vec![]).await?;
    findings.retain(|finding| finding != "ok");
    for row in sql::rows(store.reader(), "PRAGMA foreign_key_check", vec![]).await? {
        let (table, parent): (String, String) = (sql::get(&row, 0)?, sql::get(&row, 2)?);
        findings.push(format!("a row of {table} points at a row of {parent} that is not there"));
    }
    Ok(findings)
}

/// Copies a SQLite database into `file`, as of one moment, while others may write. The copy needs no log beside it.
pub async fn backup(settings: &Settings, file: &Path) -> Result<()> {
    if !settings.url.starts_with("sqlite:") {
        return Err(Error::conflict("a PostgreSQL database is copied with its own tools: pg_dump --format=custom"));
    }
    let target = file.to_str().ok_or_else(|| Error::invalid("into", "the path must be UTF-8"))?;
    // A connection of its own: the readers may not write anything, and the writer is needed meanwhile.
    let connection = super::open_sqlite(settings, true).await?;
    let copied = sql::run(&connection, "VACUUM INTO $1", vec![target.into()]).await;
    connection.close().await.map_err(translate)?;
    copied.map(drop)
}

/// The files of all packages.
pub async fn package_files(store: &Store) -> Result<Vec<StoredFile>> {
    let columns = [package::Column::Id, package::Column::BlobKey, package::Column::Size];
    let query = package::Entity::find().select_only().columns(columns);
    query.into_model().all(store.reader()).await.map_err(translate)
}

/// The files of all recordings, by the recordings' ids.
pub async fn recording_files(store: &Store) -> Result<Vec<StoredFile>> {
    let query = recording_chunk::Entity::find().filter(recording_chunk::Column::BlobKey.is_not_null()).select_only();
    let query = query.column_as(recording_chunk::Column::RecordingId, "id");
    let query = query.columns([recording_chunk::Column::BlobKey, recording_chunk::Column::Size]);
    query.into_model().all(store.reader()).await.map_err(translate)
}

/// The files of all artifacts.
pub async fn artifact_files(store: &Store) -> Result<Vec<StoredFile>> {
    let columns = [artifact::Column::Id, artifact::Column::BlobKey, artifact::Column::Size];
    let query = artifact::Entity::find().select_only().columns(columns);
    query.into_model().all(store.reader()).await.map_err(translate)
}
