//! Small helpers around statements written by hand for the hot paths: the same text runs on both engines.

use baigong_model::{Page, Result};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Iden, Iterable, QueryResult, QueryTrait, Select, Statement,
    TryGetable, Value,
};

use crate::{
    error::{taken, translate},
    write::has_numbered_places,
};

/// Runs a statement that answers nothing; how many rows it changed.
pub(crate) async fn run(on: &impl ConnectionTrait, text: &str, values: Vec<Value>) -> Result<u64> {
    let statement = Statement::from_sql_and_values(on.get_database_backend(), text, values);
    Ok(on.execute_raw(statement).await.map_err(translate)?.rows_affected())
}

/// [`run`] of a change that may name a row of `kind`: a name that is taken is told as such.
pub(crate) async fn run_naming(
    on: &impl ConnectionTrait,
    text: &str,
    values: Vec<Value>,
    (kind, name): (&'static str, Option<&str>),
) -> Result<u64> {
    let statement = Statement::from_sql_and_values(on.get_database_backend(), text, values);
    let done = on.execute_raw(statement).await.map_err(|error| taken(error, kind, name.unwrap_or_default()))?;
    Ok(done.rows_affected())
}

/// Marks rows deleted that are not yet, and frees their names; how many.
pub(crate) async fn soft_delete(tx: &impl ConnectionTrait, table: &str, ids: &[i64], now: i64) -> Result<u64> {
    let mut deleted = 0;
    for ids in ids.chunks(1000) {
        let text = format!(
            "UPDATE {table} SET deleted_at = $1, live_name = NULL WHERE deleted_at IS NULL AND id IN {}",
            places(tx, 1, ids.len(), 1)
        );
        let values = [now].iter().chain(ids).map(|value| (*value).into()).collect();
        deleted += run(tx, &text, values).await?;
    }
    Ok(deleted)
}

/// All rows of a query.
pub(crate) async fn rows(on: &impl ConnectionTrait, text: &str, values: Vec<Value>) -> Result<Vec<QueryResult>> {
    let statement = Statement::from_sql_and_values(on.get_database_backend(), text, values);
    on.query_all_raw(statement).await.map_err(translate)
}

/// The first column of all rows of a query.
pub(crate) async fn column<T: TryGetable>(on: &impl ConnectionTrait, text: &str, values: Vec<Value>) -> Result<Vec<T>> {
    rows(on, text, values).await?.iter().map(|row| get(row, 0)).collect()
}

/// Whether a query finds a row.
pub(crate) async fn exists(on: &impl ConnectionTrait, text: &str, values: Vec<Value>) -> Result<bool> {
    Ok(!rows(on, text, values).await?.is_empty())
}

/// One column of a row by its place.
pub(crate) fn get<T: TryGetable>(row: &QueryResult, index: usize) -> Result<T> {
    row.try_get_by_index(index).map_err(translate)
}

/// The one row of a look-up by a unique column. Not `one()`: that binds a LIMIT, and SQLite prepares a statement with a
/// bound LIMIT anew each time it runs.
pub(crate) async fn unique<E: EntityTrait>(query: Select<E>, on: &impl ConnectionTrait) -> Result<Option<E::Model>> {
    Ok(query.all(on).await.map_err(translate)?.into_iter().next())
}

/// The rows of one page of `query`, with its bounds written out for the same reason.
pub(crate) async fn page_rows(
    query: &impl QueryTrait,
    page: Page,
    on: &impl ConnectionTrait,
) -> Result<Vec<QueryResult>> {
    part_rows(query, page.offset(), page.size(), on).await
}

async fn part_rows(
    query: &impl QueryTrait,
    skip: u64,
    count: u64,
    on: &impl ConnectionTrait,
) -> Result<Vec<QueryResult>> {
    let mut statement = query.build(on.get_database_backend());
    statement.sql.push_str(&format!(" LIMIT {count} OFFSET {skip}"));
    on.query_all_raw(statement).await.map_err(translate)
}

/// One page of whole rows.
pub(crate) async fn page<E: EntityTrait>(
    query: Select<E>,
    page: Page,
    on: &impl ConnectionTrait,
) -> Result<Vec<E::Model>> {
    part(query, page.offset(), page.size(), on).await
}

/// `count` whole rows of `query` after the first `skip`.
pub(crate) async fn part<E: EntityTrait>(
    query: Select<E>,
    skip: u64,
    count: u64,
    on: &impl ConnectionTrait,
) -> Result<Vec<E::Model>> {
    let rows = part_rows(&query, skip, count, on).await?;
    rows.iter().map(|row| E::Model::from_query_result(row, "").map_err(translate)).collect()
}

/// Reads the columns of a row one after the other.
pub(crate) struct Cursor<'r> {
    row: &'r QueryResult,
    next: usize,
}

impl<'r> Cursor<'r> {
    /// Begins at the first column.
    pub(crate) fn over(row: &'r QueryResult) -> Self {
        Self { row, next: 0 }
    }

    /// The next column.
    pub(crate) fn get<T: TryGetable>(&mut self) -> Result<T> {
        self.next += 1;
        get(self.row, self.next - 1)
    }
}

/// Places for `rows` rows of `columns` values, after `before` places used already: `($1, $2), ($3, $4)`.
///
/// Where the values are all of the statement (`before` is 0) SQLite gets `(?, ?), (?, ?)`: a numbered place is a name there,
/// looked up among all others each time the statement runs, which for a thousand rows costs more than the rows.
///
/// A row without columns, of `IN ()`, is one that nothing is in: PostgreSQL does not take the empty one.
pub(crate) fn places(on: &impl ConnectionTrait, rows: usize, columns: usize, before: usize) -> String {
    if columns == 0 {
        return "(NULL)".to_owned();
    }
    let numbered = before > 0 || has_numbered_places(on);
    let mut text = String::with_capacity(rows * (columns * 5 + 4));
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            if column > 0 {
                text.push_str(", ");
            }
            match numbered {
                true => text.push_str(&format!("${}", before + row * columns + column + 1)),
                false => text.push('?'),
            }
        }
        text.push(')');
    }
    text
}

/// All columns of `E`, qualified, for statements that answer whole rows: neither engine takes `table.*` everywhere.
pub(crate) fn columns<E: EntityTrait>() -> String {
    let table = E::default().table_name().to_owned();
    let names = E::Column::iter().map(|column| format!("{table}.{}", column.to_string()));
    names.collect::<Vec<_>>().join(", ")
}

/// The same error once more: a failed commit is told to every caller that shared it.
pub(crate) fn same(error: &DbErr) -> DbErr {
    DbErr::Custom(error.to_string())
}
