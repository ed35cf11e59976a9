//! Small helpers around statements written by hand for the hot paths: the same text runs on both engines.

use baigong_model::Result;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Iden, Iterable, QueryResult, Statement, TryGetable, Value};

use crate::error::translate;

/// Runs a statement that answers nothing; how many rows it changed.
pub(crate) async fn run(on: &impl ConnectionTrait, text: &str, values: Vec<Value>) -> Result<u64> {
    let statement = Statement::from_sql_and_values(on.get_database_backend(), text, values);
    Ok(on.execute_raw(statement).await.map_err(translate)?.rows_affected())
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

/// `($1, $2), ($3, $4)`: places for `rows` rows of `columns` values, after `before` places used already.
pub(crate) fn places(rows: usize, columns: usize, before: usize) -> String {
    let mut text = String::with_capacity(rows * (columns * 5 + 4));
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            if column > 0 {
                text.push_str(", ");
            }
            text.push('$');
            text.push_str(&(before + row * columns + column + 1).to_string());
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

#[cfg(test)]
mod tests {
    #[test]
    fn places_count_on_over_rows() {
        assert_eq!(super::places(2, 2, 1), "($2, $3), ($4, $5)");
    }
}
