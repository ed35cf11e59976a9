//! What is on the agendas of people, and when they are to be reminded.

use baigong_model::{Page, PageOf, Result};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Unchanged},
    ColumnTrait, DatabaseTransaction as Tx, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::{
    entity::agenda_item::{ActiveModel, Column, Entity, Model},
    error::translate,
    sql,
    write::{Store, row_lock},
};

/// Inserts `row` (its id is ignored); its id.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(translate)?.id)
}

/// Writes `row` over the one with its id.
pub async fn update(tx: &Tx, row: Model) -> Result<()> {
    let id = row.id;
    let mut row = ActiveModel::from(row).reset_all();
    row.id = Unchanged(id);
    row.update(tx).await.map_err(translate).map(drop)
}

/// The live item `id`.
pub async fn find(store: &Store, id: i64) -> Result<Option<Model>> {
    sql::unique(Entity::find_by_id(id).filter(Column::DeletedAt.is_null()), store.reader()).await
}

/// The live item `id`, locked until the end of the write.
pub async fn find_live(tx: &Tx, id: i64) -> Result<Option<Model>> {
    sql::unique(Entity::find_by_id(id).filter(Column::DeletedAt.is_null()).lock_exclusive(), tx).await
}

/// A page of what is on a user's agenda on any of the days from `first` to `last`, by day.
pub async fn list(store: &Store, user: i64, (first, last): (&str, &str), page: Page) -> Result<PageOf<Model>> {
    let query = Entity::find().filter(Column::DeletedAt.is_null()).filter(Column::UserId.eq(user));
    let query = query.filter(Column::StartDate.lte(last)).filter(Column::EndDate.gte(first));
    let total = query.clone().count(store.reader()).await.map_err(translate)?;
    let query = query.order_by_asc(Column::StartDate).order_by_asc(Column::Id);
    Ok(PageOf { rows: sql::page(query, page, store.reader()).await?, total })
}

/// Whether anybody is to be reminded: a look that costs no transaction.
pub async fn is_due(store: &Store, now: i64) -> Result<bool> {
    let text = "SELECT 1 FROM agenda_item WHERE remind_at <= $1 LIMIT 1";
    sql::exists(store.reader(), text, vec![now.into()]).await
}

/// Up to `limit` items of which people are to be reminded, earliest first; other nodes leave them alone meanwhile.
pub async fn take_due(tx: &Tx, now: i64, limit: usize) -> Result<Vec<Model>> {
    let lock = row_lock(tx, " FOR UPDATE SKIP LOCKED");
    let columns = sql::columns::<Entity>();
    let text =
        format!("SELECT {columns} FROM agenda_item WHERE remind_at <= $1 ORDER BY remind_at, id LIMIT {limit}{lock}");
    let rows = sql::rows(tx, &text, vec![now.into()]).await?;
    rows.iter().map(|row| Model::from_query_result(row, "").map_err(translate)).collect()
}

/// Says that its person has been reminded, and what could not be sent.
pub async fn reminded(tx: &Tx, id: i64, error: Option<String>) -> Result<()> {
    let text = "UPDATE agenda_item SET remind_at = NULL, remind_error = $1 WHERE id = $2";
    sql::run(tx, text, vec![error.into(), id.into()]).await.map(drop)
}

/// Takes an item off.
pub async fn delete(tx: &Tx, id: i64, now: i64) -> Result<()> {
    let text = "UPDATE agenda_item SET deleted_at = $1, remind_at = NULL WHERE id = $2 AND deleted_at IS NULL";
    sql::run(tx, text, vec![now.into(), id.into()]).await.map(drop)
}
