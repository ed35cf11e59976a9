//! Rolling upgrades.

use baigong_model::{Page, Result};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::{
    entity::agent_rollout::{ActiveModel, Column, Entity, Model},
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
    Ok(row.insert(tx).await.map_err(|error| taken(error, "agent rollout", &name))?.id)
}

/// The rolling upgrade `id`, if the scope sees it.
pub async fn find(store: &Store, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id), store.reader()).await?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// The rolling upgrade `id`, if the scope sees it, locked until the end of the write.
pub async fn lock(tx: &Tx, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id).lock_exclusive(), tx).await?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// Those that are not over.
pub async fn running(store: &Store) -> Result<Vec<Model>> {
    let running = Entity::find().filter(Column::State.eq("running")).order_by_asc(Column::Id);
    running.all(store.reader()).await.map_err(translate)
}

/// Ends one that runs, as `state` and for `reason`; `false` when it was over already.
pub async fn end(tx: &Tx, id: i64, state: &str, reason: Option<&str>, now: i64) -> Result<bool> {
    let text = "UPDATE agent_rollout SET state = $1, reason = $2, ended_at = $3 WHERE id = $4 AND state = 'running'";
    Ok(sql::run(tx, text, vec![state.into(), reason.into(), now.into(), id.into()]).await? > 0)
}

/// A page of rolling upgrades, oldest first.
pub async fn list(store: &Store, filter: &ListFilter, page: Page) -> Result<Vec<Model>> {
    sql::page(Entity::find().filter(condition(filter)).order_by_asc(Column::Id), page, store.reader()).await
}

/// How many rolling upgrades a list holds.
pub async fn count(store: &Store, filter: &ListFilter) -> Result<u64> {
    Entity::find().filter(condition(filter)).count(store.reader()).await.map_err(translate)
}

fn condition(filter: &ListFilter) -> Condition {
    filter.condition(Column::DepartmentId, Column::CreatedBy, Column::Name, Column::DeletedAt)
}
