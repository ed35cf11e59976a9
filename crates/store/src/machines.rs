//! Machines. They belong to no department.

use baigong_model::{Page, Result};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use crate::{
    entity::machine::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    filter::ListFilter,
    scope::Scope,
    sql,
    write::{Store, row_lock},
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

/// Whether the machine is live; it then stays so until the end of the write.
pub async fn hold(tx: &Tx, id: i64) -> Result<bool> {
    let lock = row_lock(tx, " FOR KEY SHARE");
    let text = format!("SELECT 1 FROM machine WHERE id = $1 AND deleted_at IS NULL{lock}");
    sql::exists(tx, &text, vec![id.into()]).await
}

/// The live machine `id`, to be changed: nobody else changes it, or puts a robot on it, until the end of the write.
pub async fn lock(tx: &Tx, id: i64) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id).lock_exclusive(), tx).await?;
    Ok(row.filter(|row| row.deleted_at.is_none()))
}

/// A live robot that is on the machine; with its name where the scope sees it.
pub async fn robot_on(tx: &Tx, scope: &Scope, id: i64) -> Result<Option<Option<String>>> {
    let text = "SELECT name, department_id, created_by FROM robot WHERE machine_id = $1 AND deleted_at IS NULL
        ORDER BY id LIMIT 1";
    let rows = sql::rows(tx, text, vec![id.into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let is_seen = scope.sees(sql::get(row, 1)?, sql::get(row, 2)?);
    Ok(Some(if is_seen { Some(sql::get(row, 0)?) } else { None }))
}

/// Changes what is given. The name must be free.
pub async fn update(tx: &Tx, id: i64, name: Option<&str>, remark: Option<&str>) -> Result<()> {
    let text = "UPDATE machine SET name = COALESCE($1, name), live_name = COALESCE($1, live_name),
            remark = COALESCE($2, remark) WHERE id = $3";
    sql::run_naming(tx, text, vec![name.into(), remark.into(), id.into()], ("machine", name)).await.map(drop)
}

/// Marks the machine deleted and frees its name.
pub async fn delete(tx: &Tx, id: i64, now: i64) -> Result<()> {
    sql::soft_delete(tx, "machine", &[id], now).await.map(drop)
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
