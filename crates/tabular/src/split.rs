//! Splits CSV text into rows and cells (RFC 4180). Our own, because errors must name the row as Excel shows it: blank rows
//! count, and a line break within quotes does not begin a row. Checked against the `csv` crate.

use crate::{Problem, Row, Stopped, go_on_at};

/// All rows of `text` with their numbers; a blank line is a row with one empty cell.
pub fn split(text: &str, delimiter: u8, source: &str, stopped: Stopped<'_>) -> Result<Vec<Row>, Problem> {
    let bytes = text.as_bytes();
    let mut rows: Vec<Row> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        go_on_at(stopped, rows.len())?;
        let number = rows.len() as u64 + 1;
        let mut cells = Vec::new();
        loop {
            let (cell, end) = cell(text, at, delimiter).ok_or_else(|| {
                Problem::data(format!(
                    "{source}, row {number}: a cell begins with a quotation mark that is never closed. Close or remove it."
                ))
            })?;
            cells.push(cell);
            at = end;
            if bytes.get(at) == Some(&delimiter) {
                at += 1;
            } else {
                break;
            }
        }
        at += match bytes.get(at..) {
            Some([b'\r', b'\n', ..]) => 2,
            _ => 1,
        };
        rows.push((number, cells));
    }
    Ok(rows)
}

/// The cell that begins at `start`, and where it ends; `None` when its quotation mark is never closed.
fn cell(text: &str, start: usize, delimiter: u8) -> Option<(String, usize)> {
    let bytes = text.as_bytes();
    let ends_at = |from: usize| {
        let rest = bytes[from..].iter().position(|byte| *byte == delimiter || matches!(byte, b'\r' | b'\n'));
        rest.map_or(bytes.len(), |length| from + length)
    };
    if bytes.get(start) != Some(&b'"') {
        let end = ends_at(start);
        return Some((text[start..end].to_owned(), end));
    }
    let mut cell = String::new();
    let mut at = start + 1;
    loop {
        let quote = at + bytes[at..].iter().position(|byte| *byte == b'"')?;
        cell.push_str(&text[at..quote]);
        at = quote + 1;
        if bytes.get(at) != Some(&b'"') {
            break;
        }
        cell.push('"');
        at += 1;
    }
    let end = ends_at(at);
    cell.push_str(&text[at..end]);
    Some((cell, end))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(text: &str) -> Result<Vec<Row>, Problem> {
        split(text, b',', "f.csv", &|| false)
    }

    #[test]
    fn rows_are_numbered_as_excel_shows_them() {
        let rows = rows("a,b\r\n\r\n\"two\r\nlines\",\"say \"\"hi\"\"\"\n,\r\nlast").unwrap();
        let expected: [(u64, &[&str]); 5] =
            [(1, &["a", "b"]), (2, &[""]), (3, &["two\r\nlines", "say \"hi\""]), (4, &["", ""]), (5, &["last"])];
        let found: Vec<(u64, Vec<&str>)> =
            rows.iter().map(|(number, cells)| (*number, cells.iter().map(String::as_str).collect())).collect();
        assert_eq!(found, expected.map(|(number, cells)| (number, cells.to_vec())));
    }

    #[test]
    fn an_open_quotation_mark_is_an_error_with_its_row() {
        let error = rows("a\n\n\"b\nc").unwrap_err();
        assert!(error.to_string().starts_with("f.csv, row 3: a cell begins with a quotation mark"), "{error}");
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_csv_crate(text in "[a\"证,\r\n ]{0,40}") {
            let Ok(ours) = rows(&text) else { return Ok(()) };
            let ours: Vec<Vec<String>> =
                ours.into_iter().map(|(_, cells)| cells).filter(|cells| *cells != [""]).collect();
            let mut reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let theirs = reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>());
            let theirs: Vec<Vec<String>> = theirs.filter(|cells| *cells != [""]).collect();
            prop_assert_eq!(ours, theirs);
        }
    }
}
