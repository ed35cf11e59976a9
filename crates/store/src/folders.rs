//! Folders of files. Every folder carries its whole path, so that a subtree moves in one statement; changes of one
//! department's tree follow each other ([`lock`]).

mod subtree;

pub use subtree::{Extent, delete_subtree, extent, is_empty, move_subtree, owners};

use std::collections::HashMap;

use baigong_model::{Page, Result, ids::DepartmentId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::{
    entity::folder::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    filter::ListFilter,
    scope::Scope,
    sql,
    write::Store,
};

/// What stands in `live_path` of a live folder.
#[must_use]
pub fn live_path(department: DepartmentId, path: &str) -> String {
    format!("{department}:{path}")
}

/// Waits until no other write changes the tree of the department: what is read afterwards stays true until the commit.
pub async fn lock(tx: &Tx, department: DepartmentId) -> Result<()> {
    let text = "INSERT INTO folder_tree (department_id, version) VALUES ($1, 1)
        ON CONFLICT (department_id) DO UPDATE SET version = folder_tree.version + 1";
    sql::run(tx, text, vec![department.into()]).await.map(drop)
}

/// Inserts `row` (its id is ignored); its id. The path must be free in its department.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let path = row.path.clone();
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "folder", &path))?.id)
}

/// The folder `id`, deleted or not, if the scope sees it.
pub async fn find(store: &Store, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id), store.reader()).await?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// The live folder `id`, if the scope sees it, inside a write.
pub async fn find_live(tx: &Tx, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id), tx).await?;
    Ok(row.filter(|row| row.deleted_at.is_none() && scope.sees(row.department_id, row.created_by)))
}

/// The live folders at any of `paths` of a department.
pub async fn at(tx: &Tx, department: DepartmentId, paths: &[String]) -> Result<Vec<Model>> {
    let paths = paths.iter().map(|path| live_path(department, path));
    Entity::find().filter(Column::LivePath.is_in(paths)).all(tx).await.map_err(translate)
}

/// The paths of the folders `ids`.
pub async fn paths(store: &Store, ids: Vec<i64>) -> Result<HashMap<i64, String>> {
    let query = Entity::find().select_only().columns([Column::Id, Column::Path]).filter(Column::Id.is_in(ids));
    let rows: Vec<(i64, String)> = query.into_tuple().all(store.reader()).await.map_err(translate)?;
    Ok(rows.into_iter().collect())
}

/// A page of folders, those of `parent` alone where one is given, oldest first. Roots are not listed.
pub async fn list(store: &Store, filter: &ListFilter, parent: Option<i64>, page: Page) -> Result<Vec<Model>> {
    let query = Entity::find().filter(condition(filter, parent));
    sql::page(query.order_by_asc(Column::Id), page, store.reader()).await
}

/// How many folders a list holds.
pub async fn count(store: &Store, filter: &ListFilter, parent: Option<i64>) -> Result<u64> {
    Entity::find().filter(condition(filter, parent)).count(store.reader()).await.map_err(translate)
}

fn condition(filter: &ListFilter, parent: Option<i64>) -> Condition {
    let base = filter.condition(Column::DepartmentId, Column::CreatedBy, Column::Name, Column::DeletedAt);
    base.add(Column::ParentId.is_not_null()).add_option(parent.map(|parent| Column::ParentId.eq(parent)))
}
