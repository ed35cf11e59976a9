//! 角色 (3.2, 3.4): the roles of the application, and a list of the platform's own.

use baigong_core::{Platform, application_access as access, roles};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{Data, PageQuery, Paged, data_scope},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleNamed {
    /// 角色 id
    role_id: i64,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct RoleDetail {
    #[serde(flatten)]
    role: Role,
    /// 角色拥有的权限代码集合
    permissions: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Role {
    /// 角色 id
    id: i64,
    /// 角色名称
    name: String,
    /// 角色代码
    code: String,
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: RoleNamed) -> Result<Data<RoleDetail>> {
    let access::Role { row, permissions } = access::role(&platform, &caller, body.role_id).await?;
    Ok(Data::of(RoleDetail { role: Role { id: row.id, name: row.name, code: row.role_key }, permissions }))
}

/// A role of the platform has no code: its name is unique.
pub(crate) async fn list_all(platform: Platform, caller: Caller, body: PageQuery) -> Result<Paged<Role>> {
    let found = roles::list(&platform, &caller, &body.input()?).await?;
    let rows = found.map(|row| Role { id: row.id, code: row.name.clone(), name: row.name });
    Ok(Paged::of(body.page()?, rows))
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: PageQuery) -> Result<Paged<Role>> {
    let found = access::roles(&platform, &caller, &body.input()?).await?;
    Ok(Paged::of(body.page()?, found.map(|row| Role { id: row.id, name: row.name, code: row.role_key })))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleDataScope {
    /// 角色 id
    role_id: i64,
    /// 权限范围: 1 所有数据权限, 2 自定义数据权限, 3 本部门数据权限, 4 本部门及以下数据权限, 5 个人数据权限
    data_scope: String,
    /// 自定义数据权限时的部门 id
    dept_ids: Option<Vec<i64>>,
}

pub(crate) async fn update_data_scope(platform: Platform, caller: Caller, body: RoleDataScope) -> Result<Data<()>> {
    let scope = (data_scope(&body.data_scope)?, body.dept_ids.unwrap_or_default());
    access::set_data_scope(&platform, &caller, body.role_id, scope).await?;
    Ok(Data::done(()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleMenu {
    /// 角色 id: each role opens exactly the menus that are named with it
    role_id: i64,
    /// 菜单 id
    menu_id: i64,
}

pub(crate) async fn update_menus(platform: Platform, caller: Caller, body: Vec<RoleMenu>) -> Result<Data<()>> {
    let links = body.into_iter().map(|it| (it.role_id, it.menu_id)).collect();
    access::set_menus(&platform, &caller, links).await?;
    Ok(Data::done(()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleUpdate {
    /// 角色 id
    role_id: i64,
    #[serde(flatten)]
    role: RoleAdd,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: RoleUpdate) -> Result<Data<()>> {
    let RoleAdd { role_name, role_key, role_sort } = body.role;
    let change = access::RoleChange { name: Some(role_name), key: Some(role_key), position: role_sort };
    access::update_role(&platform, &caller, body.role_id, change).await?;
    Ok(Data::done(()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleAdd {
    /// 角色名称
    role_name: String,
    /// 角色标识: unique in the application
    role_key: String,
    /// 排序
    role_sort: Option<i64>,
}

impl From<RoleAdd> for access::NewRole {
    fn from(role: RoleAdd) -> Self {
        Self { name: role.role_name, key: role.role_key, position: role.role_sort }
    }
}

pub(crate) async fn add(platform: Platform, caller: Caller, body: RoleAdd) -> Result<Data<i64>> {
    let ids = access::create_roles(&platform, &caller, vec![body.into()]).await?;
    Ok(Data::done(ids[0]))
}

pub(crate) async fn add_batch(platform: Platform, caller: Caller, body: Vec<RoleAdd>) -> Result<Data<Vec<i64>>> {
    let roles = body.into_iter().map(Into::into).collect();
    access::create_roles(&platform, &caller, roles).await.map(Data::done)
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: RoleNamed) -> Result<Data<()>> {
    delete_batch(platform, caller, vec![body.role_id]).await
}

pub(crate) async fn delete_batch(platform: Platform, caller: Caller, body: Vec<i64>) -> Result<Data<()>> {
    access::delete_roles(&platform, &caller, body).await?;
    Ok(Data::done(()))
}
