//! Files that tasks left behind. The bytes lie among the blobs.

use baigong_model::{Result, ids::TaskId};
use sea_orm::{ColumnTrait, DatabaseTransaction as Tx, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    entity::artifact::{Column, Entity, Model},
    error::translate,
    sql,
    write::Store,
};

/// An artifact to be stored.
#[derive(Debug, Clone)]
pub struct NewArtifact {
    /// The task.
    pub task_id: TaskId,
    /// Which run of it.
    pub fence: i64,
    /// Its path below the artifacts folder.
    pub name: String,
    /// In bytes.
    pub size: i64,
    /// Hexadecimal.
    pub sha256: String,
    /// Where it lies among the blobs.
    pub blob_key: String,
    /// When it came.
    pub created_at: i64,
}

/// Stores `row`; one of the same name and run of the task is replaced. Answers the key of the blob that was replaced:
/// nothing points at it any more.
pub async fn upsert(tx: &Tx, row: NewArtifact) -> Result<Option<String>> {
    let key = vec![row.task_id.into(), row.fence.into(), row.name.as_str().into()];
    let before = "SELECT blob_key FROM artifact WHERE task_id = $1 AND fence = $2 AND name = $3";
    let replaced = sql::column(tx, before, key).await?.into_iter().next().filter(|key| *key != row.blob_key);
    let text = "INSERT INTO artifact (task_id, fence, name, size, sha256, blob_key, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (task_id, fence, name) DO UPDATE SET size = excluded.size, sha256 = excluded.sha256,
            blob_key = excluded.blob_key, created_at = excluded.created_at";
    let values = vec![
        row.task_id.into(),
        row.fence.into(),
        row.name.into(),
        row.size.into(),
        row.sha256.into(),
        row.blob_key.into(),
        row.created_at.into(),
    ];
    sql::run(tx, text, values).await?;
    Ok(replaced)
}

/// The artifact `id`, whatever task it is of: whoever asks must check the task.
pub async fn find(store: &Store, id: i64) -> Result<Option<Model>> {
    crate::sql::unique(Entity::find_by_id(id), store.reader()).await
}

/// The artifacts of a task, by run and name.
pub async fn of_task(store: &Store, task_id: TaskId) -> Result<Vec<Model>> {
    let query = Entity::find().filter(Column::TaskId.eq(task_id));
    query.order_by_asc(Column::Fence).order_by_asc(Column::Name).all(store.reader()).await.map_err(translate)
}
