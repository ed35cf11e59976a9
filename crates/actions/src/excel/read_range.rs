//! `excel.readRange`: a sheet, or a part of it, as a table of texts.

use baigong_flow::{ActionContext, ActionError};
use baigong_tabular::{
    Grid,
    range::{self, Block},
    sheet_name,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    file::short_name,
    support::{
        cells::{Reading, to_table},
        paths,
        table::Table,
        trouble::from_tables,
        work::blocking,
    },
};

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
        let block = parameters.range.as_deref().map_or(Ok(Block::ALL), range::parse).map_err(from_tables)?;
        let path = paths::to_read(context, &parameters.file)?;
        let mut workbook = super::open(context, &path)?;
        let sheet = sheet_name(&workbook, parameters.sheet.as_deref(), &short_name(&path)).map_err(from_tables)?;
        let source = format!("{}, sheet {sheet}", short_name(&path));
        let stopped = || context.cancel.is_cancelled();
        let mut grid = Grid::new(&source, block, &stopped);
        grid.collect(&mut workbook, &sheet).map_err(from_tables)?;
        let (rows, first_column) = grid.into_rows().map_err(from_tables)?;
        to_table(context, &source, rows, first_column, Reading { header, skip_blank_rows, trim })
    })
    .await
}
