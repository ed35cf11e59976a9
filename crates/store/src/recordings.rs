//! Recordings of tasks' screens. The bytes lie among the blobs.

use baigong_model::{Result, ids::TaskId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, DatabaseTransaction as Tx, EntityTrait, QueryFilter, QueryOrder,
};

use crate::{
    entity::recording::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    write::Store,
};

/// Stores `row` (its id is ignored); its id. A part of a run is stored once.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let name = format!("{}/{}/{}", row.task_id, row.fence, row.part);
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "recording", &name))?.id)
}

/// The recording `id`, whatever task it is of: whoever asks must check the task.
pub async fn find(store: &Store, id: i64) -> Result<Option<Model>> {
    crate::sql::unique(Entity::find_by_id(id), store.reader()).await
}

/// The recordings of a task, by run and part.
pub async fn of_task(store: &Store, task_id: TaskId) -> Result<Vec<Model>> {
    let query = Entity::find().filter(Column::TaskId.eq(task_id));
    query.order_by_asc(Column::Fence).order_by_asc(Column::Part).all(store.reader()).await.map_err(translate)
}
