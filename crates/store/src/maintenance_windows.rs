//! Maintenance windows. There are few of them, and all that may still come are read at once.

use baigong_model::{Page, Result};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::{
    entity::maintenance_window::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    filter::ListFilter,
    scope::Scope,
    sql,
    write::Store,
};

/// Inserts `row` (its id is ignored); its id. The name must be free in its department.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let name = row.name.clone();
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "maintenance window", &name))?.id)
}

/// Writes `row` over the one with its id. The name must be free in its department.
pub async fn update(tx: &Tx, row: Model) -> Result<()> {
    let name = row.name.clone();
    let row = ActiveModel::from(row).reset_all();
    row.update(tx).await.map_err(|error| taken(error, "maintenance window", &name)).map(drop)
}

/// The window `id`, deleted or not, if the scope sees it.
pub async fn find(store: &Store, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id), store.reader()).await?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// The live window `id`, if the scope sees it, locked until the end of the write.
pub async fn find_live(tx: &Tx, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id).lock_exclusive(), tx).await?;
    Ok(row.filter(|row| row.deleted_at.is_none() && scope.sees(row.department_id, row.created_by)))
}

/// Marks the window deleted and frees its name; `false` when it was already.
pub async fn delete(tx: &Tx, id: i64, now: i64) -> Result<bool> {
    Ok(sql::soft_delete(tx, "maintenance_window", &[id], now).await? > 0)
}

/// Every live window that is not over at `now`.
pub async fn in_force(store: &Store, now: i64) -> Result<Vec<Model>> {
    let not_over = Condition::any().add(Column::EndsAt.is_null()).add(Column::EndsAt.gt(now));
    let live = Condition::all().add(Column::DeletedAt.is_null()).add(not_over);
    Entity::find().filter(live).order_by_asc(Column::Id).all(store.reader()).await.map_err(translate)
}

/// A page of windows, oldest first.
pub async fn list(store: &Store, filter: &ListFilter, page: Page) -> Result<Vec<Model>> {
    let query = Entity::find().filter(condition(filter));
    sql::page(query.order_by_asc(Column::Id), page, store.reader()).await
}

/// How many windows a list holds.
pub async fn count(store: &Store, filter: &ListFilter) -> Result<u64> {
    Entity::find().filter(condition(filter)).count(store.reader()).await.map_err(translate)
}

fn condition(filter: &ListFilter) -> Condition {
    filter.condition(Column::DepartmentId, Column::CreatedBy, Column::Name, Column::DeletedAt)
}
