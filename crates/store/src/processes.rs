//! Processes.

use std::collections::BTreeSet;

use baigong_model::{Page, PageOf, Result};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::SelectStatement,
};

use crate::{
    entity::process::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    filter::{ListFilter, contains},
    packages,
    scope::{self, Scope},
    sql,
    write::{Store, row_lock},
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

/// The live process `id`, if the scope sees it, locked until the end of the write.
pub async fn find_live(tx: &Tx, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = crate::sql::unique(Entity::find_by_id(id).lock_exclusive(), tx).await?;
    Ok(row.filter(|row| row.deleted_at.is_none() && scope.sees(row.department_id, row.created_by)))
}

/// Activates a package version, with the in-parameters (JSON) of every run and the task of the package that it is.
pub async fn activate(tx: &Tx, id: i64, package_id: i64, in_parameters: &str, task_name: Option<String>) -> Result<()> {
    let text = "UPDATE process SET package_id = $1, in_parameters = $2, task_name = $3 WHERE id = $4";
    let values = vec![package_id.into(), in_parameters.into(), task_name.into(), id.into()];
    sql::run(tx, text, values).await.map(drop)
}

/// What is to be changed of a process; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its name, and the same with its department.
    pub name: Option<(String, String)>,
    /// Its remark.
    pub remark: Option<String>,
    /// The robots that run it.
    pub robot_group_id: Option<i64>,
    /// Whether its runs are recorded.
    pub is_record: Option<bool>,
    /// How often a task is tried again after a run that reported a failure.
    pub fail_try_times: Option<i32>,
}

/// Changes what is given. The name must be free in its department.
pub async fn update(tx: &Tx, id: i64, change: Change) -> Result<()> {
    let text = "UPDATE process SET name = COALESCE($1, name), live_name = COALESCE($2, live_name),
            remark = COALESCE($3, remark), robot_group_id = COALESCE($4, robot_group_id),
            is_record = COALESCE($5, is_record), fail_try_times = COALESCE($6, fail_try_times) WHERE id = $7";
    let (name, live_name) = change.name.unzip();
    let values = vec![
        name.clone().into(),
        live_name.into(),
        change.remark.into(),
        change.robot_group_id.into(),
        change.is_record.into(),
        change.fail_try_times.into(),
        id.into(),
    ];
    sql::run_naming(tx, text, values, ("process", name.as_deref())).await.map(drop)
}

/// Marks the process deleted and frees its name; `false` when it was already.
pub async fn delete(tx: &Tx, id: i64, now: i64) -> Result<bool> {
    Ok(sql::soft_delete(tx, "process", &[id], now).await? > 0)
}

/// The live processes that run on the group, by id, whoever may see them.
pub async fn of_group(tx: &Tx, robot_group_id: i64) -> Result<Vec<i64>> {
    let text = "SELECT id FROM process WHERE robot_group_id = $1 AND deleted_at IS NULL ORDER BY id";
    sql::column(tx, text, vec![robot_group_id.into()]).await
}

/// Those of `processes` that are live and that `scope` sees, inside a write.
pub async fn visible(tx: &Tx, scope: &Scope, processes: &[i64]) -> Result<Vec<i64>> {
    scope::visible(tx, scope, "process", processes).await
}

/// Those of `processes` that are live. None of them is deleted before the end of the write.
pub async fn hold(tx: &Tx, processes: &BTreeSet<i64>) -> Result<BTreeSet<i64>> {
    let lock = row_lock(tx, " FOR KEY SHARE");
    let text = format!(
        "SELECT id FROM process WHERE deleted_at IS NULL AND id IN {} ORDER BY id{lock}",
        sql::places(tx, 1, processes.len(), 0)
    );
    let live: Vec<i64> = sql::column(tx, &text, processes.iter().map(|id| (*id).into()).collect()).await?;
    Ok(live.into_iter().collect())
}

/// The processes `ids`, deleted or not, whoever sees them.
pub async fn by_ids(store: &Store, ids: &[i64]) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = Entity::find().filter(Column::Id.is_in(ids.iter().copied()));
    query.all(store.reader()).await.map_err(translate)
}

/// Which processes of a search.
#[derive(Debug, Clone)]
pub struct Search {
    /// What every list takes.
    pub list: ListFilter,
    /// Only those that one of these users made.
    pub owners: Option<Vec<i64>>,
    /// Only those whose activated package version one of these users uploaded.
    pub developers: Option<Vec<i64>>,
}

impl Search {
    fn condition(&self) -> Condition {
        let list = self.list.condition(Column::DepartmentId, Column::CreatedBy, Column::Name, Column::DeletedAt);
        let developed = self.developers.as_ref().map(|users| Column::PackageId.in_subquery(packages::of_users(users)));
        list.add_option(self.owners.as_ref().map(|users| Column::CreatedBy.is_in(users.iter().copied())))
            .add_option(developed)
    }
}

/// A page of a search, oldest first, and how many it finds.
pub async fn search(store: &Store, search: &Search, page: Page) -> Result<PageOf<Model>> {
    let query = Entity::find().filter(search.condition());
    let total = query.clone().count(store.reader()).await.map_err(translate)?;
    Ok(PageOf { rows: sql::page(query.order_by_asc(Column::Id), page, store.reader()).await?, total })
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
