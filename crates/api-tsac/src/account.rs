//! 认证 (6.2.1): a token for a username and a password, and the key under which passwords travel.

use baigong_api_kit::{Nothing, Origin};
use baigong_core::{Platform, accounts};
use baigong_model::{Result, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, wire};

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Authenticate {
    /// 用户账号
    username: String,
    /// 密码（密文）: see account/public-key; plain text only where the configuration allows it
    password: Secret<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Authenticated {
    /// 字符令牌
    token: String,
    /// token 过期时间, yyyy-MM-dd HH:mm:ss
    expiration_time: String,
}

pub(crate) async fn authenticate(platform: Platform, origin: Origin, body: Authenticate) -> Result<Authenticated> {
    let address = origin.address.map(|it| it.to_string());
    let signed_in = accounts::sign_in(&platform, &body.username, &body.password, address.as_deref()).await?;
    let expiration_time = wire::time(&platform, signed_in.expires_at);
    Ok(Authenticated { token: signed_in.token.expose().clone(), expiration_time })
}

pub(crate) async fn sign_out(platform: Platform, caller: Caller, _: Nothing) -> Result<Nothing> {
    accounts::sign_out(&platform, caller.token.expose()).await?;
    Ok(Nothing {})
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PublicKey {
    /// Which key; goes into every password encrypted under it
    kid: String,
    /// SM2
    alg: &'static str,
    /// The uncompressed point, hexadecimal
    public_key: String,
}

pub(crate) async fn public_key(platform: Platform, _: Origin, _: Nothing) -> Result<PublicKey> {
    let key = accounts::public_key(&platform);
    Ok(PublicKey { kid: key.kid, alg: key.alg, public_key: key.public_key })
}
