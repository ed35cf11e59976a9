//! Assets: named values for flows.

use baigong_model::{Page, Result};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::{
    entity::asset::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    filter::ListFilter,
    scope::Scope,
    sql,
    write::{Store, next_ids},
};

/// What an update changes; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// The name, and the live name that goes with it.
    pub name: Option<(String, String)>,
    /// The value, sealed where the kind is secret.
    pub value: Option<String>,
    /// Whether every robot may have it.
    pub is_global: Option<bool>,
    /// The remark.
    pub remark: Option<Option<String>>,
}

/// The id of the next asset: its secret is sealed to it before it is inserted.
pub async fn next_id(tx: &Tx) -> Result<i64> {
    let ids = next_ids(tx, "asset", 1).await?;
    ids.into_iter().next().ok_or_else(|| baigong_model::Error::internal("a row got no id"))
}

/// Inserts `row` under its own id, from [`next_id`]. The name must be free in its department.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    let name = row.name.clone();
    let row = ActiveModel::from(row).reset_all();
    row.insert(tx).await.map_err(|error| taken(error, "asset", &name)).map(drop)
}

/// Changes the row `id`. A new name must be free in its department.
pub async fn update(tx: &Tx, id: i64, changes: Changes) -> Result<()> {
    let named = changes.name.as_ref().map(|(name, _)| name.clone()).unwrap_or_default();
    let (name, live_name) = changes.name.map_or((NotSet, NotSet), |(name, live)| (Set(name), Set(Some(live))));
    let row = ActiveModel {
        id: Unchanged(id),
        name,
        live_name,
        value: changes.value.map_or(NotSet, Set),
        is_global: changes.is_global.map_or(NotSet, Set),
        remark: changes.remark.map_or(NotSet, Set),
        ..Default::default()
    };
    if !row.is_changed() {
        return Ok(());
    }
    row.update(tx).await.map_err(|error| taken(error, "asset", &named)).map(drop)
}

/// The asset `id`, deleted or not, if the scope sees it.
pub async fn find(store: &Store, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id), store.reader()).await?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// The live asset `id`, if the scope sees it, locked until the end of the write.
pub async fn find_live(tx: &Tx, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id).lock_exclusive(), tx).await?;
    Ok(row.filter(|row| row.deleted_at.is_none() && scope.sees(row.department_id, row.created_by)))
}

/// The live assets called `name` in any of `departments`.
pub async fn named(store: &Store, departments: &[i64], name: &str) -> Result<Vec<Model>> {
    let names = departments.iter().map(|department| format!("{department}/{name}"));
    Entity::find().filter(Column::LiveName.is_in(names)).all(store.reader()).await.map_err(translate)
}

/// The live assets called `name` that the scope sees.
pub async fn all_named(store: &Store, scope: &Scope, name: &str) -> Result<Vec<Model>> {
    let seen = scope.condition(Column::DepartmentId, Column::CreatedBy);
    let query = Entity::find().filter(Column::Name.eq(name)).filter(Column::DeletedAt.is_null()).filter(seen);
    query.order_by_asc(Column::Id).all(store.reader()).await.map_err(translate)
}

/// A page of assets, oldest first.
pub async fn list(store: &Store, filter: &ListFilter, page: Page) -> Result<Vec<Model>> {
    let query = Entity::find().filter(condition(filter));
    sql::page(query.order_by_asc(Column::Id), page, store.reader()).await
}

/// How many assets a list holds.
pub async fn count(store: &Store, filter: &ListFilter) -> Result<u64> {
    Entity::find().filter(condition(filter)).count(store.reader()).await.map_err(translate)
}

fn condition(filter: &ListFilter) -> Condition {
    filter.condition(Column::DepartmentId, Column::CreatedBy, Column::Name, Column::DeletedAt)
}

/// Marks the asset deleted and frees its name.
pub async fn delete(tx: &Tx, id: i64, now: i64) -> Result<()> {
    sql::soft_delete(tx, "asset", &[id], now).await.map(drop)
}
