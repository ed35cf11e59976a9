//! Versions of process packages. The zips themselves lie among the blobs.

use std::collections::HashMap;

use baigong_model::{Page, PageOf, Result, TaskState};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::SelectStatement,
};

use crate::{
    entity::package::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    filter::ListFilter,
    scope::Scope,
    sql,
    write::Store,
};

/// Inserts `row` (its id is ignored); its id. Name and version must be free in its department.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let name = format!("{} {}", row.name, row.version);
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "package", &name))?.id)
}

/// The package `id`, deleted or not, if the scope sees it.
pub async fn find(store: &Store, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = crate::sql::unique(Entity::find_by_id(id), store.reader()).await?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// The live package `id`, if the scope sees it, locked until the end of the write.
pub async fn find_live(tx: &Tx, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = crate::sql::unique(Entity::find_by_id(id).lock_exclusive(), tx).await?;
    Ok(row.filter(|row| row.deleted_at.is_none() && scope.sees(row.department_id, row.created_by)))
}

/// The live package called `name` in this `version`.
pub async fn is_taken(store: &Store, live_name: &str) -> Result<bool> {
    sql::exists(store.reader(), "SELECT 1 FROM package WHERE live_name = $1", vec![live_name.into()]).await
}

/// The package versions `ids`, deleted or not, whoever sees them.
pub async fn by_ids(store: &Store, ids: &[i64]) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = Entity::find().filter(Column::Id.is_in(ids.iter().copied()));
    query.all(store.reader()).await.map_err(translate)
}

/// The ids of what `users` uploaded, as a sub-select.
pub(crate) fn of_users(users: &[i64]) -> SelectStatement {
    let query = Entity::find().select_only().column(Column::Id);
    query.filter(Column::CreatedBy.is_in(users.iter().copied())).into_query()
}

/// A page of the live versions of the package called `name` of a department that the scope sees, oldest first.
pub async fn versions(
    store: &Store,
    scope: &Scope,
    (department, name): (i64, &str),
    page: Page,
) -> Result<PageOf<Model>> {
    let query = Entity::find()
        .filter(scope.condition(Column::DepartmentId, Column::CreatedBy))
        .filter(Column::DepartmentId.eq(department))
        .filter(Column::Name.eq(name))
        .filter(Column::DeletedAt.is_null());
    let total = query.clone().count(store.reader()).await.map_err(translate)?;
    Ok(PageOf { rows: sql::page(query.order_by_asc(Column::Id), page, store.reader()).await?, total })
}

/// The live processes that have the package versions activated, one each: by the package's id, the process's id and name.
pub async fn activations(store: &Store, ids: &[i64]) -> Result<HashMap<i64, (i64, String)>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!(
        "SELECT package_id, id, name FROM process WHERE deleted_at IS NULL AND package_id IN {} ORDER BY id DESC",
        sql::places(store.reader(), 1, ids.len(), 0)
    );
    let rows = sql::rows(store.reader(), &text, ids.iter().map(|id| (*id).into()).collect()).await?;
    rows.iter().map(|row| Ok((sql::get(row, 0)?, (sql::get(row, 1)?, sql::get(row, 2)?)))).collect()
}

/// A page of packages, newest last.
pub async fn list(store: &Store, filter: &ListFilter, page: Page) -> Result<Vec<Model>> {
    let query = Entity::find().filter(filter.condition(
        Column::DepartmentId,
        Column::CreatedBy,
        Column::Name,
        Column::DeletedAt,
    ));
    crate::sql::page(query.order_by_asc(Column::Id), page, store.reader()).await
}

/// How many packages a list holds.
pub async fn count(store: &Store, filter: &ListFilter) -> Result<u64> {
    let query = Entity::find().filter(filter.condition(
        Column::DepartmentId,
        Column::CreatedBy,
        Column::Name,
        Column::DeletedAt,
    ));
    query.count(store.reader()).await.map_err(translate)
}

/// The name of a live process that has the package activated.
pub async fn activated_by(tx: &Tx, id: i64) -> Result<Option<String>> {
    let text = "SELECT name FROM process WHERE package_id = $1 AND deleted_at IS NULL ORDER BY id LIMIT 1";
    Ok(sql::column(tx, text, vec![id.into()]).await?.into_iter().next())
}

/// A task that has not ended and runs the package.
pub async fn used_by_task(tx: &Tx, id: i64) -> Result<Option<i64>> {
    let states = TaskState::ALL.into_iter().filter(|state| !state.is_final()).map(TaskState::as_str);
    let mut values = vec![id.into()];
    values.extend(states.map(Into::into));
    let text = format!(
        "SELECT id FROM task WHERE package_id = $1 AND state IN {} ORDER BY id LIMIT 1",
        sql::places(tx, 1, values.len() - 1, 1)
    );
    Ok(sql::column(tx, &text, values).await?.into_iter().next())
}

/// Whether the robot holds a task that runs the package.
pub async fn is_held_by(store: &Store, id: i64, robot_id: i64) -> Result<bool> {
    let mut values = vec![robot_id.into(), id.into()];
    values.extend(TaskState::HELD.map(|state| state.as_str().into()));
    let text = format!(
        "SELECT 1 FROM task WHERE robot_id = $1 AND package_id = $2 AND state IN {} LIMIT 1",
        sql::places(store.reader(), 1, TaskState::HELD.len(), 2)
    );
    sql::exists(store.reader(), &text, values).await
}

/// Marks the package deleted and frees its name.
pub async fn delete(tx: &Tx, id: i64, now: i64) -> Result<()> {
    sql::soft_delete(tx, "package", &[id], now).await.map(drop)
}
