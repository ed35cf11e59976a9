//! Tables in files, as rows of texts: CSV in the encodings of the trade, and spreadsheets. One reader for the actions of
//! flows and for what the platform imports and exports. Knows neither flows nor the platform, and touches no file by name.

mod cell_text;
pub mod encoding;
mod number;
mod problem;
pub mod range;
mod sheet_writer;
mod split;
mod text_writer;
mod workbook;

pub use number::from_spreadsheet;
pub use problem::Problem;
pub use sheet_writer::SheetWriter;
pub use split::split;
pub use text_writer::{TextWriter, harmless, meant};
pub use workbook::{Grid, Workbook, column_letters, open, sheet_name};

/// One row of a file: its number there as Excel shows it, and its cells.
pub type Row = (u64, Vec<String>);

/// Whether whoever asked has given up meanwhile; asked now and then in long loops.
pub type Stopped<'a> = &'a dyn Fn() -> bool;

/// A cell to be written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// A text: never a formula, whatever it begins with.
    Text(&'a str),
    /// A number as it is written.
    Number(&'a str),
    /// Nothing.
    Empty,
}

/// All rows of the file called `name`: of a spreadsheet its first sheet, of anything else its comma-separated lines. The
/// `encoding` of text is found out where it is not given.
pub fn read(bytes: Vec<u8>, name: &str, encoding: Option<&str>, stopped: Stopped<'_>) -> Result<Vec<Row>, Problem> {
    if !is_spreadsheet(&bytes, name) {
        let (text, _) = encoding::decode(&bytes, encoding, name)?;
        return split(&text, b',', name, stopped);
    }
    let mut workbook = open(bytes, name, stopped)?;
    let sheet = workbook::sheet_name(&workbook, None, name)?;
    let mut grid = Grid::new(name, range::Block::ALL, stopped);
    grid.collect(&mut workbook, &sheet)?;
    Ok(grid.into_rows()?.0)
}

/// By its name or, without a telling one, by how it begins: a zip, or the container of old workbooks.
fn is_spreadsheet(bytes: &[u8], name: &str) -> bool {
    let name = name.to_lowercase();
    let has = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    has(&[".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"]) || (!has(&[".csv", ".txt"]) && begins_like_a_spreadsheet(bytes))
}

/// Whether `bytes` begin as spreadsheets do, a zip or the container of old workbooks, and as no text does.
#[must_use]
pub fn begins_like_a_spreadsheet(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xD0\xCF\x11\xE0")
}

/// An error at every 1,024th `index` of a loop once whoever asked has given up.
fn go_on_at(stopped: Stopped<'_>, index: usize) -> Result<(), Problem> {
    if index.is_multiple_of(1024) && stopped() { Err(Problem::Stopped) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
