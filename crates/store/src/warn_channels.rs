//! Warn channels.

use baigong_model::{Page, Result};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::{
    entity::warn_channel::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    filter::ListFilter,
    scope::Scope,
    sql,
    write::{Store, next_ids},
};

/// The id of a row to be inserted: its secrets are sealed to it.
pub async fn next_id(tx: &Tx) -> Result<i64> {
    let ids = next_ids(tx, "warn_channel", 1).await?;
    ids.first().copied().ok_or_else(|| baigong_model::Error::internal("no id for a warn channel"))
}

/// Inserts `row` as it is. The name must be free in its department.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    let name = row.name.clone();
    let row = ActiveModel::from(row).reset_all();
    Entity::insert(row).exec_without_returning(tx).await.map_err(|error| taken(error, "warn channel", &name)).map(drop)
}

/// Writes `row` over the one with its id.
pub async fn update(tx: &Tx, row: Model) -> Result<()> {
    let name = row.name.clone();
    let id = row.id;
    let mut row = ActiveModel::from(row).reset_all();
    row.id = sea_orm::ActiveValue::Unchanged(id);
    row.created_at = NotSet;
    row.update(tx).await.map_err(|error| taken(error, "warn channel", &name)).map(drop)
}

/// The channel `id`, deleted or not, if the scope sees it.
pub async fn find(store: &Store, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id), store.reader()).await?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// The live channel `id`, if the scope sees it, locked until the end of the write.
pub async fn find_live(tx: &Tx, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id).lock_exclusive(), tx).await?;
    Ok(row.filter(|row| row.deleted_at.is_none() && scope.sees(row.department_id, row.created_by)))
}

/// Every live channel that is in use, oldest first.
pub async fn active(tx: &Tx) -> Result<Vec<Model>> {
    let query = Entity::find().filter(Column::DeletedAt.is_null()).filter(Column::IsActive.eq(true));
    query.order_by_asc(Column::Id).all(tx).await.map_err(translate)
}

/// A page of channels, oldest first.
pub async fn list(store: &Store, filter: &ListFilter, page: Page) -> Result<Vec<Model>> {
    let rows = filter.condition(Column::DepartmentId, Column::CreatedBy, Column::Name, Column::DeletedAt);
    sql::page(Entity::find().filter(rows).order_by_asc(Column::Id), page, store.reader()).await
}

/// How many channels a list holds.
pub async fn count(store: &Store, filter: &ListFilter) -> Result<u64> {
    let rows = filter.condition(Column::DepartmentId, Column::CreatedBy, Column::Name, Column::DeletedAt);
    Entity::find().filter(rows).count(store.reader()).await.map_err(translate)
}
