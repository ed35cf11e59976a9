//! `credential.get`: an account that the platform keeps.

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::trouble::from_host;

/// Which credential.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The name of the credential on the platform.
    name: String,
}

/// The account. The password is replaced by ****** in everything the run says: log lines, errors, steps, out-parameters. It has
/// no `Debug`, so that it cannot be logged here.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Account {
    /// The account's name.
    username: String,
    /// Its password.
    password: String,
}

pub(crate) async fn get(context: ActionContext, parameters: Parameters) -> Result<Account, ActionError> {
    let found = context.host.credential(&parameters.name).await.map_err(from_host)?;
    Ok(Account { username: found.username, password: found.password.expose().clone() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::support::testing::Desk;

    #[tokio::test]
    async fn an_account_comes_from_the_host() {
        let desk = Desk::new();
        let found = desk.ok("credential.get", json!({"name": "counter"})).await;
        assert_eq!(found, json!({"username": "trader", "password": "p@ss"}));
        assert!(desk.fails("credential.get", json!({"name": "none"}), "notFound").await.contains("none"));
    }
}
