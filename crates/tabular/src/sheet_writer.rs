//! A workbook written row by row: what a row held is not kept in memory. Texts are texts whatever they begin with.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use crate::{Cell, Problem};

/// The most rows of a sheet.
const MOST_ROWS: u32 = 1_048_576;
/// The longest text of a cell, in letters.
const LONGEST: usize = 32_767;

/// One sheet of a new workbook.
pub struct SheetWriter {
    workbook: Workbook,
    row: u32,
}

fn failed(error: &XlsxError) -> Problem {
    Problem::data(format!("the workbook cannot be written: {error}"))
}

impl SheetWriter {
    /// Begins a workbook made at `now` (milliseconds since the epoch).
    pub fn new(now: i64) -> Result<Self, Problem> {
        let mut workbook = Workbook::new();
        let made_at = ExcelDateTime::from_timestamp(now / 1000).map_err(|error| failed(&error))?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&made_at));
        workbook.add_worksheet_with_constant_memory().map_err(|error| failed(&error))?;
        Ok(Self { workbook, row: 0 })
    }

    /// Adds a row; the first one is bold.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), Problem> {
        let row = self.row;
        if row >= MOST_ROWS {
            return Err(Problem::too_large(format!(
                "a sheet has at most {MOST_ROWS} rows: narrow the filter, or write CSV"
            )));
        }
        let sheet = self.workbook.worksheet_from_index(0).map_err(|error| failed(&error))?;
        let head = Format::new().set_bold();
        for (column, cell) in (0..).zip(cells) {
            let written = match cell {
                Cell::Empty => continue,
                Cell::Text(text) if text.chars().count() > LONGEST => {
                    return Err(Problem::too_large(format!(
                        "row {}: a cell of a sheet holds at most {LONGEST} letters: write CSV instead",
                        row + 1
                    )));
                }
                Cell::Text(text) if row == 0 => sheet.write_string_with_format(row, column, *text, &head),
                Cell::Text(text) => sheet.write_string(row, column, *text),
                Cell::Number(text) => match exact(text) {
                    Some(number) => sheet.write_number(row, column, number),
                    None => sheet.write_string(row, column, *text),
                },
            };
            written.map_err(|error| failed(&error))?;
        }
        self.row += 1;
        Ok(())
    }

    /// The whole workbook, ready.
    pub fn finish(mut self) -> Result<Vec<u8>, Problem> {
        self.workbook.save_to_buffer().map_err(|error| failed(&error))
    }
}

/// The number a spreadsheet would keep, where it keeps every digit: it holds fifteen.
fn exact(text: &str) -> Option<f64> {
    let digits: String =
        text.chars().take_while(|letter| !matches!(letter, 'e' | 'E')).filter(char::is_ascii_digit).collect();
    let significant = digits.trim_start_matches('0').trim_end_matches('0').len();
    if significant > 15 { None } else { text.parse().ok().filter(|number: &f64| number.is_finite()) }
}
