//! 角色 (extension): roles, and who has which.

use baigong_api_kit::Nothing;
use baigong_core::{Platform, roles, rows::role};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, wire::ListQuery};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleCreate {
    /// 角色名称
    role_name: String,
    /// 权限: words such as robot:read, see x-permission of each operation
    permissions: Vec<String>,
    /// 数据范围: all, custom, department, department-and-below or self
    data_scope: String,
    /// 部门 ID 列表: of the data scope custom
    dep_ids: Option<Vec<i64>>,
    /// 备注
    remark: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleCreated {
    /// 角色 ID
    role_id: i64,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: RoleCreate) -> Result<RoleCreated> {
    let new = roles::RoleInput {
        name: Some(body.role_name),
        permissions: Some(body.permissions),
        data_scope: Some(body.data_scope),
        departments: body.dep_ids,
        remark: body.remark,
    };
    Ok(RoleCreated { role_id: roles::create(&platform, &caller, new).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleUpdate {
    /// 角色 ID
    role_id: i64,
    /// 角色名称; what is absent stays
    role_name: Option<String>,
    /// 权限
    permissions: Option<Vec<String>>,
    /// 数据范围
    data_scope: Option<String>,
    /// 部门 ID 列表
    dep_ids: Option<Vec<i64>>,
    /// 备注
    remark: Option<String>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: RoleUpdate) -> Result<Nothing> {
    let change = roles::RoleInput {
        name: body.role_name,
        permissions: body.permissions,
        data_scope: body.data_scope,
        departments: body.dep_ids,
        remark: body.remark,
    };
    roles::update(&platform, &caller, body.role_id, change).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleNamed {
    /// 角色 ID
    role_id: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: RoleNamed) -> Result<Nothing> {
    roles::delete(&platform, &caller, body.role_id).await?;
    Ok(Nothing {})
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Role {
    /// 角色 ID
    role_id: i64,
    /// 角色名称
    role_name: String,
    /// 权限
    permissions: Vec<String>,
    /// 数据范围
    data_scope: String,
    /// 部门 ID 列表
    dep_ids: Vec<i64>,
    /// 是否内置: kept by the platform, cannot be changed
    is_built_in: bool,
    /// 备注
    remark: String,
    /// 是否删除
    is_deleted: bool,
}

impl From<role::Model> for Role {
    fn from(row: role::Model) -> Self {
        Self {
            role_id: row.id,
            permissions: roles::permissions_of(&row).iter().map(|it| it.to_string()).collect(),
            dep_ids: roles::departments_of(&row),
            role_name: row.name,
            data_scope: row.data_scope,
            is_built_in: row.is_built_in,
            remark: row.remark.unwrap_or_default(),
            is_deleted: row.deleted_at.is_some(),
        }
    }
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: RoleNamed) -> Result<Role> {
    roles::query(&platform, &caller, body.role_id).await.map(Role::from)
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct RoleList {
    /// 角色列表
    roles: Vec<Role>,
    /// 总数
    total: u64,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: ListQuery) -> Result<RoleList> {
    let page = roles::list(&platform, &caller, &body.input()?).await?.map(Role::from);
    Ok(RoleList { roles: page.rows, total: page.total })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleAssign {
    /// 员工 ID
    employee_id: i64,
    /// 角色 ID
    role_id: i64,
}

pub(crate) async fn assign(platform: Platform, caller: Caller, body: RoleAssign) -> Result<Nothing> {
    roles::assign(&platform, &caller, body.employee_id, body.role_id).await?;
    Ok(Nothing {})
}
