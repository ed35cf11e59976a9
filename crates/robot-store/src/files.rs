//! Files in the robot's folder of files. What is about to happen to one on disk is written down first (`intent`), so that a
//! crash at any point is finished or undone at the next start.

use baigong_model::{Page, PageOf, Result};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
};

use crate::{
    Tx,
    entity::file::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    lists,
    write::RobotStore,
};

/// Stores `row` (its id is ignored); its id.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let name = row.live_path.clone().unwrap_or_default();
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "file", &name))?.id)
}

/// Replaces the row of its id.
pub async fn replace(tx: &Tx, row: Model) -> Result<()> {
    let name = row.live_path.clone().unwrap_or_default();
    ActiveModel::from(row).reset_all().update(tx).await.map(drop).map_err(|error| taken(error, "file", &name))
}

/// Takes the row away: its upload never came through.
pub async fn forget(tx: &Tx, id: i64) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await.map(drop).map_err(translate)
}

/// Writes down what is about to happen, or that nothing is any more.
pub async fn intend(tx: &Tx, id: i64, intent: Option<String>) -> Result<()> {
    let change = Entity::update_many().col_expr(Column::Intent, Expr::value(intent)).filter(Column::Id.eq(id));
    change.exec(tx).await.map(drop).map_err(translate)
}

/// The file `id`, deleted or not, once it has come through.
pub async fn find(store: &RobotStore, id: i64) -> Result<Option<Model>> {
    Entity::find_by_id(id).filter(Column::IsMade.eq(true)).one(store.reader()).await.map_err(translate)
}

/// The files that something was about to happen to.
pub async fn intended(store: &RobotStore) -> Result<Vec<Model>> {
    Entity::find().filter(Column::Intent.is_not_null()).all(store.reader()).await.map_err(translate)
}

/// Whether there is a file at this path.
pub async fn is_taken(store: &RobotStore, path: &str) -> Result<bool> {
    let found = Entity::find().filter(Column::LivePath.eq(path)).one(store.reader()).await.map_err(translate)?;
    Ok(found.is_some())
}

/// A page of files, oldest first.
pub async fn list(store: &RobotStore, page: Page, with_deleted: bool, keyword: Option<&str>) -> Result<PageOf<Model>> {
    let mut query = Entity::find().filter(Column::IsMade.eq(true));
    if !with_deleted {
        query = query.filter(Column::DeletedAt.is_null());
    }
    if let Some(keyword) = keyword {
        query = query.filter(lists::named(keyword));
    }
    lists::page(store, query.order_by_asc(Column::Id), page).await
}
