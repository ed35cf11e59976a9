//! Lines of the logs of tasks, in the batches in which they came.

use baigong_model::Result;
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};

use crate::{
    Tx,
    entity::task_log::{ActiveModel, Column, Entity, Model},
    error::translate,
    write::RobotStore,
};

/// Stores a batch; one that is there already stays as it is.
pub async fn put(tx: &Tx, row: Model) -> Result<()> {
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    let once = OnConflict::columns([Column::TaskId, Column::Fence, Column::FirstSequence]).do_nothing().to_owned();
    Entity::insert(row).on_conflict(once).exec_without_returning(tx).await.map(drop).map_err(translate)
}

/// The texts of a task's batches after the one with this id, oldest first, and their ids; at most `most`.
pub async fn after(store: &RobotStore, task_id: i64, last: i64, most: u64) -> Result<Vec<(i64, String)>> {
    let query = Entity::find().select_only().column(Column::Id).column(Column::Lines);
    let query = query.filter(Column::TaskId.eq(task_id)).filter(Column::Id.gt(last)).order_by_asc(Column::Id);
    query.limit(most).into_tuple().all(store.reader()).await.map_err(translate)
}

/// Deletes the logs of these tasks.
pub(crate) async fn delete_of(tx: &Tx, tasks: &[i64]) -> Result<()> {
    Entity::delete_many().filter(Column::TaskId.is_in(tasks.to_vec())).exec(tx).await.map(drop).map_err(translate)
}
