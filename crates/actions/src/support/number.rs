//! Numbers as accountants write them, exactly: never through a float.

use std::borrow::Cow;

use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

/// The number in `text`, by the one rule that expressions of flows follow too; typographic minus signs are minus signs.
/// `None` when it is not a number.
pub(crate) fn parse(text: &str) -> Option<Decimal> {
    baigong_flow::parse_decimal(&plain(text)).ok()
}

/// Why `text`, which is none, is no number, and what to do about it.
pub(crate) fn why_not(text: &str) -> String {
    // Only so does a reader see what is wrong with a number that looks like one.
    let is_too_long = baigong_flow::parse_decimal(&plain(text)).is_err_and(|why| why.contains("more digits"));
    if is_too_long {
        format!("“{text}” has more than 28 digits. Shorten it, or keep it as text.")
    } else {
        format!("“{text}” is not a number. Write it like 1234.50 or 1,234.50.")
    }
}

fn plain(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.replace(['−', '－'], "-")) }
}

/// A number in a step's parameters, written as text ("0.01") or as a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Exact(pub(crate) Decimal);

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            other => {
                return Err(D::Error::custom(format!("{other} is not a number. Write it like 1234.50 or 1,234.50.")));
            }
        };
        parse(&text).map(Self).ok_or_else(|| D::Error::custom(why_not(&text)))
    }
}

impl JsonSchema for Exact {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number"], "format": "decimal" })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text_of(text: &str) -> Option<String> {
        parse(text).map(|number| number.to_string())
    }

    #[test]
    fn numbers_are_read_as_accountants_write_them() {
        for (text, number) in [
            ("1234.50", "1234.50"),
            (" 1,234,567.89 ", "1234567.89"),
            ("12，345", "12345"),
            ("-0.10", "-0.10"),
            ("−7", "-7"),
            ("+7", "7"),
            ("(1,234.50)", "-1234.50"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1.5E+07", "15000000"),
            ("2.5e-3", "0.0025"),
        ] {
            assert_eq!(text_of(text).as_deref(), Some(number), "{text}");
        }
    }

    #[test]
    fn what_is_not_clearly_a_number_is_refused() {
        for text in [
            "",
            "-",
            "abc",
            "1,23",
            "1,2345",
            ",123",
            "1.2.3",
            "1.234,56",
            "12%",
            "¥5",
            "(-5)",
            "--5",
            "1 000",
            "0x10",
            "NaN",
            "1_000",
            "1,234,",
            "()",
            "1e",
            "99999999999999999999999999999999",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_that_is_too_long_is_not_called_none() {
        assert!(why_not("12345678901234567890123456789012").contains("more than 28 digits"));
        assert!(why_not("1,23").contains("is not a number"));
    }

    proptest! {
        #[test]
        fn cents_survive_a_spreadsheet(cents in -99_999_999_999_999_i64..99_999_999_999_999) {
            let typed = Decimal::new(cents, 2);
            let float: f64 = typed.to_string().parse().unwrap();
            prop_assert_eq!(parse(&baigong_tabular::from_spreadsheet(float)), Some(typed));
        }

        #[test]
        fn separators_change_nothing(cents in any::<i64>()) {
            let whole = (cents / 100).unsigned_abs().to_string();
            let mut grouped = String::new();
            for (index, digit) in whole.char_indices() {
                if index > 0 && (whole.len() - index) % 3 == 0 {
                    grouped.push(',');
                }
                grouped.push(digit);
            }
            let sign = if cents < 0 { "-" } else { "" };
            let text = format!("{sign}{grouped}.{:02}", (cents % 100).unsigned_abs());
            prop_assert_eq!(parse(&text), Some(Decimal::new(cents, 2)));
        }
    }
}
