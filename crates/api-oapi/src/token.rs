//! 认证 (2): a token for an account or an application, and the next token.

use baigong_api_kit::Origin;
use baigong_core::{
    Platform,
    accounts::{self, TokenPair},
};
use baigong_model::{Error, Result, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenQuery {
    /// 登陆账号: a user's name, phone or e-mail, or the access key of an application
    access_key: Option<String>,
    /// 密码: theirs, or the application's secret
    secret_key: Option<Secret<String>>,
    /// 刷新 token: instead of both
    refresh_token: Option<Secret<String>>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Token {
    /// Token
    access_token: String,
    /// token 类型
    token_type: &'static str,
    /// 刷新 token: good once
    refresh_token: String,
    /// 过期时间: how long the token is good, in milliseconds
    expires_in: i64,
    /// 范围
    scope: &'static str,
}

pub(crate) async fn get(platform: Platform, origin: Origin, query: TokenQuery) -> Result<Token> {
    // A parameter without a value is not given: clients send those that they do not use along.
    let given = |secret: Option<Secret<String>>| secret.filter(|text| !text.expose().is_empty());
    let login = query.access_key.filter(|login| !login.is_empty());
    let pair = match (given(query.refresh_token), login, given(query.secret_key)) {
        (Some(token), ..) => accounts::refresh(&platform, token.expose()).await?,
        (None, Some(login), Some(secret)) => accounts::sign_in_by(&platform, &login, &secret, origin.address).await?,
        _ => return Err(missing()),
    };
    Ok(shown(&pair))
}

fn shown(pair: &TokenPair) -> Token {
    Token {
        access_token: pair.access.expose().clone(),
        token_type: "bearer",
        refresh_token: pair.refresh.expose().clone(),
        expires_in: pair.expires_in,
        scope: "server",
    }
}

fn missing() -> Error {
    Error::invalid("accessKey, secretKey", crate::codes::MISSING)
}
