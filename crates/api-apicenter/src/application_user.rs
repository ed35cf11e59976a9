//! 用户授权 (3.4): which users have which roles of the application where. Lists are taken whole or not at all.

use baigong_core::{Platform, application_access as access};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Caller, wire::Data};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserAuth {
    /// 用户 id
    user_id: i64,
    /// 部门 id
    dept_id: i64,
    /// 角色 id: of the application
    role_id: i64,
}

impl From<UserAuth> for access::Authorization {
    fn from(it: UserAuth) -> Self {
        Self { role_id: it.role_id, user_id: it.user_id, department_id: it.dept_id }
    }
}

pub(crate) async fn add(platform: Platform, caller: Caller, body: Vec<UserAuth>) -> Result<Data<()>> {
    access::authorize(&platform, &caller, body.into_iter().map(Into::into).collect()).await?;
    Ok(Data::done(()))
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: Vec<UserAuth>) -> Result<Data<()>> {
    access::withdraw(&platform, &caller, body.into_iter().map(Into::into).collect()).await?;
    Ok(Data::done(()))
}
