//! Machines. They belong to no department.

use baigong_model::{Page, Result};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder,
};

use crate::{
    entity::machine::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    filter::ListFilter,
    sql,
    write::Store,
};

/// Inserts `row` (its id is ignored); its id. The name must be free.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let name = row.name.clone();
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "machine", &name))?.id)
}

/// The machine `id`, deleted or not.
pub async fn find(store: &Store, id: i64) -> Result<Option<Model>> {
    crate::sql::unique(Entity::find_by_id(id), store.reader()).await
}

/// Whether the machine is there and live, inside a write.
pub async fn is_live(tx: &Tx, id: i64) -> Result<bool> {
    sql::exists(tx, "SELECT 1 FROM machine WHERE id = $1 AND deleted_at IS NULL", vec![id.into()]).await
}

/// A page of machines, oldest first.
pub async fn list(store: &Store, filter: &ListFilter, page: Page) -> Result<Vec<Model>> {
    let query = Entity::find().filter(filter.without_scope(Column::Name, Column::DeletedAt));
    crate::sql::page(query.order_by_asc(Column::Id), page, store.reader()).await
}

/// How many machines a list holds.
pub async fn count(store: &Store, filter: &ListFilter) -> Result<u64> {
    let query = Entity::find().filter(filter.without_scope(Column::Name, Column::DeletedAt));
    query.count(store.reader()).await.map_err(translate)
}
