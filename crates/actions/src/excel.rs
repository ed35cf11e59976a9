//! Spreadsheets: the sheets of a workbook, reading a range, writing a range.

mod cell_text;
mod range;
pub(crate) mod read_range;
pub(crate) mod sheets;
pub(crate) mod write_range;

use std::{
    io::{self, Cursor, Read},
    path::Path,
};

use baigong_flow::{ActionContext, ActionError};
use calamine::{Sheets, open_workbook_auto_from_rs};
use zip::ZipArchive;

use crate::{
    file,
    support::{
        trouble::{invalid_data, too_large},
        work::go_on,
    },
};

/// The most bytes the parts of a workbook may have together.
const LARGEST_INSIDE: u64 = 512 * 1024 * 1024;
const COUNTED_AT_ONCE: u64 = 8 * 1024 * 1024;

/// An opened workbook.
type Workbook = Sheets<Cursor<Vec<u8>>>;

fn open(context: &ActionContext, path: &Path) -> Result<Workbook, ActionError> {
    let bytes = file::bytes(path)?;
    no_bomb(context, &bytes, path)?;
    open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|_| {
        invalid_data(format!(
            "{} is not a spreadsheet that can be read (xlsx, xlsm, xlsb, xls, ods). If it has a password, save it without; if \
             it is text, read it with csv.read.",
            file::short_name(path)
        ))
    })
}

/// A workbook is a zip whose parts are read into memory whole: they are counted first, since a small one can hold a lot.
fn no_bomb(context: &ActionContext, bytes: &[u8], path: &Path) -> Result<(), ActionError> {
    let Ok(mut zip) = ZipArchive::new(Cursor::new(bytes)) else { return Ok(()) };
    let mut total = 0;
    for index in 0..zip.len() {
        let Ok(mut part) = zip.by_index(index) else { continue };
        loop {
            go_on(context)?;
            match io::copy(&mut part.by_ref().take(COUNTED_AT_ONCE), &mut io::sink()) {
                Ok(0) | Err(_) => break,
                Ok(read) => total += read,
            }
            if total > LARGEST_INSIDE {
                return Err(too_large(format!(
                    "{} is larger than 512 MiB inside. Split it into smaller files.",
                    file::short_name(path)
                )));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
