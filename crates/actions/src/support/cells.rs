//! From a grid of cells to a table: the heading, blank rows, ragged rows. Knows neither CSV nor Excel.

use std::collections::HashMap;

use baigong_flow::{ActionContext, ActionError};
use baigong_tabular::{Row as GridRow, column_letters};
use serde_json::Value;

use super::{
    table::{ROW_NUMBER, Row, Table},
    trouble::invalid_data,
    work::go_on_at,
};

/// How a grid is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// The first row names the columns; otherwise they are called A, B, C, ….
    pub(crate) header: bool,
    /// Rows without any text are left out.
    pub(crate) skip_blank_rows: bool,
    /// Blanks around each cell are cut.
    pub(crate) trim: bool,
}

/// The table in `grid`, whose first cell stands in column `first_column` (0 is A).
pub(crate) fn to_table(
    context: &ActionContext,
    source: &str,
    grid: Vec<GridRow>,
    first_column: usize,
    reading: Reading,
) -> Result<Table, ActionError> {
    let mut rows = grid.into_iter().filter(|(_, cells)| !(reading.skip_blank_rows && is_blank(cells))).peekable();
    let width = rows.peek().map_or(0, |(_, cells)| cells.len());
    let columns = if reading.header {
        let Some((number, heads)) = rows.next() else {
            return Err(invalid_data(format!(
                "{source} is empty: there is not even a row of headings. Check the file."
            )));
        };
        columns_of(source, number, &heads, first_column)?
    } else {
        (0..width).map(|index| (index, column_letters(first_column + index))).collect()
    };
    let mut table = Table { source: source.to_owned(), columns: Vec::new(), rows: Vec::new() };
    let mut columns = columns;
    for (index, (number, mut cells)) in rows.enumerate() {
        go_on_at(context, index)?;
        if reading.trim {
            cells.iter_mut().for_each(trim);
        }
        if !reading.header {
            for extra in columns.len()..cells.len() {
                columns.push((extra, column_letters(first_column + extra)));
            }
        } else {
            no_cell_without_heading(source, number, &cells, &columns, first_column)?;
        }
        table.rows.push(row_of(number, cells, &columns));
    }
    table.columns = columns.into_iter().map(|(_, name)| name).collect();
    if !reading.header {
        fill_short_rows(&mut table);
    }
    Ok(table)
}

fn is_blank(cells: &[String]) -> bool {
    cells.iter().all(|cell| cell.trim().is_empty())
}

fn trim(cell: &mut String) {
    if cell.trim().len() != cell.len() {
        *cell = cell.trim().to_owned();
    }
}

fn row_of(number: u64, mut cells: Vec<String>, columns: &[(usize, String)]) -> Row {
    let mut row = Row::new();
    for (index, name) in columns {
        let cell = cells.get_mut(*index).map(std::mem::take).unwrap_or_default();
        row.insert(name.clone(), Value::String(cell));
    }
    row.insert(ROW_NUMBER.to_owned(), number.into());
    row
}

/// Headings with their places; places without a heading are left out.
fn columns_of(
    source: &str,
    number: u64,
    heads: &[String],
    first_column: usize,
) -> Result<Vec<(usize, String)>, ActionError> {
    let mut seen = HashMap::new();
    let mut columns = Vec::new();
    for (index, head) in heads.iter().enumerate() {
        let name = head.trim();
        if name.is_empty() {
            continue;
        }
        let letters = column_letters(first_column + index);
        if name == ROW_NUMBER {
            return Err(invalid_data(format!(
                "{source}, row {number}, column {letters}: the heading {ROW_NUMBER} is kept for row numbers. Rename it."
            )));
        }
        if let Some(earlier) = seen.insert(name.to_owned(), letters.clone()) {
            return Err(invalid_data(format!(
                "{source}, row {number}: the heading “{name}” stands twice, in columns {earlier} and {letters}. Rename one."
            )));
        }
        columns.push((index, name.to_owned()));
    }
    if columns.is_empty() {
        return Err(invalid_data(format!(
            "{source}, row {number}: no headings. Delete the rows above the headings, or set skipBlankRows: true."
        )));
    }
    Ok(columns)
}

/// Text to the right of the headings means that a row fell apart, mostly at a comma inside a number: nothing is dropped.
fn no_cell_without_heading(
    source: &str,
    number: u64,
    cells: &[String],
    columns: &[(usize, String)],
    first_column: usize,
) -> Result<(), ActionError> {
    let headed = |index: usize| columns.binary_search_by_key(&index, |(place, _)| *place).is_ok();
    let stray = cells.iter().enumerate().find(|(index, cell)| !cell.trim().is_empty() && !headed(*index));
    let Some((index, cell)) = stray else { return Ok(()) };
    Err(invalid_data(format!(
        "{source}, row {number}, column {}: “{cell}” stands under no heading. Add the heading, or put quotes around a value \
         that contains the delimiter (\"1,234.50\").",
        column_letters(first_column + index)
    )))
}

fn fill_short_rows(table: &mut Table) {
    for row in &mut table.rows {
        for column in &table.columns {
            if !row.contains_key(column) {
                row.insert(column.clone(), Value::String(String::new()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::support::testing::Desk;

    const READING: Reading = Reading { header: true, skip_blank_rows: true, trim: true };

    fn read(grid: &[&[&str]], reading: Reading) -> Result<Table, ActionError> {
        let rows =
            grid.iter().enumerate().map(|(index, cells)| (index as u64 + 1, cells.iter().map(ToString::to_string)));
        let grid = rows.map(|(number, cells)| (number, cells.collect())).collect();
        to_table(&Desk::new().context, "f.csv", grid, 0, reading)
    }

    #[test]
    fn blank_rows_are_skipped_and_the_others_keep_their_numbers() {
        let table = read(&[&[""], &[" a ", "b", ""], &["", " "], &[" 1 "], &["2", "3", " "]], READING).unwrap();
        assert_eq!(table.columns, ["a", "b"]);
        assert_eq!(json!(table.rows), json!([{"a": "1", "b": "", "_row": 4}, {"a": "2", "b": "3", "_row": 5}]));
        let all = Reading { skip_blank_rows: false, trim: false, header: false };
        let table = read(&[&["1", "2"], &[""], &[" 3", "4", "5"]], all).unwrap();
        assert_eq!(table.columns, ["A", "B", "C"]);
        assert_eq!(json!(table.rows[1]), json!({"A": "", "B": "", "C": "", "_row": 2}));
        assert_eq!(table.rows[2]["A"], " 3");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (grid, message) in [
            (&[][..], "f.csv is empty"),
            (&[&["a", "b", "a"][..]][..], "f.csv, row 1: the heading “a” stands twice, in columns A and C"),
            (&[&["a"][..], &["1", "234.50"][..]][..], "f.csv, row 2, column B: “234.50” stands under no heading"),
            (&[&["_row"][..]][..], "f.csv, row 1, column A: the heading _row"),
        ] {
            let error = read(grid, READING).unwrap_err();
            assert!(error.message.starts_with(message), "{error}");
            assert_eq!(error.code, "invalidData");
        }
    }
}
