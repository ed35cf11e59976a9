//! 用户公钥 (extension): the SM2 key of one's own under which passwords are shown.

use baigong_api_kit::Nothing;
use baigong_core::{Platform, credentials};
use baigong_model::{Result, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Caller;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyRegister {
    /// SM2 公钥: the uncompressed point, 04‖x‖y, hexadecimal
    public_key: String,
    /// 本人密码（密文）: one's own password, for the purpose "register-key", see account/public-key
    password: Secret<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct KeyRegistered {
    /// Which key: stands in every password encrypted under it
    kid: String,
}

pub(crate) async fn register(platform: Platform, caller: Caller, body: KeyRegister) -> Result<KeyRegistered> {
    let key = credentials::register_key(&platform, &caller, &body.public_key, &body.password).await?;
    Ok(KeyRegistered { kid: key.kid })
}

pub(crate) async fn unregister(platform: Platform, caller: Caller, _: Nothing) -> Result<Nothing> {
    credentials::unregister_key(&platform, &caller).await?;
    Ok(Nothing {})
}
