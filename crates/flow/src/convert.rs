//! Parameters between texts and typed values: tasks carry texts (T/TSAC 002-2025 prints parameters as strings), flows
//! declare types. Knows nothing of where the texts come from.

use rust_decimal::prelude::ToPrimitive;
use serde_json::Value as Json;

use crate::{
    decimal::{parse_decimal, shorten},
    document::ParameterType,
    value::Value,
};

/// The longest text of a list or an object.
const LONGEST_JSON: usize = 16 * 1024 * 1024;

/// The value that `text` stands for.
///
/// # Errors
/// What is wrong with it, as half a sentence: "must be …".
pub(crate) fn from_text(text: &str, parameter_type: ParameterType) -> Result<Value, String> {
    let trimmed = text.trim();
    let shown = shorten(trimmed, 60);
    match parameter_type {
        ParameterType::Text => Ok(Value::text(text)),
        ParameterType::File if trimmed.is_empty() => Err("must be the path of a file, but is empty".to_owned()),
        ParameterType::File => Ok(Value::text(trimmed)),
        ParameterType::Integer => parse_decimal(trimmed)
            .ok()
            .filter(|value| value.fract().is_zero())
            .and_then(|value| value.to_i64())
            .map(Value::Integer)
            .ok_or_else(|| format!("must be a whole number such as 12, but is \"{shown}\"")),
        ParameterType::Decimal => parse_decimal(trimmed)
            .map(Value::Decimal)
            .map_err(|_| format!("must be a number such as 1234.50, but is \"{shown}\"")),
        ParameterType::Boolean => match trimmed.to_lowercase().as_str() {
            "true" | "yes" | "1" | "是" => Ok(Value::Boolean(true)),
            "false" | "no" | "0" | "否" => Ok(Value::Boolean(false)),
            _ => Err(format!("must be true or false, but is \"{shown}\"")),
        },
        ParameterType::Date => match is_date(trimmed) {
            true => Ok(Value::text(trimmed)),
            false => Err(format!("must be a day such as 2026-11-21, but is \"{shown}\"")),
        },
        ParameterType::List | ParameterType::Object => {
            let word = if parameter_type == ParameterType::List { "a list" } else { "an object" };
            let refused = |why: &str| format!("must be {word} written as JSON, but {why}");
            if trimmed.len() > LONGEST_JSON {
                return Err(refused(&format!("is longer than {LONGEST_JSON} bytes")));
            }
            let json: Json = serde_json::from_str(trimmed)
                .map_err(|error| refused(&format!("\"{shown}\" cannot be read ({error})")))?;
            let value = Value::from_json(json).map_err(|error| refused(&error.to_string()))?;
            to_type(&value, parameter_type)
        }
    }
}

/// Whether a run would take `text` for a parameter of this type. An empty text counts as none given, as a form that was
/// left empty gives it.
///
/// # Errors
/// What is wrong with it, as half a sentence: "must be …".
pub fn check_text(text: &str, parameter_type: ParameterType) -> Result<(), String> {
    if is_none_given(text, parameter_type) { Ok(()) } else { from_text(text, parameter_type).map(drop) }
}

/// A form that was left empty gives an empty text: only a text can be empty.
#[must_use]
pub fn is_none_given(text: &str, parameter_type: ParameterType) -> bool {
    text.trim().is_empty() && parameter_type != ParameterType::Text
}

/// The value as the declared type; numbers and texts that stand for it are converted.
///
/// # Errors
/// What is wrong with it, as half a sentence: "must be …".
pub(crate) fn to_type(value: &Value, parameter_type: ParameterType) -> Result<Value, String> {
    match (parameter_type, value) {
        (ParameterType::List, Value::List(_))
        | (ParameterType::Object, Value::Object(_))
        | (ParameterType::Boolean, Value::Boolean(_))
        | (ParameterType::Integer, Value::Integer(_))
        | (ParameterType::Decimal, Value::Decimal(_))
        | (ParameterType::Text, Value::Text(_)) => Ok(value.clone()),
        (ParameterType::Text, Value::Boolean(_) | Value::Integer(_) | Value::Decimal(_) | Value::Number(_)) => {
            Ok(Value::text(value.to_string()))
        }
        (ParameterType::Decimal, Value::Integer(_) | Value::Number(_)) => {
            value.exact().map(Value::Decimal).ok_or_else(|| "has too many digits for a decimal".to_owned())
        }
        (ParameterType::Integer, Value::Decimal(_) | Value::Number(_)) => from_text(&value.to_string(), parameter_type),
        (ParameterType::List | ParameterType::Object, Value::Text(text)) => from_text(text, parameter_type),
        (_, Value::Text(text)) => from_text(text, parameter_type),
        (_, other) => Err(format!("must be {}, but is {}", described(parameter_type), other.kind())),
    }
}

/// The type in the words of an error.
pub(crate) fn described(parameter_type: ParameterType) -> &'static str {
    match parameter_type {
        ParameterType::Text => "a text",
        ParameterType::Integer => "a whole number",
        ParameterType::Decimal => "a decimal",
        ParameterType::Boolean => "true or false",
        ParameterType::Date => "a day such as 2026-11-21",
        ParameterType::List => "a list",
        ParameterType::Object => "an object",
        ParameterType::File => "the path of a file",
    }
}

/// Whether `text` is a day of the calendar written YYYY-MM-DD.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
        return false;
    }
    let number = |part: &str| part.parse::<u32>().unwrap_or(0);
    let (year, month, day) = (number(year), number(month), number(day));
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str, parameter_type: ParameterType) -> Result<Json, String> {
        from_text(text, parameter_type).map(|value| value.to_json())
    }

    #[test]
    fn texts_become_what_is_declared() {
        assert_eq!(read(" a ", ParameterType::Text), Ok(json!(" a ")));
        assert_eq!(read("1,200", ParameterType::Integer), Ok(json!(1200)));
        assert_eq!(read(" 0.010 ", ParameterType::Decimal), Ok(json!("0.010")));
        assert_eq!(read("是", ParameterType::Boolean), Ok(json!(true)));
        assert_eq!(read("2024-02-29", ParameterType::Date), Ok(json!("2024-02-29")));
        assert_eq!(read("[1, \"a\"]", ParameterType::List), Ok(json!([1, "a"])));
        assert_eq!(read("{\"a\": 1}", ParameterType::Object), Ok(json!({"a": 1})));
    }

    #[test]
    fn what_was_left_empty_is_not_given() {
        assert_eq!(check_text(" ", ParameterType::Decimal), Ok(()));
        assert_eq!(check_text("0.1", ParameterType::Decimal), Ok(()));
        assert!(check_text("abc", ParameterType::Decimal).is_err());
    }

    #[test]
    fn texts_of_another_kind_are_refused_with_an_example() {
        for (text, parameter_type, expected) in [
            ("1.5", ParameterType::Integer, "must be a whole number such as 12, but is \"1.5\""),
            ("abc", ParameterType::Decimal, "must be a number such as 1234.50, but is \"abc\""),
            ("maybe", ParameterType::Boolean, "must be true or false, but is \"maybe\""),
            ("2023-02-29", ParameterType::Date, "must be a day such as 2026-11-21, but is \"2023-02-29\""),
            ("21.11.2026", ParameterType::Date, "must be a day such as 2026-11-21, but is \"21.11.2026\""),
            ("  ", ParameterType::File, "must be the path of a file, but is empty"),
            ("{}", ParameterType::List, "must be a list, but is an object"),
        ] {
            assert_eq!(read(text, parameter_type), Err(expected.to_owned()));
        }
        assert!(read("[1,", ParameterType::List).unwrap_err().starts_with("must be a list written as JSON"));
    }
}
