//! 许可 (6.3.8): what may be used. The robot itself needs no license; a platform that wants seats for its tasks asks for them
//! before it gives a task away.

use baigong_api_kit::Nothing;
use baigong_model::Result;
use baigong_tsac_kit::wire::NEVER;
use schemars::JsonSchema;
use serde::Serialize;

use super::dialect::{Caller, Served};

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LicenseInfo {
    /// 许可到期时间, yyyy-MM-dd HH:mm:ss; 9999-12-31 23:59:59: it never ends
    license_expiration_time: &'static str,
    /// 许可类型
    #[serde(rename = "type")]
    kind: &'static str,
}

pub(crate) async fn info(_: Served, _: Caller, _: Nothing) -> Result<LicenseInfo> {
    Ok(LicenseInfo { license_expiration_time: NEVER, kind: "community" })
}
