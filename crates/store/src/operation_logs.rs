//! What applications write down of what their users do. Rows are added and never changed.

use baigong_model::{Page, Result};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder,
};

use crate::{
    entity::operation_log::{ActiveModel, Column, Entity, Model},
    error::translate,
    filter::contains,
    scope::Scope,
    sql,
    write::Store,
};

/// Which rows are wanted.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Only what this sees: rows belong to the department of their application.
    pub scope: Scope,
    /// Only rows whose title contains this.
    pub title: Option<String>,
    /// Only rows of this type of business.
    pub business_type: Option<i32>,
    /// Only rows of operators whose name contains this.
    pub operator_name: Option<String>,
    /// Only rows of operators whose nick contains this.
    pub operator_nick: Option<String>,
    /// Only rows that ended so.
    pub status: Option<i32>,
    /// Only what was done from then on.
    pub from: Option<i64>,
    /// Only what was done before then.
    pub to: Option<i64>,
    /// Only rows of this application.
    pub application_id: Option<i64>,
    /// Only rows of applications of this department.
    pub department_id: Option<i64>,
}

/// Inserts `row` (its id is ignored); its id.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(translate)?.id)
}

/// Removes up to `limit` rows written before `before`; how many.
pub async fn forget(tx: &Tx, before: i64, limit: usize) -> Result<u64> {
    let text = format!(
        "DELETE FROM operation_log WHERE id IN (
            SELECT id FROM operation_log WHERE created_at < $1 ORDER BY created_at LIMIT {limit})"
    );
    sql::run(tx, &text, vec![before.into()]).await
}

/// A page of rows, newest first.
pub async fn list(store: &Store, filter: &Filter, page: Page) -> Result<Vec<Model>> {
    sql::page(Entity::find().filter(condition(filter)).order_by_desc(Column::Id), page, store.reader()).await
}

/// How many rows `filter` lets through.
pub async fn count(store: &Store, filter: &Filter) -> Result<u64> {
    Entity::find().filter(condition(filter)).count(store.reader()).await.map_err(translate)
}

fn condition(filter: &Filter) -> Condition {
    let has = |column: Column, word: &Option<String>| word.as_deref().map(|word| contains(column, word));
    filter
        .scope
        .condition(Column::DepartmentId, Column::CreatedBy)
        .add_option(has(Column::Title, &filter.title))
        .add_option(filter.business_type.map(|it| Column::BusinessType.eq(it)))
        .add_option(has(Column::OperatorName, &filter.operator_name))
        .add_option(has(Column::OperatorNick, &filter.operator_nick))
        .add_option(filter.status.map(|it| Column::Status.eq(it)))
        .add_option(filter.from.map(|it| Column::OperatedAt.gte(it)))
        .add_option(filter.to.map(|it| Column::OperatedAt.lt(it)))
        .add_option(filter.application_id.map(|it| Column::ApplicationId.eq(it)))
        .add_option(filter.department_id.map(|it| Column::DepartmentId.eq(it)))
}
