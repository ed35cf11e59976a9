//! `csv.write`: writes a table as a CSV file, whole or not at all.

use baigong_flow::{ActionContext, ActionError};
use baigong_tabular::encoding;
use schemars::JsonSchema;
use serde::Deserialize;

use super::delimiter;
use crate::support::{
    atomic,
    table::Table,
    trouble::{from_tables, internal},
    work::{blocking, go_on_at},
};

fn yes() -> bool {
    true
}

/// What to write where.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The file: a name among this run's artifacts, or a whole path.
    file: String,
    /// The table.
    table: Table,
    /// The columns to write, in this order; all when left empty.
    columns: Option<Vec<String>>,
    /// utf-8 (default), gbk, gb18030, ….
    encoding: Option<String>,
    /// What stands between two cells: "," (default), ";", "|" or "tab".
    delimiter: Option<String>,
    /// Begin with a row that names the columns (default).
    #[serde(default = "yes")]
    header: bool,
    /// Begin a Unicode file with the mark by which Excel knows it (default).
    #[serde(default = "yes")]
    mark: bool,
    /// Replace an existing file outside the artifacts.
    #[serde(default)]
    overwrite: bool,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<atomic::WrittenPath, ActionError> {
    blocking(context, move |context| {
        let Parameters { file, table, overwrite, .. } = &parameters;
        let chosen = encoding::by_name(parameters.encoding.as_deref().unwrap_or("utf-8")).map_err(from_tables)?;
        let text = text(context, &parameters, table)?;
        let bytes = encoding::encode(&text, chosen, parameters.mark, file).map_err(from_tables)?;
        atomic::write(context, file, &bytes, *overwrite)
    })
    .await
}

fn text(context: &ActionContext, parameters: &Parameters, table: &Table) -> Result<String, ActionError> {
    let columns = parameters.columns.as_ref().unwrap_or(&table.columns);
    columns.iter().try_for_each(|column| table.require(column))?;
    let delimiter = delimiter(parameters.delimiter.as_deref())?;
    let mut writer =
        ::csv::WriterBuilder::new().delimiter(delimiter).terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    let failed = |error: ::csv::Error| internal(error.to_string());
    if parameters.header && !columns.is_empty() {
        writer.write_record(columns).map_err(failed)?;
    }
    for index in 0..table.rows.len() {
        go_on_at(context, index)?;
        let cells = columns.iter().map(|column| table.text(index, column));
        writer.write_record(cells.map(|cell| cell.into_owned().into_bytes())).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| internal(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| internal(error.to_string()))
}
