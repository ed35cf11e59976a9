//! Where rows stand in a long list of tasks. A list that never loses a row and only grows at its end can be entered near any
//! page, instead of counting from its beginning: `core` keeps every thousandth id.

use baigong_model::Result;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Alias, Expr, ExprTrait, Order, Query, WindowStatement},
};

use crate::{
    entity::task::{self, Column, Entity},
    error::translate,
    scope::Scope,
    sql,
    write::Store,
};

/// A list of tasks whose rows never leave it: what a scope sees, or its tasks of one process.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Growing {
    /// What the caller sees.
    pub scope: Scope,
    /// Only of this process.
    pub process_id: Option<i64>,
}

impl Growing {
    fn condition(&self) -> Condition {
        let seen = Condition::all().add(self.scope.condition(Column::DepartmentId, Column::CreatedBy));
        seen.add(Column::DeletedAt.is_null()).add_option(self.process_id.map(|process| Column::ProcessId.eq(process)))
    }
}

/// The newest task made before `time`; 0 without any. What is older is certainly committed.
pub async fn newest_before(store: &Store, time: i64) -> Result<i64> {
    let text = "SELECT id FROM task WHERE created_at < $1 ORDER BY id DESC LIMIT 1";
    let found: Vec<i64> = sql::column(store.reader(), text, vec![time.into()]).await?;
    Ok(found.first().copied().unwrap_or(0))
}

/// Every `step`-th id of the list after `after`, up to `until`.
pub async fn marks(store: &Store, list: &Growing, after: i64, until: i64, step: u64) -> Result<Vec<i64>> {
    let place = Alias::new("place");
    let window = WindowStatement::new().order_by(Column::Id, Order::Asc).to_owned();
    let inner = Entity::find().select_only().column(Column::Id).filter(list.condition());
    let mut inner = inner.filter(Column::Id.gt(after)).filter(Column::Id.lte(until)).into_query();
    inner.expr_window_as(Expr::cust("ROW_NUMBER()"), window, place.clone());
    let every = Expr::col(place).modulo(i64::try_from(step).unwrap_or(1)).eq(0);
    let query = Query::select()
        .column(Column::Id)
        .from_subquery(inner, Alias::new("numbered"))
        .and_where(every)
        .order_by(Column::Id, Order::Asc)
        .to_owned();
    let rows = sea_orm::ConnectionTrait::query_all(store.reader(), &query).await.map_err(translate)?;
    rows.iter().map(|row| sql::get(row, 0)).collect()
}

/// How many rows of the list come after `after`.
pub async fn count_after(store: &Store, list: &Growing, after: i64) -> Result<u64> {
    let query = Entity::find().filter(list.condition()).filter(Column::Id.gt(after));
    query.count(store.reader()).await.map_err(translate)
}

/// `count` rows of the list after `after`, without the first `skip`, oldest first.
pub async fn slice(store: &Store, list: &Growing, after: i64, skip: u64, count: u64) -> Result<Vec<task::Model>> {
    let query = Entity::find().filter(list.condition()).filter(Column::Id.gt(after)).order_by_asc(Column::Id);
    sql::part(query, skip, count, store.reader()).await
}

/// `count` rows of the list from its newest end, without the first `skip`, newest first.
pub async fn newest(store: &Store, list: &Growing, skip: u64, count: u64) -> Result<Vec<task::Model>> {
    let query = Entity::find().filter(list.condition()).order_by_desc(Column::Id);
    sql::part(query, skip, count, store.reader()).await
}
