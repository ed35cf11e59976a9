//! `json.parse`: the value a JSON text means, with its decimals exactly.

use std::collections::BTreeMap;

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

use crate::support::{trouble::invalid_data, work::blocking};

/// What to parse.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The JSON text.
    text: String,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<Value, ActionError> {
    blocking(context, move |_| parse(&parameters.text)).await
}

/// The value of `text`. A number that a float would change ("12345678901234567.89", "1.10") is given as text.
pub(crate) fn parse(text: &str) -> Result<Value, ActionError> {
    let wrong = |error: serde_json::Error| invalid_data(format!("this is not JSON: {error}"));
    let plain: Value = serde_json::from_str(text).map_err(wrong)?;
    if !has_float(&plain) {
        return Ok(plain);
    }
    exact(serde_json::from_str(text).map_err(wrong)?).map_err(wrong)
}

fn has_float(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_i64().is_none(),
        Value::Array(items) => items.iter().any(has_float),
        Value::Object(fields) => fields.values().any(has_float),
        _ => false,
    }
}

fn exact(raw: &RawValue) -> Result<Value, serde_json::Error> {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text)?;
            items.into_iter().map(exact).collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        Some(b'{') => {
            let fields: BTreeMap<String, &RawValue> = serde_json::from_str(text)?;
            let fields = fields.into_iter().map(|(name, value)| Ok((name, exact(value)?)));
            fields.collect::<Result<Map<_, _>, _>>().map(Value::Object)
        }
        Some(b'-' | b'0'..=b'9') => {
            let number: Value = serde_json::from_str(text)?;
            let again = number.to_string();
            Ok(if again == text { number } else { Value::String(text.to_owned()) })
        }
        _ => serde_json::from_str(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::support::testing::Desk;

    #[tokio::test]
    async fn numbers_are_never_changed() {
        let desk = Desk::new();
        let text = r#"{"a": [1, 0.1, 1.10, 12345678901234567.89, 1e400, -5], "b": "x\n", "c": {"d": null}}"#;
        let expected =
            json!({"a": [1, 0.1, "1.10", "12345678901234567.89", "1e400", -5], "b": "x\n", "c": {"d": null}});
        let parsed = desk.run("json.parse", json!({"text": text.replace("1e400, ", "")})).await.unwrap();
        let mut without = expected.clone();
        without["a"].as_array_mut().unwrap().remove(4);
        assert_eq!(parsed, without);
        let message = desk.fails("json.parse", json!({"text": "{\"a\": 1,\n}"}), "invalidData").await;
        assert!(message.contains("line 2"), "{message}");
        desk.fails("json.parse", json!({"text": "[".repeat(100_000)}), "invalidData").await;
    }
}
