//! Tables as flows see them (docs/decisions/0011): `{source, columns: [..], rows: [{column: text, …}, …]}`, or simply a
//! list of rows. Each row that was read from a file carries `_row`, its number there as Excel shows it, and keeps it
//! through filter, join, sort and diff, so that every error can name it.

use std::{borrow::Cow, collections::BTreeSet};

use baigong_flow::ActionError;
use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::{Map, Value};

use super::{number, trouble::invalid_data};

/// The key under which a row carries its number in the file.
pub(crate) const ROW_NUMBER: &str = "_row";

/// One row: column → cell. Cells that were read from files are texts.
pub(crate) type Row = Map<String, Value>;

/// A table.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Table {
    /// The file and sheet it came from, for errors.
    pub(crate) source: String,
    /// The columns in their order.
    pub(crate) columns: Vec<String>,
    /// The rows.
    pub(crate) rows: Vec<Row>,
}

impl Table {
    /// An error unless there is a column called `column`.
    pub(crate) fn require(&self, column: &str) -> Result<(), ActionError> {
        if self.columns.iter().any(|known| known == column) {
            return Ok(());
        }
        let known = if self.columns.is_empty() { "none".to_owned() } else { self.columns.join(", ") };
        Err(invalid_data(format!(
            "{} has no column “{column}”. Its columns are: {known}. Correct the heading in the file or the column in the flow.",
            self.name()
        )))
    }

    /// What errors call it.
    pub(crate) fn name(&self) -> &str {
        if self.source.is_empty() { "the table" } else { &self.source }
    }

    /// Where row `index` stands, for errors: "custodian.xlsx, row 17".
    pub(crate) fn place(&self, index: usize) -> String {
        format!("{}, row {}", self.name(), self.row_number(index))
    }

    /// The number of row `index` in its file, or its place in the table (from 1) when it does not come from a file.
    pub(crate) fn row_number(&self, index: usize) -> u64 {
        let known = self.rows.get(index).and_then(|row| row.get(ROW_NUMBER)).and_then(Value::as_u64);
        known.unwrap_or(index as u64 + 1)
    }

    /// The text of one cell.
    pub(crate) fn text(&self, index: usize, column: &str) -> Cow<'_, str> {
        self.rows.get(index).and_then(|row| row.get(column)).map_or(Cow::Borrowed(""), text_of)
    }

    /// The number in one cell, or an error that names row and column; `None` when it is blank.
    pub(crate) fn number(&self, index: usize, column: &str) -> Result<Option<Decimal>, ActionError> {
        let text = self.text(index, column);
        if text.trim().is_empty() {
            return Ok(None);
        }
        number::parse(&text)
            .map(Some)
            .ok_or_else(|| invalid_data(format!("{}, column {column}: {}", self.place(index), number::why_not(&text))))
    }
}

/// The text of a cell, whatever a flow has put into it.
pub(crate) fn text_of(cell: &Value) -> Cow<'_, str> {
    match cell {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

impl<'de> Deserialize<'de> for Table {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong =
            || D::Error::custom("a table is expected: what csv.read or excel.readRange gave, or a list of rows");
        let (source, columns, rows) = match Value::deserialize(deserializer)? {
            Value::Array(rows) => (String::new(), None, rows),
            Value::Object(mut table) => {
                let Some(Value::Array(rows)) = table.remove("rows") else { return Err(wrong()) };
                let source = table.get("source").and_then(Value::as_str).unwrap_or_default().to_owned();
                let columns = table.remove("columns").filter(|columns| !columns.is_null());
                (source, columns.map(serde_json::from_value::<Vec<String>>), rows)
            }
            _ => return Err(wrong()),
        };
        let rows = rows.into_iter().map(|row| match row {
            Value::Object(row) => Ok(row),
            _ => Err(wrong()),
        });
        let rows = rows.collect::<Result<Vec<Row>, _>>()?;
        let columns = match columns {
            Some(columns) => columns.map_err(D::Error::custom)?,
            None => columns_of(&rows),
        };
        Ok(Self { source, columns, rows })
    }
}

fn columns_of(rows: &[Row]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let names = rows.iter().flat_map(Row::keys).filter(|name| *name != ROW_NUMBER);
    names.filter(|name| seen.insert(*name)).cloned().collect()
}

impl JsonSchema for Table {
    fn schema_name() -> Cow<'static, str> {
        "Table".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A table: what csv.read, excel.readRange or a table action gave, or a list of rows.",
            "anyOf": [
                {
                    "type": "object",
                    "properties": {
                        "source": { "type": "string", "description": "The file and sheet it came from." },
                        "columns": { "type": "array", "items": { "type": "string" } },
                        "rows": { "type": "array", "items": { "type": "object" } },
                    },
                    "required": ["rows"],
                },
                { "type": "array", "items": { "type": "object" } },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_of_rows_is_a_table_too() {
        let table: Table = serde_json::from_value(json!([{"a": "1", "_row": 7}, {"b": 2, "a": null}])).unwrap();
        assert_eq!(table.columns, ["a", "b"]);
        assert_eq!((table.place(0), table.place(1)), ("the table, row 7".to_owned(), "the table, row 2".to_owned()));
        assert_eq!((table.text(1, "b"), table.text(1, "a"), table.text(9, "a")), ("2".into(), "".into(), "".into()));
        for wrong in [json!("x"), json!({"columns": ["a"]}), json!([1]), json!({"rows": [], "columns": [1]})] {
            assert!(serde_json::from_value::<Table>(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn errors_name_file_row_and_column() {
        let table: Table = serde_json::from_value(
            json!({"source": "v.csv", "columns": ["数量"], "rows": [{"数量": "many", "_row": 17}]}),
        )
        .unwrap();
        let error = table.number(0, "数量").unwrap_err();
        assert!(error.message.starts_with("v.csv, row 17, column 数量: “many” is not a number"), "{error}");
        let error = table.require("市值").unwrap_err();
        assert!(error.message.contains("v.csv has no column “市值”. Its columns are: 数量."), "{error}");
    }
}
