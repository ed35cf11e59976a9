//! `json.format`: a value as JSON text.

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::support::{trouble::internal, work::blocking};

/// What to write as JSON.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// Any value.
    value: Value,
    /// With line breaks and indents, for people.
    #[serde(default)]
    pretty: bool,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<String, ActionError> {
    blocking(context, move |_| {
        let Parameters { value, pretty } = &parameters;
        let text = if *pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
        text.map_err(|error| internal(error.to_string()))
    })
    .await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::support::testing::Desk;

    #[tokio::test]
    async fn a_value_becomes_text() {
        let desk = Desk::new();
        let value = json!({"a": ["证", 1]});
        assert_eq!(desk.ok("json.format", json!({"value": value})).await, json!("{\"a\":[\"证\",1]}"));
        let pretty = desk.ok("json.format", json!({"value": value, "pretty": true})).await;
        assert_eq!(pretty.as_str().unwrap().lines().count(), 6);
    }
}
