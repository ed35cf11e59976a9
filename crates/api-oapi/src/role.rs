//! 角色管理 (3.2).

use baigong_core::{Platform, directory, roles};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{PageQuery, Rows},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleQuery {
    /// 角色名称: a part of it
    role_name: Option<String>,
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Role {
    /// id
    id: i64,
    /// 角色名称
    role_name: String,
    /// 描述
    description: String,
    /// 创建时间
    create_time: i64,
    /// 修改时间
    modify_time: i64,
}

pub(crate) async fn list(platform: Platform, caller: Caller, query: RoleQuery) -> Result<Rows<Role>> {
    let page = roles::list(&platform, &caller, &query.page.input(query.role_name)?).await?;
    let ids: Vec<i64> = page.rows.iter().map(|role| role.id).collect();
    let changed = directory::changed_at(&platform, "role", &ids).await?;
    let role = |role: baigong_core::rows::role::Model| Role {
        modify_time: changed.get(&role.id).copied().unwrap_or(role.created_at),
        id: role.id,
        role_name: role.name,
        description: role.remark.unwrap_or_default(),
        create_time: role.created_at,
    };
    Ok(page.map(role).into())
}
