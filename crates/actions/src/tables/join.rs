//! `table.join`: puts the rows of two tables side by side where their keys agree.

use std::collections::{HashMap, HashSet};

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::key;
use crate::support::{
    table::{ROW_NUMBER, Row, Table},
    trouble::{invalid_parameter, too_large},
    work::{blocking, go_on_at},
};

const MOST_ROWS: usize = 2_000_000;

/// What to join.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The left table.
    left: Table,
    /// The right table.
    right: Table,
    /// The columns in which rows must agree.
    key: Vec<String>,
    /// The same columns as the right table calls them, where it calls them otherwise.
    right_key: Option<Vec<String>>,
    /// What happens to rows without a partner.
    #[serde(default)]
    keep: Keep,
    /// Put before the name of a right column that the left table has too.
    #[serde(default = "right")]
    right_name: String,
}

fn right() -> String {
    "right ".to_owned()
}

/// What happens to rows without a partner.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Keep {
    /// They are left out.
    #[default]
    Both,
    /// Those of the left table stay.
    Left,
    /// All stay.
    All,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<Table, ActionError> {
    blocking(context, move |context| join(context, &parameters)).await
}

fn join(context: &ActionContext, parameters: &Parameters) -> Result<Table, ActionError> {
    let Parameters { left, right, key: left_key, keep, .. } = parameters;
    let right_key = parameters.right_key.as_ref().unwrap_or(left_key);
    if left_key.is_empty() || left_key.len() != right_key.len() {
        return Err(invalid_parameter("key and rightKey must name equally many columns, at least one"));
    }
    left_key.iter().try_for_each(|column| left.require(column))?;
    right_key.iter().try_for_each(|column| right.require(column))?;
    let added = added_columns(parameters, right_key);
    let mut by_key: HashMap<Vec<String>, Vec<usize>> = HashMap::new();
    for index in 0..right.rows.len() {
        by_key.entry(key(right, index, right_key)).or_default().push(index);
    }
    let columns = left.columns.iter().cloned().chain(added.iter().map(|(_, name)| name.clone())).collect();
    let mut joined = Table { source: left.source.clone(), columns, rows: Vec::new() };
    let mut used = HashSet::new();
    for index in 0..left.rows.len() {
        go_on_at(context, index)?;
        let partners = by_key.get(&key(left, index, left_key)).map_or(&[][..], Vec::as_slice);
        for partner in partners {
            used.insert(*partner);
            joined.rows.push(with_partner(left.rows[index].clone(), right.rows.get(*partner), &added));
        }
        if partners.is_empty() && *keep != Keep::Both {
            joined.rows.push(with_partner(left.rows[index].clone(), None, &added));
        }
        if joined.rows.len() > MOST_ROWS {
            return Err(too_large(format!(
                "the join has more than {MOST_ROWS} rows: the key stands too often in both tables"
            )));
        }
    }
    if *keep == Keep::All {
        for index in (0..right.rows.len()).filter(|index| !used.contains(index)) {
            let mut row: Row = left.columns.iter().map(|column| (column.clone(), Value::from(""))).collect();
            for (left, right_column) in left_key.iter().zip(right_key) {
                row.insert(left.clone(), right.text(index, right_column).into());
            }
            row.insert(ROW_NUMBER.to_owned(), right.row_number(index).into());
            joined.rows.push(with_partner(row, right.rows.get(index), &added));
        }
    }
    Ok(joined)
}

/// The right columns that are added, with their new names.
fn added_columns(parameters: &Parameters, right_key: &[String]) -> Vec<(String, String)> {
    let others = parameters.right.columns.iter().filter(|column| !right_key.contains(column));
    let renamed = others.map(|column| {
        let taken = parameters.left.columns.contains(column);
        (column.clone(), if taken { format!("{}{column}", parameters.right_name) } else { column.clone() })
    });
    renamed.collect()
}

fn with_partner(mut row: Row, partner: Option<&Row>, added: &[(String, String)]) -> Row {
    for (column, name) in added {
        let cell = partner.and_then(|partner| partner.get(column)).cloned();
        row.insert(name.clone(), cell.unwrap_or_else(|| Value::from("")));
    }
    row
}
