//! Files that tasks left behind. The bytes lie among the blobs.

use baigong_model::{Error, Result, ids::TaskId};
use sea_orm::{ColumnTrait, DatabaseTransaction as Tx, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    entity::artifact::{Column, Entity, Model},
    error::translate,
    sql,
    write::Store,
};

/// Stores `row` (its id is ignored); one of the same name and run of the task is replaced. Answers the id and, where a
/// blob was replaced, its key: nothing points at it any more.
pub async fn put(tx: &Tx, row: &Model) -> Result<(i64, Option<String>)> {
    let key = vec![row.task_id.into(), row.fence.into(), row.name.as_str().into()];
    let before = "SELECT blob_key FROM artifact WHERE task_id = $1 AND fence = $2 AND name = $3";
    let replaced = sql::column(tx, before, key).await?.into_iter().next().filter(|key| *key != row.blob_key);
    let text = "INSERT INTO artifact (task_id, fence, name, size, sha256, blob_key, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (task_id, fence, name) DO UPDATE SET size = excluded.size, sha256 = excluded.sha256,
            blob_key = excluded.blob_key, created_at = excluded.created_at
        RETURNING id";
    let values = vec![
        row.task_id.into(),
        row.fence.into(),
        row.name.as_str().into(),
        row.size.into(),
        row.sha256.as_str().into(),
        row.blob_key.as_str().into(),
        row.created_at.into(),
    ];
    let ids: Vec<i64> = sql::column(tx, text, values).await?;
    Ok((ids.into_iter().next().ok_or_else(|| Error::internal("an artifact got no id"))?, replaced))
}

/// The artifact `id`, whatever task it is of: whoever asks must check the task.
pub async fn find(store: &Store, id: i64) -> Result<Option<Model>> {
    Entity::find_by_id(id).one(store.reader()).await.map_err(translate)
}

/// The artifacts of a task, by run and name.
pub async fn of_task(store: &Store, task_id: TaskId) -> Result<Vec<Model>> {
    let query = Entity::find().filter(Column::TaskId.eq(task_id));
    query.order_by_asc(Column::Fence).order_by_asc(Column::Name).all(store.reader()).await.map_err(translate)
}
