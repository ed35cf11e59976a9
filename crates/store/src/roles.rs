//! Roles: named sets of permissions and how far they reach. They belong to no department.

use std::collections::HashMap;

use baigong_model::{Page, Result};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::{
    entity::role::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    filter::ListFilter,
    sql,
    write::Store,
};

/// Makes the built-in role, or gives it these permissions; its id either way.
pub async fn ensure(tx: &Tx, name: &str, permissions: &str, data_scope: &str, now: i64) -> Result<i64> {
    let text =
        "INSERT INTO role (name, live_name, permissions, data_scope, departments, is_built_in, created_by, created_at)
        VALUES ($1, $1, $2, $3, '', TRUE, 0, $4)
        ON CONFLICT (live_name) DO UPDATE SET permissions = excluded.permissions, data_scope = excluded.data_scope
        RETURNING id";
    let ids = sql::column(tx, text, vec![name.into(), permissions.into(), data_scope.into(), now.into()]).await?;
    ids.into_iter().next().ok_or_else(|| baigong_model::Error::internal("a role got no id"))
}

/// Inserts `row` (its id is ignored); its id. The name must be free.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let name = row.name.clone();
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "role", &name))?.id)
}

/// Writes the whole row. The name must be free.
pub async fn update(tx: &Tx, row: Model) -> Result<()> {
    let name = row.name.clone();
    let row = ActiveModel::from(row).reset_all();
    row.update(tx).await.map_err(|error| taken(error, "role", &name)).map(drop)
}

/// The names of all roles, by id.
pub async fn names(store: &Store) -> Result<HashMap<i64, String>> {
    let query = Entity::find().select_only().columns([Column::Id, Column::Name]);
    let rows: Vec<(i64, String)> = query.into_tuple().all(store.reader()).await.map_err(translate)?;
    Ok(rows.into_iter().collect())
}

/// The role `id`, deleted or not.
pub async fn find(store: &Store, id: i64) -> Result<Option<Model>> {
    sql::unique(Entity::find_by_id(id), store.reader()).await
}

/// The live role `id`, to be given to somebody: it stays as it is until the transaction ends.
pub async fn hold(tx: &Tx, id: i64) -> Result<Option<Model>> {
    sql::unique(Entity::find_by_id(id).filter(Column::DeletedAt.is_null()).lock_shared(), tx).await
}

/// The live role called `name`, held likewise.
pub async fn hold_by_name(tx: &Tx, name: &str) -> Result<Option<Model>> {
    sql::unique(Entity::find().filter(Column::LiveName.eq(name)).lock_shared(), tx).await
}

/// The live role `id`, to be changed: nobody gives it to anybody until the transaction ends.
pub async fn lock(tx: &Tx, id: i64) -> Result<Option<Model>> {
    sql::unique(Entity::find_by_id(id).filter(Column::DeletedAt.is_null()).lock_exclusive(), tx).await
}

/// A page of roles, oldest first.
pub async fn list(store: &Store, filter: &ListFilter, page: Page) -> Result<Vec<Model>> {
    let query = Entity::find().filter(filter.without_scope(Column::Name, Column::DeletedAt));
    sql::page(query.order_by_asc(Column::Id), page, store.reader()).await
}

/// How many roles a list holds.
pub async fn count(store: &Store, filter: &ListFilter) -> Result<u64> {
    let query = Entity::find().filter(filter.without_scope(Column::Name, Column::DeletedAt));
    query.count(store.reader()).await.map_err(translate)
}

/// The departments of the live users who hold the role, each once.
pub async fn departments_of_holders(tx: &Tx, id: i64) -> Result<Vec<i64>> {
    let text = "SELECT DISTINCT department_id FROM app_user WHERE role_id = $1 AND deleted_at IS NULL";
    sql::column(tx, text, vec![id.into()]).await
}

/// Whether a live user holds the role.
pub async fn is_held(tx: &Tx, id: i64) -> Result<bool> {
    let text = "SELECT 1 FROM app_user WHERE role_id = $1 AND deleted_at IS NULL LIMIT 1";
    sql::exists(tx, text, vec![id.into()]).await
}

/// Marks the role deleted and frees its name.
pub async fn delete(tx: &Tx, id: i64, now: i64) -> Result<()> {
    sql::soft_delete(tx, "role", &[id], now).await.map(drop)
}
