//! The versions of files, and what becomes of their bytes.

use std::collections::HashSet;

use baigong_model::Result;
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, DatabaseTransaction as Tx, EntityTrait, QueryFilter, QueryOrder,
};

use crate::{
    connect::maintenance::StoredFile,
    entity::file_version::{ActiveModel, Column, Entity, Model},
    error::translate,
    sql,
    write::Store,
};

/// Inserts `row` (its id is ignored); its id.
pub async fn insert_version(tx: &Tx, row: Model) -> Result<i64> {
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(translate)?.id)
}

/// Version `number` of the file.
pub async fn version(store: &Store, file_id: i64, number: i64) -> Result<Option<Model>> {
    let query = Entity::find().filter(Column::FileId.eq(file_id)).filter(Column::Number.eq(number));
    sql::unique(query, store.reader()).await
}

/// The version `id`, whatever file it is of: whoever asks must check the file.
pub async fn find_version(store: &Store, id: i64) -> Result<Option<Model>> {
    sql::unique(Entity::find_by_id(id), store.reader()).await
}

/// The versions of a file, newest first.
pub async fn versions(store: &Store, file_id: i64) -> Result<Vec<Model>> {
    let query = Entity::find().filter(Column::FileId.eq(file_id)).order_by_desc(Column::Number);
    query.all(store.reader()).await.map_err(translate)
}

/// Forgets the versions of the file up to `number`; their bytes belong to nothing then.
pub async fn drop_beyond(tx: &Tx, file_id: i64, number: i64) -> Result<()> {
    let text = "DELETE FROM file_version WHERE file_id = $1 AND number <= $2";
    sql::run(tx, text, vec![file_id.into(), number.into()]).await.map(drop)
}

/// Up to 500 versions with bytes of files that were deleted before `before`: id and key.
pub async fn removed_before(store: &Store, before: i64) -> Result<Vec<(i64, String)>> {
    let text =
        "SELECT file_version.id, file_version.blob_key FROM file JOIN file_version ON file_version.file_id = file.id
        WHERE file.deleted_at < $1 AND file_version.blob_key IS NOT NULL ORDER BY file.deleted_at LIMIT 500";
    let rows = sql::rows(store.reader(), text, vec![before.into()]).await?;
    rows.iter().map(|row| Ok((sql::get(row, 0)?, sql::get(row, 1)?))).collect()
}

/// Notes that the bytes of these versions are removed.
pub async fn drop_removed(tx: &Tx, ids: &[i64]) -> Result<()> {
    let text = format!("UPDATE file_version SET blob_key = NULL WHERE id IN {}", sql::places(tx, 1, ids.len(), 0));
    sql::run(tx, &text, ids.iter().map(|id| (*id).into()).collect()).await.map(drop)
}

/// Which of `keys` a version points at.
pub async fn known_blobs(store: &Store, keys: &[String]) -> Result<HashSet<String>> {
    let text = format!(
        "SELECT blob_key FROM file_version WHERE blob_key IN {}",
        sql::places(store.reader(), 1, keys.len(), 0)
    );
    let found = sql::column(store.reader(), &text, keys.iter().map(|key| key.as_str().into()).collect()).await?;
    Ok(found.into_iter().collect())
}

/// The bytes of all versions.
pub async fn stored_files(store: &Store) -> Result<Vec<StoredFile>> {
    let text = "SELECT id, blob_key, size FROM file_version WHERE blob_key IS NOT NULL ORDER BY id";
    let file = |row| {
        let mut row = sql::Cursor::over(row);
        Ok(StoredFile { id: row.get()?, blob_key: row.get()?, size: row.get()? })
    };
    sql::rows(store.reader(), text, vec![]).await?.iter().map(file).collect()
}
