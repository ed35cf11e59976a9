//! Package versions that were brought to this robot. The zips lie beside the database, by their hash.

use baigong_model::{Page, PageOf, Result};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use crate::{
    Tx,
    entity::package::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    lists,
    write::RobotStore,
};

/// Stores `row` (its id is ignored); its id.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let name = format!("{} {}", row.name, row.version);
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "package", &name))?.id)
}

/// The package `id`, unless it is deleted.
pub async fn find_live(tx: &Tx, id: i64) -> Result<Option<Model>> {
    Entity::find_by_id(id).filter(Column::DeletedAt.is_null()).one(tx).await.map_err(translate)
}

/// The package `id`, deleted or not.
pub async fn find(store: &RobotStore, id: i64) -> Result<Option<Model>> {
    Entity::find_by_id(id).one(store.reader()).await.map_err(translate)
}

/// Whether a package has this name and version.
pub async fn is_taken(store: &RobotStore, live_name: &str) -> Result<bool> {
    let found = Entity::find().filter(Column::LiveName.eq(live_name)).one(store.reader()).await.map_err(translate)?;
    Ok(found.is_some())
}

/// Marks it deleted and frees its name.
pub async fn delete(tx: &Tx, id: i64, now: i64) -> Result<()> {
    let marked = Entity::update_many()
        .col_expr(Column::DeletedAt, Expr::value(now))
        .col_expr(Column::LiveName, Expr::value(None::<String>))
        .filter(Column::Id.eq(id));
    marked.exec(tx).await.map(drop).map_err(translate)
}

/// The hashes of the packages that are not deleted, or that a task which has not ended runs.
pub async fn needed_hashes(store: &RobotStore) -> Result<Vec<String>> {
    let used = Expr::cust("id IN (SELECT package_id FROM task WHERE ended_at IS NULL)");
    let needed = Condition::any().add(Column::DeletedAt.is_null()).add(used);
    let query = Entity::find().select_only().column(Column::Sha256).filter(needed);
    query.into_tuple().all(store.reader()).await.map_err(translate)
}

/// A page of packages, oldest first.
pub async fn list(store: &RobotStore, page: Page, with_deleted: bool, keyword: Option<&str>) -> Result<PageOf<Model>> {
    let mut query = Entity::find();
    if !with_deleted {
        query = query.filter(Column::DeletedAt.is_null());
    }
    if let Some(keyword) = keyword {
        query = query.filter(lists::named(keyword));
    }
    lists::page(store, query.order_by_asc(Column::Id), page).await
}
