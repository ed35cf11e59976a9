//! `excel.readRange`: a sheet, or a part of it, as a table of texts.

use baigong_flow::{ActionContext, ActionError};
use calamine::{DataRef, Reader, Sheets};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Workbook, cell_text,
    range::{self, Block},
};
use crate::{
    file::short_name,
    support::{
        cells::{GridRow, Reading, column_letters, to_table},
        paths,
        table::Table,
        trouble::{invalid_data, too_large},
        work::{blocking, go_on_at},
    },
};

const MOST_CELLS: usize = 10_000_000;

fn yes() -> bool {
    true
}

/// Which cells.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The file: an artifact of this run, a file of the package, or a whole path.
    file: String,
    /// The sheet; the first when left empty.
    sheet: Option<String>,
    /// The cells, such as A1:C100 or A:C; all when left empty.
    range: Option<String>,
    /// The first row names the columns (default). Otherwise they are called A, B, C, ….
    #[serde(default = "yes")]
    header: bool,
    /// Leave out rows without any text.
    #[serde(default)]
    skip_blank_rows: bool,
    /// Cut blanks around each cell.
    #[serde(default)]
    trim: bool,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<Table, ActionError> {
    blocking(context, move |context| {
        let Parameters { header, skip_blank_rows, trim, .. } = parameters;
        let block = parameters.range.as_deref().map_or(Ok(Block::ALL), range::parse)?;
        let path = paths::to_read(context, &parameters.file)?;
        let mut workbook = super::open(context, &path)?;
        let sheet = sheet_name(&workbook, parameters.sheet.as_deref(), &short_name(&path))?;
        let source = format!("{}, sheet {sheet}", short_name(&path));
        let mut grid = Grid { context, source: &source, block, cells: Vec::new() };
        grid.collect(&mut workbook, &sheet)?;
        let (rows, first_column) = grid.into_rows()?;
        to_table(context, &source, rows, first_column, Reading { header, skip_blank_rows, trim })
    })
    .await
}

fn sheet_name(workbook: &Workbook, wanted: Option<&str>, file: &str) -> Result<String, ActionError> {
    let names = workbook.sheet_names();
    let found = match wanted {
        Some(wanted) => names.iter().find(|name| name.trim() == wanted.trim()),
        None => names.first(),
    };
    found.cloned().ok_or_else(|| {
        let wanted = wanted.map_or_else(|| "no sheet".to_owned(), |wanted| format!("no sheet “{wanted}”"));
        invalid_data(format!("{file} has {wanted}. Its sheets are: {}.", names.join(", ")))
    })
}

/// The cells that hold something. They are kept sparsely: one cell in the last corner of a sheet must not cost memory for all.
struct Grid<'a> {
    context: &'a ActionContext,
    source: &'a str,
    block: Block,
    cells: Vec<(u32, u32, String)>,
}

impl Grid<'_> {
    fn collect(&mut self, workbook: &mut Workbook, sheet: &str) -> Result<(), ActionError> {
        let source = self.source;
        let failed = |error: &dyn std::fmt::Display| {
            invalid_data(format!("{source} cannot be read: {error}. Open it in Excel and save it anew."))
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

    fn take(&mut self, (row, column): (u32, u32), cell: &DataRef<'_>) -> Result<(), ActionError> {
        go_on_at(self.context, self.cells.len())?;
        if !self.block.holds(row, column) {
            return Ok(());
        }
        let text = cell_text::text(cell);
        if !text.is_empty() {
            self.cells.push((row, column, text));
        }
        if self.cells.len() > MOST_CELLS {
            return Err(too_large(format!("{} has more than {MOST_CELLS} cells. Give a range.", self.source)));
        }
        Ok(())
    }

    /// All rows from the first to the last that holds something, and the column they begin at.
    fn into_rows(mut self) -> Result<(Vec<GridRow>, usize), ActionError> {
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
            return Err(too_large(format!(
                "{} reaches from {}{} to {}{}, with hardly anything in between. Delete the stray cells or give a range.",
                self.source,
                column_letters(left as usize),
                top + 1,
                column_letters(right as usize),
                bottom + 1
            )));
        }
        let numbers = (top..=bottom).map(|row| (u64::from(row) + 1, vec![String::new(); width]));
        let mut rows: Vec<GridRow> = numbers.collect();
        for (row, column, text) in self.cells {
            rows[(row - top) as usize].1[(column - first) as usize] = text;
        }
        Ok((rows, first as usize))
    }
}
