//! `csv.read`: a CSV file as a table of texts.

use baigong_flow::{ActionContext, ActionError};
use baigong_tabular::{encoding, split};
use schemars::JsonSchema;
use serde::Deserialize;

use super::delimiter;
use crate::{
    file::{bytes, short_name},
    support::{
        cells::{Reading, to_table},
        paths,
        table::Table,
        trouble::{from_tables, invalid_data},
        work::blocking,
    },
};

fn yes() -> bool {
    true
}

/// Which file, and how it is written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The file: an artifact of this run, a file of the package, or a whole path.
    file: String,
    /// utf-8, gbk, gb18030, …; found out when left empty.
    encoding: Option<String>,
    /// What stands between two cells: "," (default), ";", "|" or "tab".
    delimiter: Option<String>,
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
        let delimiter = delimiter(parameters.delimiter.as_deref())?;
        let path = paths::to_read(context, &parameters.file)?;
        let source = short_name(&path);
        let bytes = bytes(&path)?;
        if baigong_tabular::begins_like_a_spreadsheet(&bytes) {
            let remedy = "Read it with excel.readRange, or save it as CSV.";
            return Err(invalid_data(format!("{source} is a spreadsheet, not text. {remedy}")));
        }
        let (text, _) = encoding::decode(&bytes, parameters.encoding.as_deref(), &source).map_err(from_tables)?;
        let grid = split(&text, delimiter, &source, &|| context.cancel.is_cancelled()).map_err(from_tables)?;
        to_table(context, &source, grid, 0, Reading { header, skip_blank_rows, trim })
    })
    .await
}
