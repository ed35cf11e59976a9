//! Tables: filter, join, group, sort, diff. Numbers are compared and added exactly.

pub(crate) mod diff;
pub(crate) mod filter;
pub(crate) mod group;
pub(crate) mod join;
pub(crate) mod sort;

use std::cmp::Ordering;

use baigong_flow::ActionError;
use rust_decimal::Decimal;

use crate::support::{table::Table, trouble::invalid_data};

/// `a + b`, or an error when the sum has too many digits.
fn add(a: Decimal, b: Decimal) -> Result<Decimal, ActionError> {
    a.checked_add(b).ok_or_else(|| invalid_data("a sum has more than 28 digits"))
}

/// `a − b`, or an error when the difference has too many digits.
fn subtract(a: Decimal, b: Decimal) -> Result<Decimal, ActionError> {
    a.checked_sub(b).ok_or_else(|| invalid_data("a difference has more than 28 digits"))
}

/// The key of row `index`: the texts of `columns` without blanks around them.
fn key(table: &Table, index: usize, columns: &[String]) -> Vec<String> {
    columns.iter().map(|column| table.text(index, column).trim().to_owned()).collect()
}

/// Blank before anything else.
fn blank_first<T: Ord>(a: Option<&T>, b: Option<&T>) -> Ordering {
    a.cmp(&b)
}

#[cfg(test)]
mod tests;
