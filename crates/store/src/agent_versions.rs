//! Versions of the agent's program. The programs themselves lie among the blobs.

use baigong_model::{Page, Result, ids::RobotId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, Condition, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::{
    entity::agent_version::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    filter::ListFilter,
    scope::Scope,
    sql,
    write::Store,
};

/// Inserts `row` (its id is ignored); its id. Number and system must be free in its department.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let name = format!("{} {}", row.name, row.system);
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "agent version", &name))?.id)
}

/// The version `id`, deleted or not, if the scope sees it.
pub async fn find(store: &Store, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id), store.reader()).await?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// The live version `id`, if the scope sees it, locked until the end of the write.
pub async fn find_live(tx: &Tx, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id).lock_exclusive(), tx).await?;
    Ok(row.filter(|row| row.deleted_at.is_none() && scope.sees(row.department_id, row.created_by)))
}

/// Whether the name of a live version is taken.
pub async fn is_taken(store: &Store, live_name: &str) -> Result<bool> {
    sql::exists(store.reader(), "SELECT 1 FROM agent_version WHERE live_name = $1", vec![live_name.into()]).await
}

/// Whether a robot is yet to be asked to run the version, or has not answered.
pub async fn is_wanted(tx: &Tx, id: i64) -> Result<bool> {
    let text = "SELECT 1 FROM robot_operation
        WHERE version_id = $1 AND state IN ('planned', 'waiting', 'accepted') LIMIT 1";
    sql::exists(tx, text, vec![id.into()]).await
}

/// Whether `robot` is asked to run the version now.
pub async fn is_asked_of(store: &Store, id: i64, robot: RobotId) -> Result<bool> {
    let text = "SELECT 1 FROM robot_operation
        WHERE version_id = $1 AND robot_id = $2 AND state IN ('waiting', 'accepted') LIMIT 1";
    sql::exists(store.reader(), text, vec![id.into(), robot.into()]).await
}

/// Marks the version deleted and frees its name.
pub async fn delete(tx: &Tx, id: i64, now: i64) -> Result<()> {
    sql::soft_delete(tx, "agent_version", &[id], now).await.map(drop)
}

/// A page of versions, oldest first.
pub async fn list(store: &Store, filter: &ListFilter, page: Page) -> Result<Vec<Model>> {
    sql::page(Entity::find().filter(condition(filter)).order_by_asc(Column::Id), page, store.reader()).await
}

/// How many versions a list holds.
pub async fn count(store: &Store, filter: &ListFilter) -> Result<u64> {
    Entity::find().filter(condition(filter)).count(store.reader()).await.map_err(translate)
}

fn condition(filter: &ListFilter) -> Condition {
    filter.condition(Column::DepartmentId, Column::CreatedBy, Column::Name, Column::DeletedAt)
}
