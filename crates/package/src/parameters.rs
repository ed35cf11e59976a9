//! In- and out-parameters as a package declares them. Values travel as text, as the standard prints them.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a parameter's text has to look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ParameterType {
    /// Any text.
    #[default]
    Text,
    /// A whole number: `-12`.
    Integer,
    /// A decimal number, kept exactly as it is written: `0.10`.
    Decimal,
    /// `true` or `false`.
    Boolean,
    /// A date: `2026-11-21`.
    Date,
    /// The name of a file.
    File,
    /// A list, as JSON: `["a", "b"]`.
    List,
    /// An object, as JSON: `{"a": 1}`.
    Object,
}

/// One parameter of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ParameterSpec {
    /// Its name: letters, digits and `_`, not beginning with a digit.
    pub name: String,
    /// What its text has to look like.
    #[serde(default, rename = "type")]
    pub kind: ParameterType,
    /// Whether a run must be given it (in-parameters without a default).
    #[serde(default)]
    pub required: bool,
    /// The text taken when a run is not given it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "scalar")]
    pub default: Option<String>,
    /// For people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// The parameters of a package.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Parameters {
    /// What a run is given.
    #[serde(default, rename = "in")]
    pub input: Vec<ParameterSpec>,
    /// What a run gives back.
    #[serde(default, rename = "out")]
    pub output: Vec<ParameterSpec>,
}

/// A default may be written as a number or a truth value; it is kept as text.
fn scalar<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    // Asking for a text takes the scalar as it is written, so that 0.10 stays 0.10.
    Option::<String>::deserialize(deserializer)
}

impl From<ParameterType> for baigong_flow::ParameterType {
    fn from(kind: ParameterType) -> Self {
        match kind {
            ParameterType::Text => Self::Text,
            ParameterType::Integer => Self::Integer,
            ParameterType::Decimal => Self::Decimal,
            ParameterType::Boolean => Self::Boolean,
            ParameterType::Date => Self::Date,
            ParameterType::File => Self::File,
            ParameterType::List => Self::List,
            ParameterType::Object => Self::Object,
        }
    }
}

impl ParameterType {
    /// Whether `text` is a value of this type; else what it would have to look like.
    pub fn accepts(self, text: &str) -> Result<(), String> {
        let fits = match self {
            Self::Text => true,
            Self::File => !text.is_empty() && !text.contains('\0'),
            Self::Integer => text.parse::<i64>().is_ok(),
            Self::Decimal => is_decimal(text),
            Self::Boolean => matches!(text, "true" | "false"),
            Self::Date => is_date(text),
            Self::List => serde_json::from_str::<Vec<serde::de::IgnoredAny>>(text).is_ok(),
            Self::Object => serde_json::from_str::<BTreeMap<String, serde::de::IgnoredAny>>(text).is_ok(),
        };
        if fits { Ok(()) } else { Err(format!("\"{}\" is not {}", short(text), self.example())) }
    }

    /// The word of the manifest.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::File => "file",
            Self::List => "list",
            Self::Object => "object",
        }
    }

    fn example(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::File => "the name of a file",
            Self::Integer => "a whole number such as 12",
            Self::Decimal => "a decimal number such as 0.10",
            Self::Boolean => "true or false",
            Self::Date => "a date such as 2026-11-21",
            Self::List => "a list such as [\"a\", \"b\"]",
            Self::Object => "an object such as {\"a\": 1}",
        }
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |part: &str, digits: usize| {
        (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse::<u32>().ok())?
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// A text cut for a message.
pub(crate) fn short(text: &str) -> String {
    if text.chars().count() <= 40 {
        text.to_owned()
    } else {
        format!("{}…", text.chars().take(40).collect::<String>())
    }
}

impl Parameters {
    /// What is wrong with the declarations, in words without a place.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (list, side) in [(&self.input, "in"), (&self.output, "out")] {
            let mut seen = BTreeSet::new();
            for spec in list {
                let name = short(&spec.name);
                if !is_name(&spec.name) {
                    faults.push(format!("parameters.{side}: \"{name}\" is not a name: use letters, digits and _"));
                } else if !seen.insert(spec.name.to_ascii_uppercase()) {
                    faults
                        .push(format!("parameters.{side}: \"{name}\" stands twice (capitals do not tell them apart)"));
                }
                if let Some(fault) = spec.default.as_deref().and_then(|text| spec.kind.accepts(text).err()) {
                    faults.push(format!("parameters.{side}: the default of \"{name}\": {fault}"));
                }
            }
        }
        faults
    }
}

fn is_name(name: &str) -> bool {
    let starts = name.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_');
    starts && name.len() <= 128 && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_accept_what_they_say() {
        let good = [
            (ParameterType::Text, ""),
            (ParameterType::Integer, "-12"),
            (ParameterType::Decimal, "0.10"),
            (ParameterType::Decimal, "+7"),
            (ParameterType::Boolean, "true"),
            (ParameterType::Date, "2024-02-29"),
            (ParameterType::File, "a.xlsx"),
            (ParameterType::List, "[1]"),
            (ParameterType::Object, "{}"),
        ];
        for (kind, text) in good {
            assert_eq!(kind.accepts(text), Ok(()), "{kind:?} {text}");
        }
        let bad = [
            (ParameterType::Integer, "1.0"),
            (ParameterType::Decimal, "1e5"),
            (ParameterType::Decimal, "1."),
            (ParameterType::Decimal, "1,000"),
            (ParameterType::Boolean, "yes"),
            (ParameterType::Date, "2026-02-29"),
            (ParameterType::Date, "2026-13-01"),
            (ParameterType::Date, "26-1-1"),
            (ParameterType::File, ""),
            (ParameterType::List, "{}"),
            (ParameterType::Object, "{"),
            (ParameterType::Date, "2026-00-01"),
            (ParameterType::Date, "2026-01-00"),
        ];
        for (kind, text) in bad {
            assert!(kind.accepts(text).is_err(), "{kind:?} {text}");
        }
    }

    #[test]
    fn declarations_are_checked() {
        let spec = |name: &str| ParameterSpec {
            name: name.into(),
            kind: ParameterType::Integer,
            required: false,
            default: None,
            description: String::new(),
        };
        let twice = Parameters { input: vec![spec("a"), spec("A")], output: vec![] };
        assert_eq!(twice.faults().len(), 1);
        let names = Parameters { input: vec![spec("1a"), spec("a b"), spec("容差")], output: vec![spec("")] };
        assert_eq!(names.faults().len(), 3, "{:?}", names.faults());
        let wrong = ParameterSpec { default: Some("x".into()), ..spec("n") };
        assert_eq!(Parameters { input: vec![wrong], output: vec![] }.faults().len(), 1);
    }
}
