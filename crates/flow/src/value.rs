//! The values of a running flow. Like JSON, with two differences: decimals are exact and keep their type from step to
//! step, and lists and objects are shared, so that handing a table on costs nothing. Knows nothing of expressions
//! beyond keeping a list's view for them.

use std::{fmt, sync::Arc, sync::OnceLock};

use cel::common::{types::CelString, value::Val};
use indexmap::IndexMap;
use rust_decimal::Decimal;
use serde_json::{Number, Value as Json};

/// The deepest nesting of lists and objects in one value.
pub(crate) const DEEPEST_VALUE: usize = 64;
/// The most cells (texts, numbers, …) in one value.
pub(crate) const MOST_CELLS: usize = 20_000_000;

/// A value of a flow.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// Nothing.
    #[default]
    Null,
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// An exact decimal. In JSON: a string, "1234.50".
    Decimal(Decimal),
    /// A number of a JSON document that is neither of the two above; handed on as it came, and read as the exact
    /// decimal it shows as soon as something is calculated with it.
    Number(Number),
    /// A text.
    Text(Arc<str>),
    /// A list.
    List(Arc<List>),
    /// Named fields in their order.
    Object(Arc<Object>),
}

/// The elements of a list.
#[derive(Debug, Default)]
pub struct List {
    items: Vec<Value>,
    depth: usize,
    cells: usize,
    /// The elements as expressions see them, made when the first expression asks.
    pub(crate) view: OnceLock<Vec<Box<dyn Val>>>,
}

/// The fields of an object.
#[derive(Debug, Default)]
pub struct Object {
    fields: IndexMap<String, Value>,
    depth: usize,
    cells: usize,
    /// The names as expressions see them, made when the first expression asks.
    pub(crate) names: OnceLock<Vec<CelString<'static>>>,
}

/// The value would be too deep or too large.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TooLarge {
    /// Lists in lists in lists.
    #[error("the value is nested more than {DEEPEST_VALUE} levels deep")]
    Deep,
    /// More cells than fit.
    #[error("the value has more than {MOST_CELLS} cells")]
    Wide,
}

impl List {
    /// The elements.
    #[must_use]
    pub fn items(&self) -> &[Value] {
        &self.items
    }
}

impl Object {
    /// The fields in their order.
    #[must_use]
    pub fn fields(&self) -> &IndexMap<String, Value> {
        &self.fields
    }
}

fn measured(depth: usize, cells: usize) -> Result<(usize, usize), TooLarge> {
    match (depth > DEEPEST_VALUE, cells > MOST_CELLS) {
        (true, _) => Err(TooLarge::Deep),
        (_, true) => Err(TooLarge::Wide),
        _ => Ok((depth, cells)),
    }
}

fn measure<'a>(children: impl Iterator<Item = &'a Value>) -> Result<(usize, usize), TooLarge> {
    let (depth, cells) =
        children.fold((0, 1), |(depth, cells), child| (depth.max(child.depth()), cells + child.cells()));
    measured(depth + 1, cells)
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// A list.
    ///
    /// # Errors
    /// It would be too deep or too large.
    pub fn list(items: Vec<Self>) -> Result<Self, TooLarge> {
        let (depth, cells) = measure(items.iter())?;
        Ok(Self::List(Arc::new(List { items, depth, cells, view: OnceLock::new() })))
    }

    /// An object.
    ///
    /// # Errors
    /// It would be too deep or too large.
    pub fn object(fields: IndexMap<String, Self>) -> Result<Self, TooLarge> {
        let (depth, cells) = measure(fields.values())?;
        Ok(Self::Object(Arc::new(Object { fields, depth, cells, names: OnceLock::new() })))
    }

    /// Puts `item` at the end of this list, without copying it where nobody else holds it.
    pub(crate) fn append(&mut self, item: Self) -> Result<(), TooLarge> {
        let Self::List(shared) = self else { return Ok(()) };
        let (depth, cells) = measured(shared.depth.max(item.depth() + 1), shared.cells + item.cells())?;
        if Arc::get_mut(shared).is_none() {
            *shared = Arc::new(List { items: shared.items.clone(), ..List::default() });
        }
        if let Some(list) = Arc::get_mut(shared) {
            list.items.push(item);
            *list = List { items: std::mem::take(&mut list.items), depth, cells, view: OnceLock::new() };
        }
        Ok(())
    }

    fn depth(&self) -> usize {
        match self {
            Self::List(list) => list.depth,
            Self::Object(object) => object.depth,
            _ => 0,
        }
    }

    fn cells(&self) -> usize {
        match self {
            Self::List(list) => list.cells,
            Self::Object(object) => object.cells,
            _ => 1,
        }
    }

    /// The field called `name`, where this is an object that has it.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(object) => object.fields.get(name),
            _ => None,
        }
    }

    /// What it is, in the words of an error: "a text", "a whole number".
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing (null)",
            Self::Boolean(_) => "true or false",
            Self::Integer(_) => "a whole number",
            Self::Decimal(_) => "a decimal",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// What an action gave.
    ///
    /// # Errors
    /// It is too deep or too large.
    pub fn from_json(json: Json) -> Result<Self, TooLarge> {
        Self::from_json_at(json, 0)
    }

    fn from_json_at(json: Json, depth: usize) -> Result<Self, TooLarge> {
        if depth > DEEPEST_VALUE {
            return Err(TooLarge::Deep);
        }
        Ok(match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Boolean(value),
            Json::Number(number) => number.as_i64().map_or(Self::Number(number), Self::Integer),
            Json::String(text) => Self::text(text),
            Json::Array(items) => Self::list(
                items.into_iter().map(|item| Self::from_json_at(item, depth + 1)).collect::<Result<_, _>>()?,
            )?,
            Json::Object(fields) => Self::object(
                fields
                    .into_iter()
                    .map(|(name, value)| Ok((name, Self::from_json_at(value, depth + 1)?)))
                    .collect::<Result<_, _>>()?,
            )?,
        })
    }

    /// As JSON: decimals as strings.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Boolean(value) => Json::Bool(*value),
            Self::Integer(value) => Json::from(*value),
            Self::Decimal(value) => Json::String(value.to_string()),
            Self::Number(number) => Json::Number(number.clone()),
            Self::Text(text) => Json::String(text.as_ref().to_owned()),
            Self::List(list) => Json::Array(list.items.iter().map(Self::to_json).collect()),
            Self::Object(object) => {
                Json::Object(object.fields.iter().map(|(name, value)| (name.clone(), value.to_json())).collect())
            }
        }
    }

    /// The number it is, exactly; `None` for a text, even for one that looks like a number.
    #[must_use]
    pub fn exact(&self) -> Option<Decimal> {
        match self {
            Self::Integer(value) => Some(Decimal::from(*value)),
            Self::Decimal(value) => Some(*value),
            Self::Number(number) => crate::decimal::parse_decimal(&number.to_string()).ok(),
            _ => None,
        }
    }
}

/// How it stands in a text: nothing for null, JSON for lists and objects.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Decimal(value) => write!(f, "{value}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
            Self::List(_) | Self::Object(_) => write!(f, "{}", self.to_json()),
        }
    }
}

/// Numbers are equal when they are worth the same, whatever their type: `0`, `0.00`.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Boolean(a), Self::Boolean(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::List(a), Self::List(b)) => a.items == b.items,
            (Self::Object(a), Self::Object(b)) => a.fields == b.fields,
            (Self::Number(a), Self::Number(b)) if a == b => true,
            _ => self.exact().is_some_and(|number| other.exact() == Some(number)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_comes_and_goes_unchanged() {
        let document = json!({"b": [1, 1.5, "x", null, true], "a": {"n": -3}});
        assert_eq!(Value::from_json(document.clone()).unwrap().to_json(), document);
    }

    #[test]
    fn a_decimal_is_a_string_in_json_and_keeps_its_zeros() {
        assert_eq!(Value::Decimal(Decimal::new(120, 2)).to_json(), json!("1.20"));
    }

    #[test]
    fn numbers_are_equal_by_worth() {
        assert_eq!(Value::Integer(0), Value::Decimal(Decimal::new(0, 2)));
        assert_eq!(Value::from_json(json!(1.5)).unwrap(), Value::Decimal(Decimal::new(15, 1)));
        assert_ne!(Value::text("1"), Value::Integer(1));
    }

    #[test]
    fn what_is_nested_too_deep_is_refused() {
        let mut value = Value::Null;
        for _ in 0..DEEPEST_VALUE {
            value = Value::list(vec![value]).unwrap();
        }
        assert_eq!(Value::list(vec![value]), Err(TooLarge::Deep));
    }

    #[test]
    fn appending_leaves_other_holders_of_the_list_alone() {
        let mut grown = Value::list(vec![Value::Integer(1)]).unwrap();
        let held = grown.clone();
        grown.append(Value::Integer(2)).unwrap();
        grown.append(Value::Integer(3)).unwrap();
        assert_eq!(held.to_json(), json!([1]));
        assert_eq!(grown.to_json(), json!([1, 2, 3]));
    }
}
