//! Bridges: foreign platforms that are seen and worked from here.

use baigong_model::{Page, Result, ids::BridgeId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Unchanged, ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::{
    entity::bridge::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    filter::ListFilter,
    scope::Scope,
    sql,
    write::{Store, next_ids},
};

/// The id of the next bridge: its secret is sealed to it before it is inserted.
pub async fn next_id(tx: &Tx) -> Result<BridgeId> {
    let ids = next_ids(tx, "bridge", 1).await?;
    ids.into_iter().next().ok_or_else(|| baigong_model::Error::internal("a row got no id"))
}

/// Inserts `row` under its own id, from [`next_id`]. The name must be free in its department.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    let name = row.name.clone();
    let row = ActiveModel::from(row).reset_all();
    Entity::insert(row).exec_without_returning(tx).await.map_err(|error| taken(error, "bridge", &name)).map(drop)
}

/// Writes `row` over the one with its id.
pub async fn update(tx: &Tx, row: Model) -> Result<()> {
    let (id, name) = (row.id, row.name.clone());
    let mut row = ActiveModel::from(row).reset_all();
    row.id = Unchanged(id);
    row.update(tx).await.map_err(|error| taken(error, "bridge", &name)).map(drop)
}

/// The bridge `id`, deleted or not, if the scope sees it.
pub async fn find(store: &Store, scope: &Scope, id: BridgeId) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id), store.reader()).await?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// The live bridge `id`, if the scope sees it, locked until the end of the write.
pub async fn find_live(tx: &Tx, scope: &Scope, id: BridgeId) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id).lock_exclusive(), tx).await?;
    Ok(row.filter(|row| row.deleted_at.is_none() && scope.sees(row.department_id, row.created_by)))
}

/// Every live bridge, oldest first.
pub async fn live(store: &Store) -> Result<Vec<Model>> {
    let query = Entity::find().filter(Column::DeletedAt.is_null()).order_by_asc(Column::Id);
    query.all(store.reader()).await.map_err(translate)
}

/// A page of bridges, oldest first.
pub async fn list(store: &Store, filter: &ListFilter, page: Page) -> Result<Vec<Model>> {
    sql::page(Entity::find().filter(condition(filter)).order_by_asc(Column::Id), page, store.reader()).await
}

/// How many bridges a list holds.
pub async fn count(store: &Store, filter: &ListFilter) -> Result<u64> {
    Entity::find().filter(condition(filter)).count(store.reader()).await.map_err(translate)
}

fn condition(filter: &ListFilter) -> Condition {
    filter.condition(Column::DepartmentId, Column::CreatedBy, Column::Name, Column::DeletedAt)
}

/// Takes the turn, or goes on with it, until `until`; whether nobody else has taken it since it ended at `seen`.
pub async fn take_turn(tx: &Tx, id: BridgeId, seen: i64, until: i64) -> Result<bool> {
    let text = "UPDATE bridge SET turn_at = $1 WHERE id = $2 AND turn_at = $3 AND deleted_at IS NULL";
    Ok(sql::run(tx, text, vec![until.into(), id.into(), seen.into()]).await? > 0)
}

/// How the other side was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// "reachable", "unreachable" or "refused".
    pub state: &'static str,
    /// What went wrong.
    pub detail: Option<String>,
    /// How often in a row it did not answer.
    pub failures: i32,
}

/// Says how the other side was found at `now`.
pub async fn found(tx: &Tx, id: BridgeId, found: &Found, now: i64) -> Result<()> {
    let text = "UPDATE bridge SET state = $1, detail = $2, failures = $3,
        reached_at = CASE WHEN $1 = 'reachable' THEN $4 ELSE reached_at END WHERE id = $5";
    let values = vec![found.state.into(), found.detail.clone().into(), found.failures.into(), now.into(), id.into()];
    sql::run(tx, text, values).await.map(drop)
}

/// Says when what is there was last listed.
pub async fn listed(tx: &Tx, id: BridgeId, at: i64) -> Result<()> {
    sql::run(tx, "UPDATE bridge SET listed_at = $1 WHERE id = $2", vec![at.into(), id.into()]).await.map(drop)
}

/// Has what is there listed again, at once.
pub async fn look_again(tx: &Tx, id: BridgeId) -> Result<()> {
    sql::run(tx, "UPDATE bridge SET listed_at = NULL, failures = 0 WHERE id = $1", vec![id.into()]).await.map(drop)
}

/// Marks the bridge deleted and frees its name.
pub async fn delete(tx: &Tx, id: BridgeId, now: i64) -> Result<()> {
    sql::soft_delete(tx, "bridge", &[id], now).await.map(drop)
}
