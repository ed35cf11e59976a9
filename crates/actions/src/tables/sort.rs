//! `table.sort`: the rows in another order; rows that are equal keep theirs.

use std::cmp::Ordering;

use baigong_flow::{ActionContext, ActionError};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;

use super::blank_first;
use crate::support::{
    table::Table,
    work::{blocking, go_on_at},
};

/// How to order.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The table.
    table: Table,
    /// The columns to order by, the most important first.
    by: Vec<Order>,
}

/// One column to order by. Blank cells come first.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Order {
    /// The column.
    column: String,
    /// Compare numbers instead of texts.
    #[serde(default)]
    number: bool,
    /// The greatest first.
    #[serde(default)]
    descending: bool,
}

/// The part of a row that is compared.
enum Part {
    Text(String),
    Number(Option<Decimal>),
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<Table, ActionError> {
    blocking(context, move |context| {
        let Parameters { mut table, by } = parameters;
        by.iter().try_for_each(|order| table.require(&order.column))?;
        let mut keyed = Vec::with_capacity(table.rows.len());
        for index in 0..table.rows.len() {
            go_on_at(context, index)?;
            let parts = by.iter().map(|order| part(&table, index, order)).collect::<Result<Vec<_>, _>>()?;
            keyed.push(parts);
        }
        let mut keyed: Vec<_> = keyed.into_iter().zip(std::mem::take(&mut table.rows)).collect();
        keyed.sort_by(|(a, _), (b, _)| compare(a, b, &by));
        table.rows = keyed.into_iter().map(|(_, row)| row).collect();
        Ok(table)
    })
    .await
}

fn part(table: &Table, index: usize, order: &Order) -> Result<Part, ActionError> {
    if order.number {
        return table.number(index, &order.column).map(Part::Number);
    }
    Ok(Part::Text(table.text(index, &order.column).into_owned()))
}

fn compare(a: &[Part], b: &[Part], by: &[Order]) -> Ordering {
    let parts = a.iter().zip(b).zip(by).map(|((a, b), order)| {
        let ordering = match (a, b) {
            (Part::Text(a), Part::Text(b)) => a.cmp(b),
            (Part::Number(a), Part::Number(b)) => blank_first(a.as_ref(), b.as_ref()),
            _ => Ordering::Equal,
        };
        if order.descending { ordering.reverse() } else { ordering }
    });
    parts.fold(Ordering::Equal, Ordering::then)
}
