//! What all lists share: a page and how many rows there are in all, and rows whose name holds a word.

use baigong_model::{Page, PageOf, Result};
use sea_orm::{
    EntityTrait, FromQueryResult, PaginatorTrait, QuerySelect, Select,
    sea_query::{Expr, SimpleExpr},
};

use crate::{error::translate, write::RobotStore};

/// A page of `query`.
pub(crate) async fn page<E>(store: &RobotStore, query: Select<E>, page: Page) -> Result<PageOf<E::Model>>
where
    E: EntityTrait,
    E::Model: FromQueryResult + Send + Sync,
{
    let total = query.clone().count(store.reader()).await.map_err(translate)?;
    let rows = query.offset(page.offset()).limit(page.size()).all(store.reader()).await.map_err(translate)?;
    Ok(PageOf { rows, total })
}

/// Whether the name holds `keyword`, which is no pattern.
pub(crate) fn named(keyword: &str) -> SimpleExpr {
    Expr::cust_with_values("instr(lower(name), lower(?)) > 0", [keyword])
}
