//! Spreadsheets: opening one without being blown up by it, and its cells as rows of texts.

use std::io::{self, Cursor, Read};

use calamine::{DataRef, Reader, Sheets, open_workbook_auto_from_rs};
use zip::ZipArchive;

use crate::{Problem, Row, Stopped, cell_text, go_on_at, range::Block};

/// The most bytes the parts of a workbook may have together.
const LARGEST_INSIDE: u64 = 512 * 1024 * 1024;
const COUNTED_AT_ONCE: u64 = 8 * 1024 * 1024;
const MOST_CELLS: usize = 10_000_000;

/// An opened workbook.
pub type Workbook = Sheets<Cursor<Vec<u8>>>;

/// Opens the workbook called `source`.
pub fn open(bytes: Vec<u8>, source: &str, stopped: Stopped<'_>) -> Result<Workbook, Problem> {
    no_bomb(&bytes, source, stopped)?;
    open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|_| {
        Problem::data(format!(
            "{source} is not a spreadsheet that can be read (xlsx, xlsm, xlsb, xls, ods). If it has a password, save it without; if \
             it is text, read it as CSV."
        ))
    })
}

/// A workbook is a zip whose parts are read into memory whole: they are counted first, since a small one can hold a lot.
fn no_bomb(bytes: &[u8], source: &str, stopped: Stopped<'_>) -> Result<(), Problem> {
    let Ok(mut zip) = ZipArchive::new(Cursor::new(bytes)) else { return Ok(()) };
    let mut total = 0;
    for index in 0..zip.len() {
        let Ok(mut part) = zip.by_index(index) else { continue };
        loop {
            go_on_at(stopped, 0)?;
            match io::copy(&mut part.by_ref().take(COUNTED_AT_ONCE), &mut io::sink()) {
                Ok(0) | Err(_) => break,
                Ok(read) => total += read,
            }
            if total > LARGEST_INSIDE {
                return Err(Problem::too_large(format!(
                    "{source} is larger than 512 MiB inside. Split it into smaller files."
                )));
            }
        }
    }
    Ok(())
}

/// The name of the sheet `wanted`, or of the first.
pub fn sheet_name(workbook: &Workbook, wanted: Option<&str>, file: &str) -> Result<String, Problem> {
    let names = workbook.sheet_names();
    let found = match wanted {
        Some(wanted) => names.iter().find(|name| name.trim() == wanted.trim()),
        None => names.first(),
    };
    found.cloned().ok_or_else(|| {
        let wanted = wanted.map_or_else(|| "no sheet".to_owned(), |wanted| format!("no sheet “{wanted}”"));
        Problem::data(format!("{file} has {wanted}. Its sheets are: {}.", names.join(", ")))
    })
}

/// The cells that hold something. They are kept sparsely: one cell in the last corner of a sheet must not cost memory for all.
pub struct Grid<'a> {
    source: &'a str,
    block: Block,
    stopped: Stopped<'a>,
    cells: Vec<(u32, u32, String)>,
}

impl<'a> Grid<'a> {
    /// An empty grid for the cells of `block`.
    #[must_use]
    pub fn new(source: &'a str, block: Block, stopped: Stopped<'a>) -> Self {
        Self { source, block, stopped, cells: Vec::new() }
    }

    /// Takes the cells of the sheet called `sheet`.
    pub fn collect(&mut self, workbook: &mut Workbook, sheet: &str) -> Result<(), Problem> {
        let source = self.source;
        let failed = |error: &dyn std::fmt::Display| {
            Problem::data(format!("{source} cannot be read: {error}. Open it in Excel and save it anew."))
        };
        match workbook {
            Sheets::Xlsx(book) => {
                let mut reader = book.worksheet_cells_reader(sheet).map_err(|error| failed(&error))?;
                while let Some(cell) = reader.next_cell().map_err(|error| failed(&error))? {
                    self.take(cell.get_position(), cell.get_value())?;
                }
            }
            Sheets::Xlsb(book) => {
                let mut reader = book.worksheet_cells_reader(sheet).map_err(|error| failed(&error))?;
                while let Some(cell) = reader.next_cell().map_err(|error| failed(&error))? {
                    self.take(cell.get_position(), cell.get_value())?;
                }
            }
            other => {
                let range = other.worksheet_range(sheet).map_err(|error| failed(&error))?;
                let (top, left) = range.start().unwrap_or_default();
                for (row, column, cell) in range.used_cells() {
                    let place = (top + u32::try_from(row).unwrap_or(0), left + u32::try_from(column).unwrap_or(0));
                    self.take(place, &cell_text::borrowed(cell))?;
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, (row, column): (u32, u32), cell: &DataRef<'_>) -> Result<(), Problem> {
        go_on_at(self.stopped, self.cells.len())?;
        if !self.block.holds(row, column) {
            return Ok(());
        }
        let text = cell_text::text(cell);
        if !text.is_empty() {
            self.cells.push((row, column, text));
        }
        if self.cells.len() > MOST_CELLS {
            return Err(Problem::too_large(format!("{} has more than {MOST_CELLS} cells. Give a range.", self.source)));
        }
        Ok(())
    }

    /// All rows from the first to the last that holds something, and the column they begin at.
    pub fn into_rows(mut self) -> Result<(Vec<Row>, usize), Problem> {
        self.cells.sort_unstable_by_key(|(row, column, _)| (*row, *column));
        let columns = self.cells.iter().map(|(_, column, _)| *column);
        let (Some(left), Some(right)) = (columns.clone().min(), columns.max()) else { return Ok((Vec::new(), 0)) };
        let (top, bottom) = match (self.cells.first(), self.cells.last()) {
            (Some(first), Some(last)) => (first.0, last.0),
            _ => return Ok((Vec::new(), 0)),
        };
        let first = self.block.first_column.max(if self.block == Block::ALL { left } else { 0 }).min(left);
        let width = (right - first + 1) as usize;
        let area = width.saturating_mul((bottom - top + 1) as usize);
        if area > MOST_CELLS {
            return Err(Problem::too_large(format!(
                "{} reaches from {}{} to {}{}, with hardly anything in between. Delete the stray cells or give a range.",
                self.source,
                column_letters(left as usize),
                top + 1,
                column_letters(right as usize),
                bottom + 1
            )));
        }
        let numbers = (top..=bottom).map(|row| (u64::from(row) + 1, vec![String::new(); width]));
        let mut rows: Vec<Row> = numbers.collect();
        for (row, column, text) in self.cells {
            rows[(row - top) as usize].1[(column - first) as usize] = text;
        }
        Ok((rows, first as usize))
    }
}

/// The name Excel gives to column `index`: 0 is A, 26 is AA.
#[must_use]
pub fn column_letters(index: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = index + 1;
    while rest > 0 {
        letters.push(b'A' + u8::try_from((rest - 1) % 26).unwrap_or_default());
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_as_in_excel() {
        let names = [0, 25, 26, 51, 701, 702, 16383].map(column_letters);
        assert_eq!(names, ["A", "Z", "AA", "AZ", "ZZ", "AAA", "XFD"]);
    }
}
