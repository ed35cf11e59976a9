//! Data queues.

use std::collections::HashMap;

use baigong_model::{Page, Result};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};

use crate::{
    entity::data_queue,
    error::{taken, translate},
    filter::ListFilter,
    scope::Scope,
    sql,
    write::{Store, row_lock},
};

/// Inserts `row` (its id is ignored); its id. The name must be free in its department.
pub async fn insert(tx: &Tx, row: data_queue::Model) -> Result<i64> {
    let name = row.name.clone();
    let mut row: data_queue::ActiveModel = row.into();
    row = row.reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "data queue", &name))?.id)
}

/// The queue `id`, deleted or not, if the scope sees it.
pub async fn find(store: &Store, scope: &Scope, id: i64) -> Result<Option<data_queue::Model>> {
    let row = crate::sql::unique(data_queue::Entity::find_by_id(id), store.reader()).await?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// The live queue called `name` of a department.
pub async fn find_by_name(store: &Store, department_id: i64, name: &str) -> Result<Option<data_queue::Model>> {
    let which = data_queue::Column::LiveName.eq(format!("{department_id}/{name}"));
    crate::sql::unique(data_queue::Entity::find().filter(which), store.reader()).await
}

/// A queue by its name, and who sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// Its id.
    pub id: i64,
    /// Its department.
    pub department_id: i64,
    /// Who made it.
    pub created_by: i64,
}

/// The live queues called `name`, whoever sees them.
pub async fn named(store: &Store, name: &str) -> Result<Vec<Named>> {
    let text =
        "SELECT id, department_id, created_by FROM data_queue WHERE name = $1 AND deleted_at IS NULL ORDER BY id";
    let rows = sql::rows(store.reader(), text, vec![name.into()]).await?;
    let read =
        |row| Ok(Named { id: sql::get(row, 0)?, department_id: sql::get(row, 1)?, created_by: sql::get(row, 2)? });
    rows.iter().map(read).collect()
}

/// The live queue `id`, if the scope sees it, locked: nobody else changes it until the write has ended.
pub async fn find_live(tx: &Tx, scope: &Scope, id: i64) -> Result<Option<data_queue::Model>> {
    let lock = row_lock(tx, " FOR UPDATE");
    let text = format!("SELECT id FROM data_queue WHERE id = $1 AND deleted_at IS NULL{lock}");
    if !sql::exists(tx, &text, vec![id.into()]).await? {
        return Ok(None);
    }
    let row = sql::unique(data_queue::Entity::find_by_id(id), tx).await?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// A page of queues, oldest first.
pub async fn list(store: &Store, filter: &ListFilter, page: Page) -> Result<Vec<data_queue::Model>> {
    let query = data_queue::Entity::find().filter(condition(filter));
    crate::sql::page(query.order_by_asc(data_queue::Column::Id), page, store.reader()).await
}

/// How many queues a list holds.
pub async fn count(store: &Store, filter: &ListFilter) -> Result<u64> {
    data_queue::Entity::find().filter(condition(filter)).count(store.reader()).await.map_err(translate)
}

fn condition(filter: &ListFilter) -> Condition {
    use data_queue::Column;
    filter.condition(Column::DepartmentId, Column::CreatedBy, Column::Name, Column::DeletedAt)
}

/// Marks the queue deleted and frees its name.
pub async fn delete(tx: &Tx, id: i64, now: i64) -> Result<()> {
    let row =
        data_queue::ActiveModel { id: Set(id), live_name: Set(None), deleted_at: Set(Some(now)), ..Default::default() };
    row.update(tx).await.map_err(translate).map(drop)
}

/// Sets what an owner may change of a live queue; its name must be free in its department.
pub async fn update(tx: &Tx, row: data_queue::Model) -> Result<()> {
    let row = data_queue::ActiveModel {
        id: Set(row.id),
        live_name: Set(row.live_name),
        name: Set(row.name.clone()),
        remark: Set(row.remark),
        lease_seconds: Set(row.lease_seconds),
        max_attempts: Set(row.max_attempts),
        default_priority: Set(row.default_priority),
        success_queue_id: Set(row.success_queue_id),
        failure_queue_id: Set(row.failure_queue_id),
        max_items: Set(row.max_items),
        robots: Set(row.robots),
        ..Default::default()
    };
    let name = row.name.clone().take().unwrap_or_default();
    row.update(tx).await.map_err(|error| taken(error, "data queue", &name)).map(drop)
}

/// Locks the live queues; answers where each sends its items. Who changes a way waits here for others who do.
pub async fn ways(tx: &Tx) -> Result<HashMap<i64, [Option<i64>; 2]>> {
    let lock = row_lock(tx, " FOR UPDATE");
    let text = format!(
        "SELECT id, success_queue_id, failure_queue_id FROM data_queue WHERE deleted_at IS NULL ORDER BY id{lock}"
    );
    let rows = sql::rows(tx, &text, vec![]).await?;
    rows.iter().map(|row| Ok((sql::get(row, 0)?, [sql::get(row, 1)?, sql::get(row, 2)?]))).collect()
}

/// How many items of the queue are held.
pub async fn held(tx: &Tx, id: i64) -> Result<i64> {
    let text = "SELECT COUNT(*) FROM queue_item WHERE queue_id = $1 AND state = 'running'";
    Ok(sql::column(tx, text, vec![id.into()]).await?.first().copied().unwrap_or(0))
}

/// How many items of the queue are in each state, as it is now: what time has done to an item counts before the row says so.
pub async fn counts(store: &Store, id: i64, now: i64) -> Result<HashMap<String, i64>> {
    let text = "SELECT CASE WHEN state IN ('new', 'postponed') AND expires_at <= $2 THEN 'expired'
            WHEN state = 'postponed' AND available_at <= $2 THEN 'new' ELSE state END AS kind, COUNT(*)
        FROM queue_item WHERE queue_id = $1 GROUP BY kind";
    let rows = sql::rows(store.reader(), text, vec![id.into(), now.into()]).await?;
    rows.iter().map(|row| Ok((sql::get(row, 0)?, sql::get(row, 1)?))).collect()
}
