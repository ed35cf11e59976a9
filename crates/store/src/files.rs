//! Files and their versions. The bytes lie among the blobs.

mod versions;

pub use versions::{
    drop_beyond, drop_removed, find_version, insert_version, known_blobs, removed_before, stored_files, version,
    versions,
};

use std::collections::HashMap;

use baigong_model::{Page, PageOf, Result};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};

use crate::{
    entity::file::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    filter::ListFilter,
    scope::Scope,
    sql,
    write::Store,
};

/// What stands in `live_name` of a live file.
#[must_use]
pub fn live_name(folder_id: i64, name: &str) -> String {
    format!("{folder_id}/{name}")
}

/// What an update changes; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Folder and name.
    pub place: Option<(i64, String)>,
    /// The number of a new version.
    pub version: Option<i64>,
    /// A new password's hash, or none to take it off.
    pub password_hash: Option<Option<String>>,
    /// Words to find it by.
    pub tag: Option<String>,
}

/// Inserts `row` (its id is ignored); its id. The name must be free in its folder.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let name = row.name.clone();
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "file", &name))?.id)
}

/// Changes the file `id` at `now`. A new name must be free in its folder.
pub async fn update(tx: &Tx, id: i64, changes: Changes, now: i64) -> Result<()> {
    let named = changes.place.as_ref().map(|(_, name)| name.clone()).unwrap_or_default();
    let mut row = ActiveModel { id: Unchanged(id), updated_at: Set(now), ..Default::default() };
    if let Some((folder_id, name)) = changes.place {
        (row.folder_id, row.live_name) = (Set(folder_id), Set(Some(live_name(folder_id, &name))));
        row.name = Set(name);
    }
    row.version = changes.version.map_or(NotSet, Set);
    row.tag = changes.tag.map_or(NotSet, |tag| Set(Some(tag)));
    if let Some(hash) = changes.password_hash {
        (row.password_hash, row.password_at) = (Set(hash), Set(Some(now)));
    }
    row.update(tx).await.map_err(|error| taken(error, "file", &named)).map(drop)
}

/// The file `id`, deleted or not, if the scope sees it.
pub async fn find(store: &Store, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id), store.reader()).await?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// The live file `id`, if the scope sees it, locked until the end of the write.
pub async fn find_live(tx: &Tx, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id).lock_exclusive(), tx).await?;
    Ok(row.filter(|row| row.deleted_at.is_none() && scope.sees(row.department_id, row.created_by)))
}

/// Whether a live file has this `live_name`.
pub async fn is_taken(store: &Store, live_name: &str) -> Result<bool> {
    sql::exists(store.reader(), "SELECT 1 FROM file WHERE live_name = $1", vec![live_name.into()]).await
}

/// Which files lie in folders at a path, in whatever department.
#[derive(Debug, Clone)]
pub struct Placed {
    /// What every list takes.
    pub list: ListFilter,
    /// The path, and those below it.
    pub path: String,
    /// Only in the folder itself.
    pub only_there: bool,
    /// Only the file called so.
    pub name: Option<String>,
}

/// A page of them, oldest first.
pub async fn placed(store: &Store, placed: &Placed, page: Page) -> Result<PageOf<Model>> {
    use crate::entity::folder;
    let below = folder::Column::Path.starts_with(format!("{}/", placed.path));
    let there = Condition::any().add(folder::Column::Path.eq(placed.path.as_str()));
    let there = there.add_option((!placed.only_there).then_some(below));
    let folders = folder::Entity::find().select_only().column(folder::Column::Id).filter(there).into_query();
    let which = condition(&placed.list, None).add(Column::FolderId.in_subquery(folders));
    let query = Entity::find().filter(which.add_option(placed.name.as_deref().map(|name| Column::Name.eq(name))));
    let total = query.clone().count(store.reader()).await.map_err(translate)?;
    Ok(PageOf { rows: sql::page(query.order_by_asc(Column::Id), page, store.reader()).await?, total })
}

/// The sizes of the versions in force, by the file's id.
pub async fn sizes(store: &Store, ids: &[i64]) -> Result<HashMap<i64, i64>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!(
        "SELECT f.id, v.size FROM file f JOIN file_version v ON v.file_id = f.id AND v.number = f.version WHERE f.id IN {}",
        sql::places(store.reader(), 1, ids.len(), 0)
    );
    let rows = sql::rows(store.reader(), &text, ids.iter().map(|id| (*id).into()).collect()).await?;
    rows.iter().map(|row| Ok((sql::get(row, 0)?, sql::get(row, 1)?))).collect()
}

/// The ids of the versions in force, by the file's id.
pub async fn versions_in_force(store: &Store, ids: &[i64]) -> Result<HashMap<i64, i64>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!(
        "SELECT f.id, v.id FROM file f JOIN file_version v ON v.file_id = f.id AND v.number = f.version WHERE f.id IN {}",
        sql::places(store.reader(), 1, ids.len(), 0)
    );
    let rows = sql::rows(store.reader(), &text, ids.iter().map(|id| (*id).into()).collect()).await?;
    rows.iter().map(|row| Ok((sql::get(row, 0)?, sql::get(row, 1)?))).collect()
}

/// A page of files, those of one folder alone where it is given, oldest first.
pub async fn list(store: &Store, filter: &ListFilter, folder: Option<i64>, page: Page) -> Result<Vec<Model>> {
    let query = Entity::find().filter(condition(filter, folder));
    sql::page(query.order_by_asc(Column::Id), page, store.reader()).await
}

/// How many files a list holds.
pub async fn count(store: &Store, filter: &ListFilter, folder: Option<i64>) -> Result<u64> {
    Entity::find().filter(condition(filter, folder)).count(store.reader()).await.map_err(translate)
}

fn condition(filter: &ListFilter, folder: Option<i64>) -> Condition {
    let base = filter.condition(Column::DepartmentId, Column::CreatedBy, Column::Name, Column::DeletedAt);
    base.add_option(folder.map(|folder| Column::FolderId.eq(folder)))
}

/// Marks the file deleted and frees its name.
pub async fn delete(tx: &Tx, id: i64, now: i64) -> Result<()> {
    sql::soft_delete(tx, "file", &[id], now).await.map(drop)
}
