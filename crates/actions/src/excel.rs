//! Spreadsheets: the sheets of a workbook, reading a range, writing a range.

mod cell_text;
mod range;
pub(crate) mod read_range;
pub(crate) mod sheets;
pub(crate) mod write_range;

use std::{io::Cursor, path::Path};

use baigong_flow::ActionError;
use calamine::{Sheets, open_workbook_auto_from_rs};

use crate::{file, support::trouble::invalid_data};

/// An opened workbook.
type Workbook = Sheets<Cursor<Vec<u8>>>;

fn open(path: &Path) -> Result<Workbook, ActionError> {
    open_workbook_auto_from_rs(Cursor::new(file::bytes(path)?)).map_err(|_| {
        invalid_data(format!(
            "{} is not a spreadsheet that can be read (xlsx, xlsm, xlsb, xls, ods). If it has a password, save it without; if \
             it is text, read it with csv.read.",
            file::short_name(path)
        ))
    })
}

#[cfg(test)]
mod tests;
