//! Signing in and out, and who one is.

use baigong_api_kit::{Nothing, Origin};
use baigong_core::{Platform, accounts, open_api_tokens};
use baigong_model::{Error, Result, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, wire::time};

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Login {
    /// The user's name
    username: String,
    /// Their password: SM2-encrypted for the purpose "login" (see `account/public-key` of the T/TSAC interface), or plain
    /// where the configuration allows it
    password: Secret<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoggedIn {
    /// To be sent with every other call: `Authorization: Bearer <token>`
    token: String,
    /// When it ends unless it is used before
    expires_at: String,
}

pub(crate) async fn login(platform: Platform, origin: Origin, body: Login) -> Result<LoggedIn> {
    let address = origin.address.map(|address| address.to_string());
    let signed_in = accounts::sign_in(&platform, &body.username, &body.password, address.as_deref()).await;
    let signed_in = signed_in.map_err(|error| match error {
        // Whether there is such a user is nobody's business.
        Error::UnknownUser => Error::WrongPassword,
        other => other,
    })?;
    Ok(LoggedIn { token: signed_in.token.expose().clone(), expires_at: time(signed_in.expires_at) })
}

pub(crate) async fn logout(platform: Platform, caller: Caller, _: Nothing) -> Result<Nothing> {
    accounts::sign_out(&platform, caller.token.expose()).await?;
    Ok(Nothing {})
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Me {
    /// The user's id
    id: i64,
    /// What they sign in with
    username: String,
    /// Their name
    name: String,
    /// Their e-mail
    email: Option<String>,
    /// Their department
    department_id: i64,
    /// The application that acts for them; absent when they come themselves
    #[serde(skip_serializing_if = "Option::is_none")]
    application_id: Option<i64>,
    /// What the token may do
    permissions: Vec<String>,
}

pub(crate) async fn me(platform: Platform, caller: Caller, _: Nothing) -> Result<Me> {
    let user = accounts::me(&platform, &caller).await?;
    Ok(Me {
        id: user.id,
        username: user.username,
        name: user.name,
        email: user.email,
        department_id: user.department_id,
        application_id: caller.application_id,
        permissions: caller.permissions().iter().map(|it| it.to_string()).collect(),
    })
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct OpenApiTokenWanted {
    /// Whether a new one is wanted, which ends the one before
    #[serde(default)]
    renew: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenApiToken {
    /// The e-mail that signed requests name
    email: String,
    /// The token that they are signed with
    open_api_token: String,
}

pub(crate) async fn open_api_token(
    platform: Platform,
    caller: Caller,
    body: OpenApiTokenWanted,
) -> Result<OpenApiToken> {
    let told = open_api_tokens::of_caller(&platform, &caller, body.renew).await?;
    Ok(OpenApiToken { email: told.email, open_api_token: told.token.expose().clone() })
}
