//! Texts with `${…}` in them: the whole of a text being one expression gives its typed value, anything else a text.

use super::{Expression, Lookup, names::quoted_end};
use crate::value::{TooLarge, Value};

/// The longest text that filling in may give, in bytes.
const LONGEST_TEXT: usize = 64 * 1024 * 1024;

/// A value with expressions in it.
#[derive(Debug, Clone)]
pub(crate) enum Template {
    /// A value without expressions.
    Literal(Value),
    /// One expression: `${ rows.size() }`.
    Expression(Expression),
    /// A text with expressions: `Row ${index} of ${file}`.
    Text(Vec<Part>),
    /// A list of templates.
    List(Vec<Template>),
    /// Named templates.
    Object(Vec<(String, Template)>),
}

/// A piece of a text.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    Text(String),
    Expression(Expression),
}

impl Template {
    /// Reads a text; `$${` stands for a plain `${`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            if rest[..at].ends_with('$') {
                plain.push_str(&rest[..at - 1]);
                plain.push_str("${");
                rest = &rest[at + 2..];
                continue;
            }
            plain.push_str(&rest[..at]);
            let inside = &rest[at + 2..];
            let end = closing(inside)
                .ok_or_else(|| format!("\"{}\" has no closing \"}}\"", crate::decimal::shorten(&rest[at..], 60)))?;
            let expression = Expression::parse(&inside[..end])?;
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(Part::Expression(expression));
            rest = &inside[end + 1..];
        }
        plain.push_str(rest);
        if parts.is_empty() {
            return Ok(Self::Literal(Value::text(plain)));
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(match parts.as_slice() {
            [Part::Expression(whole)] => Self::Expression(whole.clone()),
            _ => Self::Text(parts),
        })
    }

    /// Every expression in it.
    pub(crate) fn expressions(&self) -> Vec<&Expression> {
        match self {
            Self::Literal(_) => Vec::new(),
            Self::Expression(expression) => vec![expression],
            Self::Text(parts) => parts
                .iter()
                .filter_map(|part| match part {
                    Part::Expression(expression) => Some(expression),
                    Part::Text(_) => None,
                })
                .collect(),
            Self::List(items) => items.iter().flat_map(Self::expressions).collect(),
            Self::Object(fields) => fields.iter().flat_map(|(_, field)| field.expressions()).collect(),
        }
    }

    /// The value with all expressions filled in.
    pub(crate) fn fill(&self, variables: &dyn Lookup) -> Result<Value, String> {
        let too_large = |error: TooLarge| error.to_string();
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Expression(expression) => expression.evaluate(variables),
            Self::Text(parts) => {
                let mut text = String::new();
                for part in parts {
                    match part {
                        Part::Text(plain) => text.push_str(plain),
                        Part::Expression(expression) => text.push_str(&expression.evaluate(variables)?.to_string()),
                    }
                    if text.len() > LONGEST_TEXT {
                        return Err(format!("the text grows longer than {LONGEST_TEXT} bytes"));
                    }
                }
                Ok(Value::text(text))
            }
            Self::List(items) => {
                let items = items.iter().map(|item| item.fill(variables)).collect::<Result<_, _>>()?;
                Value::list(items).map_err(too_large)
            }
            Self::Object(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, field)| Ok((name.clone(), field.fill(variables)?)))
                    .collect::<Result<_, String>>()?;
                Value::object(fields).map_err(too_large)
            }
        }
    }
}

/// The place of the `}` that closes the expression at the beginning of `text`.
fn closing(text: &str) -> Option<usize> {
    let (mut open, mut at) = (0_usize, 0_usize);
    while let Some(next) = text[at..].chars().next() {
        if matches!(next, '"' | '\'') {
            at = quoted_end(text, at)?;
            continue;
        }
        match next {
            '{' => open += 1,
            '}' if open == 0 => return Some(at),
            '}' => open -= 1,
            _ => {}
        }
        at += next.len_utf8();
    }
    None
}
