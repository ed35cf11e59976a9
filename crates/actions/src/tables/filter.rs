//! `table.filter`: the rows that meet conditions.

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::support::{
    number,
    table::{Table, text_of},
    trouble::invalid_parameter,
    work::{blocking, go_on_at},
};

/// Which rows.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The table.
    table: Table,
    /// The conditions.
    conditions: Vec<Condition>,
    /// One met condition is enough. Otherwise (default) all must be met.
    #[serde(default)]
    any: bool,
}

/// One condition on one cell of a row.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Condition {
    /// The column.
    column: String,
    /// What must hold.
    is: Test,
    /// What the cell is compared with: a text, a number, or for `oneOf` a list.
    #[serde(default)]
    value: Value,
}

/// What must hold between a cell and a value. The first group compares texts, the second numbers, exactly.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Test {
    /// The same text.
    Equals,
    /// Another text.
    NotEquals,
    /// One of a list of texts.
    OneOf,
    /// The text contains it.
    Contains,
    /// The text begins with it.
    StartsWith,
    /// The text ends with it.
    EndsWith,
    /// There is no text.
    Blank,
    /// There is some text.
    NotBlank,
    /// The same number, however it is written.
    EqualsNumber,
    /// Another number.
    NotEqualsNumber,
    /// A smaller number.
    Less,
    /// A smaller number or the same.
    AtMost,
    /// A greater number.
    Greater,
    /// A greater number or the same.
    AtLeast,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<Table, ActionError> {
    blocking(context, move |context| {
        let Parameters { mut table, conditions, any } = parameters;
        conditions.iter().try_for_each(|condition| {
            table.require(&condition.column)?;
            condition.has_its_value()
        })?;
        let mut keep = Vec::with_capacity(table.rows.len());
        for index in 0..table.rows.len() {
            go_on_at(context, index)?;
            let mut kept = !any || conditions.is_empty();
            for condition in &conditions {
                let met = condition.is_met(&table, index)?;
                kept = if any { kept || met } else { kept && met };
            }
            keep.push(kept);
        }
        let mut kept = keep.into_iter();
        table.rows.retain(|_| kept.next().unwrap_or(false));
        Ok(table)
    })
    .await
}

impl Condition {
    /// Without one every number would be compared with nothing, and only a table with rows would tell.
    fn has_its_value(&self) -> Result<(), ActionError> {
        let is_needed = !matches!(self.is, Test::Equals | Test::NotEquals | Test::Blank | Test::NotBlank);
        if is_needed && self.value.is_null() {
            let message = format!("the condition on “{}” has no value to compare with: give value", self.column);
            return Err(invalid_parameter(message));
        }
        Ok(())
    }

    fn is_met(&self, table: &Table, index: usize) -> Result<bool, ActionError> {
        let cell = table.text(index, &self.column);
        let value = text_of(&self.value);
        Ok(match self.is {
            Test::Equals => cell == value,
            Test::NotEquals => cell != value,
            Test::OneOf => {
                let list = self.value.as_array().ok_or_else(|| invalid_parameter("oneOf needs a list as its value"))?;
                list.iter().any(|one| text_of(one) == cell)
            }
            Test::Contains => cell.contains(value.as_ref()),
            Test::StartsWith => cell.starts_with(value.as_ref()),
            Test::EndsWith => cell.ends_with(value.as_ref()),
            Test::Blank => cell.trim().is_empty(),
            Test::NotBlank => !cell.trim().is_empty(),
            Test::EqualsNumber | Test::NotEqualsNumber | Test::Less | Test::AtMost | Test::Greater | Test::AtLeast => {
                let wanted = number::parse(&value)
                    .ok_or_else(|| invalid_parameter(format!("the value “{value}” of a condition is not a number")))?;
                // A blank cell is no number: it is neither less nor greater than any.
                let Some(found) = table.number(index, &self.column)? else {
                    return Ok(matches!(self.is, Test::NotEqualsNumber));
                };
                match self.is {
                    Test::EqualsNumber => found == wanted,
                    Test::NotEqualsNumber => found != wanted,
                    Test::Less => found < wanted,
                    Test::AtMost => found <= wanted,
                    Test::Greater => found > wanted,
                    _ => found >= wanted,
                }
            }
        })
    }
}
