//! Processes.

use baigong_model::{Page, Result};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, sea_query::SelectStatement,
};

use crate::{
    entity::process::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    filter::{ListFilter, contains},
    scope::Scope,
    sql,
    write::Store,
};

/// The ids of the processes whose name contains `keyword`, as a sub-select.
pub(crate) fn ids_by_keyword(keyword: &str) -> SelectStatement {
    Entity::find().select_only().column(Column::Id).filter(contains(Column::Name, keyword)).into_query()
}

/// Inserts `row` (its id is ignored); its id. The name must be free in its department.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let name = row.name.clone();
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "process", &name))?.id)
}

/// The process `id`, deleted or not, if the scope sees it.
pub async fn find(store: &Store, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = crate::sql::unique(Entity::find_by_id(id), store.reader()).await?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// The live process `id`, if the scope sees it, inside a write.
pub async fn find_live(tx: &Tx, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = crate::sql::unique(Entity::find_by_id(id), tx).await?;
    Ok(row.filter(|row| row.deleted_at.is_none() && scope.sees(row.department_id, row.created_by)))
}

/// Activates a package version, with the in-parameters (JSON) of every run and the task of the package that it is.
pub async fn activate(tx: &Tx, id: i64, package_id: i64, in_parameters: &str, task_name: Option<String>) -> Result<()> {
    let text = "UPDATE process SET package_id = $1, in_parameters = $2, task_name = $3 WHERE id = $4";
    let values = vec![package_id.into(), in_parameters.into(), task_name.into(), id.into()];
    sql::run(tx, text, values).await.map(drop)
}

/// A page of processes, oldest first.
pub async fn list(store: &Store, filter: &ListFilter, page: Page) -> Result<Vec<Model>> {
    let query = Entity::find().filter(filter.condition(
        Column::DepartmentId,
        Column::CreatedBy,
        Column::Name,
        Column::DeletedAt,
    ));
    crate::sql::page(query.order_by_asc(Column::Id), page, store.reader()).await
}

/// How many processes a list holds.
pub async fn count(store: &Store, filter: &ListFilter) -> Result<u64> {
    let query = Entity::find().filter(filter.condition(
        Column::DepartmentId,
        Column::CreatedBy,
        Column::Name,
        Column::DeletedAt,
    ));
    query.count(store.reader()).await.map_err(translate)
}
