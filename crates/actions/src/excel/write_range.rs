//! `excel.writeRange`: writes a table into a new workbook, whole or not at all.

use std::collections::BTreeMap;

use baigong_flow::{ActionContext, ActionError};
use baigong_model::LogLevel;
use baigong_tabular::{column_letters, range};
use rust_decimal::Decimal;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::support::{
    atomic,
    table::Table,
    trouble::{from_tables, internal, invalid_data, invalid_parameter},
    work::{blocking, go_on_at},
};

fn yes() -> bool {
    true
}

/// What to write where.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The workbook to make, ending in .xlsx: a name among this run's artifacts, or a whole path.
    file: String,
    /// The table.
    table: Table,
    /// The name of the sheet.
    sheet: Option<String>,
    /// The cell the table begins at; A1 when left empty.
    start: Option<String>,
    /// The columns to write, in this order; all when left empty.
    columns: Option<Vec<String>>,
    /// Columns that become numbers, each with its Excel format such as #,##0.00 (or "" for none). All others stay text, so
    /// that 000001 keeps its zeros.
    #[serde(default)]
    numbers: BTreeMap<String, String>,
    /// Begin with a row that names the columns (default).
    #[serde(default = "yes")]
    header: bool,
    /// Replace an existing file outside the artifacts.
    #[serde(default)]
    overwrite: bool,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<atomic::WrittenPath, ActionError> {
    blocking(context, move |context| {
        if !parameters.file.to_lowercase().ends_with(".xlsx") {
            return Err(invalid_parameter(format!("{} must end in .xlsx", parameters.file)));
        }
        let bytes = workbook(context, &parameters)?;
        atomic::write(context, &parameters.file, &bytes, parameters.overwrite)
    })
    .await
}

fn failed(error: &XlsxError) -> ActionError {
    invalid_data(format!("the workbook cannot be written: {error}"))
}

fn workbook(context: &ActionContext, parameters: &Parameters) -> Result<Vec<u8>, ActionError> {
    let mut workbook = Workbook::new();
    let made_at = ExcelDateTime::from_timestamp(context.clock.now() / 1000).map_err(|error| failed(&error))?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made_at));
    let sheet = workbook.add_worksheet();
    if let Some(name) = &parameters.sheet {
        sheet.set_name(name).map_err(|_| {
            invalid_parameter(format!(
                "“{name}” cannot be the name of a sheet. It has 1 to 31 characters, none of [ ] : * ? / \\ and no ' at either \
                 end."
            ))
        })?;
    }
    fill(context, sheet, parameters)?;
    workbook.save_to_buffer().map_err(|error| internal(error.to_string()))
}

/// A column to write: its name, its place, and how its cells are shown.
struct Column<'a> {
    name: &'a str,
    place: u16,
    is_number: bool,
    format: Format,
    /// How many Latin letters its widest text is wide.
    width: usize,
}

impl Column<'_> {
    /// The widest a column gets: longer texts are read in their cell.
    const MOST: usize = 60;

    /// Makes room for `text`. The library's own fitting knows neither Chinese letters nor the separators of a number
    /// format, and Excel shows a number that does not fit as #####.
    fn fit(&mut self, text: &str) {
        let letters = text.chars().map(|letter| if letter.is_ascii() { 1 } else { 2 }).sum::<usize>();
        let format = if self.is_number { letters / 3 + 3 } else { 0 };
        self.width = self.width.max(letters + format).min(Self::MOST);
    }
}

fn fill(context: &ActionContext, sheet: &mut Worksheet, parameters: &Parameters) -> Result<(), ActionError> {
    let table = &parameters.table;
    let start = range::parse(parameters.start.as_deref().unwrap_or("A1")).map_err(from_tables)?;
    let names = parameters.columns.as_ref().unwrap_or(&table.columns);
    names.iter().chain(parameters.numbers.keys()).try_for_each(|column| table.require(column))?;
    let mut columns = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let place = u16::try_from(start.first_column as usize + index);
        let place = place.map_err(|_| invalid_data("the table has more columns than Excel can hold (16,384)"))?;
        let number = parameters.numbers.get(name);
        let shown = number.map_or("@", |format| if format.is_empty() { "General" } else { format });
        columns.push(Column {
            name,
            place,
            is_number: number.is_some(),
            format: Format::new().set_num_format(shown),
            width: 0,
        });
    }
    let mut row = start.first_row;
    if parameters.header {
        let bold = Format::new().set_bold();
        for column in &mut columns {
            column.fit(column.name);
            sheet.write_string_with_format(row, column.place, column.name, &bold).map_err(|error| failed(&error))?;
        }
        row += 1;
        sheet.set_freeze_panes(row, 0).map_err(|error| failed(&error))?;
    }
    for index in 0..table.rows.len() {
        go_on_at(context, index)?;
        for column in &mut columns {
            column.fit(&table.text(index, column.name));
            write_cell(context, sheet, table, index, row, column)?;
        }
        row += 1;
    }
    for column in &columns {
        // Two letters more, as the margins of a cell and for bold headings.
        let width = u16::try_from(column.width.max(6) + 2).unwrap_or(u16::MAX);
        sheet.set_column_width(column.place, f64::from(width)).map_err(|error| failed(&error))?;
    }
    Ok(())
}

fn write_cell(
    context: &ActionContext,
    sheet: &mut Worksheet,
    table: &Table,
    index: usize,
    row: u32,
    column: &Column<'_>,
) -> Result<(), ActionError> {
    let number = if column.is_number { table.number(index, column.name)? } else { None };
    let place = column.place;
    let written = match number.map(|number| (number, as_float(number))) {
        Some((_, Some(float))) => sheet.write_number_with_format(row, place, float, &column.format),
        Some((number, None)) => {
            let cell = format!("{}{}", column_letters(usize::from(place)), row + 1);
            let line = format!("{number} has more digits than an Excel number can hold; cell {cell} keeps it as text");
            context.host.log(LogLevel::Warn, &line);
            sheet.write_string(row, place, number.to_string())
        }
        None if column.is_number => Ok(sheet),
        None => match table.text(index, column.name) {
            text if text.is_empty() => Ok(sheet),
            text => sheet.write_string_with_format(row, place, text, &column.format),
        },
    };
    written.map(|_| ()).map_err(|error| failed(&error))
}

/// The float that Excel shows as exactly this number: it holds 15 digits.
fn as_float(number: Decimal) -> Option<f64> {
    let digits = number.normalize().mantissa().unsigned_abs().to_string();
    let significant = digits.trim_end_matches('0').len();
    if significant > 15 { None } else { number.to_string().parse().ok() }
}
