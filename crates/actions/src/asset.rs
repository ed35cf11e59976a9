//! `asset.get`: the value of an asset of the platform.

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::support::trouble::from_host;

/// Which asset.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The name of the asset on the platform.
    name: String,
}

pub(crate) async fn get(context: ActionContext, parameters: Parameters) -> Result<Value, ActionError> {
    context.host.asset(&parameters.name).await.map_err(from_host)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::support::testing::Desk;

    #[tokio::test]
    async fn an_asset_comes_from_the_host() {
        let desk = Desk::new();
        assert_eq!(desk.ok("asset.get", json!({"name": "rate"})).await, json!("0.05"));
        assert!(desk.fails("asset.get", json!({"name": "tax"}), "notFound").await.contains("tax"));
    }
}
