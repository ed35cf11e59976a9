//! `table.group`: one row for all rows that agree in some columns, with sums, counts and the like.

use std::collections::HashMap;

use baigong_flow::{ActionContext, ActionError};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{add, key};
use crate::support::{
    table::{Row, Table},
    trouble::{invalid_data, invalid_parameter},
    work::{blocking, go_on_at},
};

/// What to put together.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The table.
    table: Table,
    /// The columns in which the rows of a group agree. None: all rows are one group, as for a total.
    #[serde(default)]
    by: Vec<String>,
    /// What is computed of each group.
    compute: Vec<Aggregate>,
}

/// One column of the result.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Aggregate {
    /// The column to compute from; not needed for `count`.
    #[serde(default)]
    column: String,
    /// What to compute.
    function: Function,
    /// What the new column is called.
    r#as: String,
}

/// What can be computed of a group. Blank cells are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Function {
    /// How many rows.
    Count,
    /// The exact sum.
    Sum,
    /// The smallest number.
    Min,
    /// The greatest number.
    Max,
    /// The sum divided by the count, to 28 digits.
    Average,
    /// The text of the first row.
    First,
}

/// What is known of one column of one group so far.
#[derive(Clone, Default)]
struct Tally {
    rows: u64,
    numbers: u32,
    sum: Decimal,
    min: Option<Decimal>,
    max: Option<Decimal>,
    first: String,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<Table, ActionError> {
    blocking(context, move |context| group(context, &parameters)).await
}

fn group(context: &ActionContext, parameters: &Parameters) -> Result<Table, ActionError> {
    let Parameters { table, by, compute } = parameters;
    by.iter().try_for_each(|column| table.require(column))?;
    let needed = compute.iter().filter(|aggregate| aggregate.function != Function::Count);
    needed.clone().try_for_each(|aggregate| match aggregate.column.as_str() {
        "" => Err(invalid_parameter(format!(
            "“{}” needs the column that it is computed from: give column",
            aggregate.r#as
        ))),
        column => table.require(column),
    })?;
    let columns: Vec<String> =
        by.iter().cloned().chain(compute.iter().map(|aggregate| aggregate.r#as.clone())).collect();
    if let Some(twice) = columns.iter().enumerate().find(|(index, name)| columns[..*index].contains(name)) {
        return Err(invalid_parameter(format!("the result would have two columns called “{}”", twice.1)));
    }
    let mut places = HashMap::new();
    let mut groups: Vec<(Vec<String>, Vec<Tally>)> = Vec::new();
    if by.is_empty() {
        places.insert(Vec::new(), 0);
        groups.push((Vec::new(), vec![Tally::default(); compute.len()]));
    }
    for index in 0..table.rows.len() {
        go_on_at(context, index)?;
        let key = key(table, index, by);
        let place = *places.entry(key.clone()).or_insert_with(|| {
            groups.push((key, vec![Tally::default(); compute.len()]));
            groups.len() - 1
        });
        for (aggregate, tally) in compute.iter().zip(&mut groups[place].1) {
            tally.take(table, index, aggregate)?;
        }
    }
    let mut rows = Vec::with_capacity(groups.len());
    for (key, tallies) in groups {
        let mut row: Row = by.iter().cloned().zip(key.into_iter().map(Value::String)).collect();
        for (aggregate, tally) in compute.iter().zip(tallies) {
            row.insert(aggregate.r#as.clone(), tally.result(aggregate.function)?);
        }
        rows.push(row);
    }
    Ok(Table { source: table.source.clone(), columns, rows })
}

impl Tally {
    fn take(&mut self, table: &Table, index: usize, aggregate: &Aggregate) -> Result<(), ActionError> {
        self.rows += 1;
        match aggregate.function {
            Function::Count => {}
            Function::First => {
                if self.rows == 1 {
                    self.first = table.text(index, &aggregate.column).into_owned();
                }
            }
            Function::Sum | Function::Min | Function::Max | Function::Average => {
                let Some(number) = table.number(index, &aggregate.column)? else { return Ok(()) };
                self.numbers += 1;
                self.sum = add(self.sum, number)?;
                self.min = Some(self.min.map_or(number, |min| min.min(number)));
                self.max = Some(self.max.map_or(number, |max| max.max(number)));
            }
        }
        Ok(())
    }

    fn result(self, function: Function) -> Result<Value, ActionError> {
        let text = |number: Option<Decimal>| Value::String(number.map(|number| number.to_string()).unwrap_or_default());
        Ok(match function {
            Function::Count => self.rows.into(),
            Function::Sum => text(Some(self.sum)),
            Function::Min => text(self.min),
            Function::Max => text(self.max),
            Function::Average if self.numbers == 0 => text(None),
            Function::Average => {
                let average = self.sum.checked_div(self.numbers.into());
                text(Some(average.ok_or_else(|| invalid_data("an average has more than 28 digits"))?))
            }
            Function::First => Value::String(self.first),
        })
    }
}
