//! Lists of tasks.

use baigong_model::{Page, PageOf, Result};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, SimpleExpr},
};

use crate::{
    entity::task::{Column, Entity, Model},
    lists,
    write::RobotStore,
};

/// Which tasks of a list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this process.
    pub process_id: Option<i64>,
    /// Started at this time or later.
    pub started_from: Option<i64>,
    /// Started at this time or before.
    pub started_until: Option<i64>,
    /// A part of the process's name.
    pub keyword: Option<String>,
}

/// A page of tasks, newest first.
pub async fn list(store: &RobotStore, filter: &Filter, page: Page) -> Result<PageOf<Model>> {
    let mut query = Entity::find();
    if let Some(process) = filter.process_id {
        query = query.filter(Column::ProcessId.eq(process));
    }
    if let Some(from) = filter.started_from {
        query = query.filter(Column::StartedAt.gte(from));
    }
    if let Some(until) = filter.started_until {
        query = query.filter(Column::StartedAt.lte(until));
    }
    if let Some(keyword) = &filter.keyword {
        query = query.filter(of_process(keyword));
    }
    lists::page(store, query.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id), page).await
}

fn of_process(keyword: &str) -> SimpleExpr {
    Expr::cust_with_values("instr(lower(process_name), lower(?)) > 0", [keyword])
}
