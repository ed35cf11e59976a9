//! `table.diff`: compares two tables row by row and lists where their numbers differ. The heart of every reconciliation.

use std::collections::BTreeMap;

use baigong_flow::{ActionContext, ActionError};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{add, key, subtract};
use crate::support::{
    number::Exact,
    table::{Row, Table},
    trouble::{invalid_data, invalid_parameter},
    work::{blocking, go_on_at},
};

/// What to compare.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The left table.
    left: Table,
    /// The right table.
    right: Table,
    /// The columns that tell the rows apart. Each key may stand only once in each table.
    key: Vec<String>,
    /// The columns of numbers to compare.
    compare: Vec<Compared>,
    /// Put before the names of the left table's columns in the result.
    #[serde(default)]
    left_name: String,
    /// Put before the names of the right table's columns in the result.
    #[serde(default = "right")]
    right_name: String,
    /// A blank cell counts as 0. Otherwise (default) it is an error.
    #[serde(default)]
    blank_is_zero: bool,
}

fn right() -> String {
    "right ".into()
}

/// One column of numbers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Compared {
    /// The column, which both tables have.
    column: String,
    /// Rows whose numbers differ by more than this are listed; 0 when left empty.
    #[serde(default)]
    tolerance: Exact,
    /// What the column left − right of the result is called; none when left empty.
    difference: Option<String>,
}

/// What came out. A row that only one table has counts as 0 in the other.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Comparison {
    /// The rows that differ: key, left and right numbers, differences. Those of the left table first, each in its order.
    table: Table,
    /// How many keys differ: the rows of the table.
    differences: u64,
    /// How many keys agree within the tolerance.
    matched: u64,
    /// How many keys only the left table has.
    only_left: u64,
    /// How many keys only the right table has.
    only_right: u64,
    /// The exact sum of each difference column over the listed rows.
    totals: BTreeMap<String, String>,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<Comparison, ActionError> {
    blocking(context, move |context| compare(context, &parameters)).await
}

/// The numbers of one row of one table, in the order of `compare`.
type Numbers = Vec<Decimal>;

fn compare(context: &ActionContext, parameters: &Parameters) -> Result<Comparison, ActionError> {
    let Parameters { left, right, compare, .. } = parameters;
    let columns = result_columns(parameters)?;
    let left_rows = numbered(context, parameters, left)?;
    let right_rows = numbered(context, parameters, right)?;
    let left_places: BTreeMap<&[String], usize> = places(&left_rows);
    let right_places: BTreeMap<&[String], usize> = places(&right_rows);
    let zeros = vec![Decimal::ZERO; compare.len()];
    let mut rows = Vec::new();
    let mut sums = zeros.clone();
    let (mut matched, mut only_left, mut only_right) = (0, 0, 0);
    let partner = |key: &[String]| right_places.get(key).map(|place| &right_rows[*place].1);
    let from_left = left_rows.iter().map(|(key, numbers)| (key, Some(numbers), partner(key)));
    let lonely = right_rows.iter().filter(|(key, _)| !left_places.contains_key(key.as_slice()));
    let from_right = lonely.map(|(key, numbers)| (key, None, Some(numbers)));
    for (index, (key, ours, theirs)) in from_left.chain(from_right).enumerate() {
        go_on_at(context, index)?;
        only_left += u64::from(theirs.is_none());
        only_right += u64::from(ours.is_none());
        let (ours, theirs) = (ours.unwrap_or(&zeros), theirs.unwrap_or(&zeros));
        let differences = ours.iter().zip(theirs).map(|(a, b)| subtract(*a, *b)).collect::<Result<Numbers, _>>()?;
        let over = |(difference, compared): (&Decimal, &Compared)| difference.abs() > compared.tolerance.0;
        if !differences.iter().zip(compare).any(over) {
            matched += 1;
            continue;
        }
        for (sum, difference) in sums.iter_mut().zip(&differences) {
            *sum = add(*sum, *difference)?;
        }
        rows.push(result_row(parameters, &columns, key, [ours, theirs, &differences]));
    }
    let named = compare.iter().zip(sums);
    let totals = named.filter_map(|(compared, sum)| Some((compared.difference.clone()?, sum.to_string())));
    let totals = totals.collect();
    let source = format!("{} against {}", left.name(), right.name());
    let differences = rows.len() as u64;
    Ok(Comparison { table: Table { source, columns, rows }, differences, matched, only_left, only_right, totals })
}

/// The columns of the result; parameters that cannot be met are errors.
fn result_columns(parameters: &Parameters) -> Result<Vec<String>, ActionError> {
    let Parameters { left, right, key, compare, left_name, right_name, .. } = parameters;
    if key.is_empty() || compare.is_empty() {
        return Err(invalid_parameter("key and compare must each name at least one column"));
    }
    if let Some(compared) = compare.iter().find(|compared| compared.tolerance.0 < Decimal::ZERO) {
        return Err(invalid_parameter(format!("the tolerance of {} must not be negative", compared.column)));
    }
    for column in key.iter().chain(compare.iter().map(|compared| &compared.column)) {
        left.require(column)?;
        right.require(column)?;
    }
    let mut columns = key.clone();
    for Compared { column, .. } in compare {
        columns.extend([format!("{left_name}{column}"), format!("{right_name}{column}")]);
    }
    columns.extend(compare.iter().filter_map(|compared| compared.difference.clone()));
    let twice = columns.iter().enumerate().find(|(index, name)| columns[..*index].contains(name));
    if let Some((_, name)) = twice {
        return Err(invalid_parameter(format!(
            "the result would have two columns called “{name}”: give leftName and rightName, and another difference"
        )));
    }
    Ok(columns)
}

/// Key and numbers of every row; a key that is missing or stands twice is an error.
fn numbered(
    context: &ActionContext,
    parameters: &Parameters,
    table: &Table,
) -> Result<Vec<(Vec<String>, Numbers)>, ActionError> {
    let mut seen: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    let mut rows = Vec::with_capacity(table.rows.len());
    for index in 0..table.rows.len() {
        go_on_at(context, index)?;
        let key = key(table, index, &parameters.key);
        if let Some(blank) = key.iter().position(String::is_empty) {
            let column = &parameters.key[blank];
            return Err(invalid_data(format!(
                "{}: {column} is blank. Fill it in or delete the row.",
                table.place(index)
            )));
        }
        if let Some(earlier) = seen.insert(key.clone(), index) {
            let (column, value) = (parameters.key.join(", "), key.join(", "));
            let (first, second) = (table.row_number(earlier), table.row_number(index));
            return Err(invalid_data(format!(
                "{}: {column} {value} stands twice, in rows {first} and {second}. Delete or merge one of them.",
                table.name()
            )));
        }
        let cells = parameters.compare.iter().map(|compared| match table.number(index, &compared.column)? {
            Some(number) => Ok(number),
            None if parameters.blank_is_zero => Ok(Decimal::ZERO),
            None => Err(invalid_data(format!(
                "{}, column {}: there is no number. Write 0 if it is meant.",
                table.place(index),
                compared.column
            ))),
        });
        rows.push((key, cells.collect::<Result<Numbers, _>>()?));
    }
    Ok(rows)
}

fn places(rows: &[(Vec<String>, Numbers)]) -> BTreeMap<&[String], usize> {
    rows.iter().enumerate().map(|(place, (key, _))| (key.as_slice(), place)).collect()
}

fn result_row(parameters: &Parameters, columns: &[String], key: &[String], numbers: [&Numbers; 3]) -> Row {
    let [left, right, differences] = numbers;
    let sides = left.iter().zip(right).flat_map(|(left, right)| [left.to_string(), right.to_string()]);
    let named = parameters.compare.iter().zip(differences).filter(|(compared, _)| compared.difference.is_some());
    let cells = key.iter().cloned().chain(sides).chain(named.map(|(_, difference)| difference.to_string()));
    columns.iter().cloned().zip(cells.map(Value::String)).collect()
}
