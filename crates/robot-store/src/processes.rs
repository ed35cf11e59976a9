//! Processes that were made on this robot.

use baigong_model::{Page, PageOf, Result};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
};

use crate::{
    Tx,
    entity::process::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    lists,
    write::RobotStore,
};

/// Stores `row` (its id is ignored); its id.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let name = row.name.clone();
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "process", &name))?.id)
}

/// The process `id`, unless it is deleted.
pub async fn find_live(tx: &Tx, id: i64) -> Result<Option<Model>> {
    Entity::find_by_id(id).filter(Column::DeletedAt.is_null()).one(tx).await.map_err(translate)
}

/// The process `id`, deleted or not.
pub async fn find(store: &RobotStore, id: i64) -> Result<Option<Model>> {
    Entity::find_by_id(id).one(store.reader()).await.map_err(translate)
}

/// Marks it deleted and frees its name.
pub async fn delete(tx: &Tx, id: i64, now: i64) -> Result<()> {
    let marked = Entity::update_many()
        .col_expr(Column::DeletedAt, Expr::value(now))
        .col_expr(Column::LiveName, Expr::value(None::<String>))
        .filter(Column::Id.eq(id));
    marked.exec(tx).await.map(drop).map_err(translate)
}

/// Another name or remark; what is none stays.
pub async fn change(tx: &Tx, id: i64, name: Option<String>, remark: Option<Option<String>>) -> Result<()> {
    let mut change = Entity::update_many().filter(Column::Id.eq(id));
    if let Some(name) = &name {
        change = change.col_expr(Column::Name, Expr::value(name.clone()));
        change = change.col_expr(Column::LiveName, Expr::value(name.clone()));
    }
    if let Some(remark) = &remark {
        change = change.col_expr(Column::Remark, Expr::value(remark.clone()));
    }
    if name.is_none() && remark.is_none() {
        return Ok(());
    }
    change.exec(tx).await.map(drop).map_err(|error| taken(error, "process", name.as_deref().unwrap_or_default()))
}

/// Activates a package version.
pub async fn activate(tx: &Tx, id: i64, package: i64, in_parameters: String, task_name: Option<String>) -> Result<()> {
    let change = Entity::update_many()
        .col_expr(Column::PackageId, Expr::value(package))
        .col_expr(Column::InParameters, Expr::value(in_parameters))
        .col_expr(Column::TaskName, Expr::value(task_name))
        .filter(Column::Id.eq(id));
    change.exec(tx).await.map(drop).map_err(translate)
}

/// The name of a process that has the package `id` activated.
pub async fn activating(tx: &Tx, package: i64) -> Result<Option<String>> {
    let query = Entity::find().filter(Column::PackageId.eq(package)).filter(Column::DeletedAt.is_null());
    Ok(query.one(tx).await.map_err(translate)?.map(|row| row.name))
}

/// A page of processes, oldest first.
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
