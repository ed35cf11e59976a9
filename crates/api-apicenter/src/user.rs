//! 用户 (3.1): the platform's users, and what they have in the application.

use std::collections::BTreeSet;

use baigong_core::{ListInput, Platform, application_access as access, departments, employees};
use baigong_model::{Error, PageOf, Result};
use jiff::{Timestamp, fmt::strtime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{Data, PageQuery, Paged, data_scope_number},
};

/// 用户性别: the platform does not know it.
const SEX: &str = "未知";

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserNamed {
    /// 用户工号: what they sign in with
    user_name: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserInfo {
    profile: Profile,
    /// 在本应用的角色, one for each department in which they have it
    roles: Vec<UserRole>,
    /// 请求记录时间: RFC 3339, in the server's zone
    record_time: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Profile {
    /// 用户 id
    user_id: i64,
    /// 性别: always 未知
    sex: &'static str,
    /// 头像地址: always ""
    avatar: &'static str,
    /// 用户工号
    username: String,
    /// 用户昵称
    nick: String,
    /// 用户手机号
    phonenumber: String,
}

impl From<employees::Employee> for Profile {
    fn from(user: employees::Employee) -> Self {
        Self {
            user_id: user.id,
            sex: SEX,
            avatar: "",
            username: user.username,
            nick: user.name,
            phonenumber: user.mobile.unwrap_or_default(),
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct UserRole {
    #[serde(flatten)]
    role: DeptRole,
    /// 权限集合: what the role's menus ask for
    permissions: Vec<String>,
    /// 权限部门集合: the departments that the role is for there; [] for the data scopes 1 and 5
    dept_ids: Vec<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeptRole {
    /// 角色 id
    id: i64,
    /// 角色名称
    name: String,
    /// 角色代码
    code: String,
    /// 部门 id
    dept_id: i64,
    /// 部门代码
    dept_code: String,
    /// 部门名称
    dept_name: String,
    /// 数据范围: 1 全部数据权限, 2 自定义数据权限, 3 部门数据权限, 4 部门及以下数据权限, 5 个人数据权限
    data_scope: &'static str,
}

impl DeptRole {
    fn of(held: &access::Held, tree: &departments::Tree) -> Self {
        let department = held.department_id;
        Self {
            id: held.role.id,
            name: held.role.name.clone(),
            code: held.role.role_key.clone(),
            dept_id: department,
            dept_code: tree.code(department),
            dept_name: tree.get(department).map(|row| row.name.clone()).unwrap_or_default(),
            data_scope: data_scope_number(&held.role.data_scope),
        }
    }
}

pub(crate) async fn userinfo(platform: Platform, caller: Caller, body: UserNamed) -> Result<Data<UserInfo>> {
    let (user, held) = access::held(&platform, &caller, &body.user_name).await?;
    let tree = departments::tree(&platform).await?;
    let roles = held.into_iter().map(|held| UserRole {
        role: DeptRole::of(&held, &tree),
        permissions: held.permissions,
        dept_ids: held.departments,
    });
    let (roles, record_time) = (roles.collect(), record_time(&platform)?);
    Ok(Data::of(UserInfo { profile: user.into(), roles, record_time }))
}

/// Now, as `2022-09-19T20:24:25.881+08:00`.
fn record_time(platform: &Platform) -> Result<String> {
    let now = Timestamp::from_millisecond(platform.now()).map_err(Error::internal)?;
    let now = now.to_zoned(platform.config.time_zone.clone());
    strtime::format("%Y-%m-%dT%H:%M:%S%.3f%:z", &now).map_err(Error::internal)
}

pub(crate) async fn dept_roles(platform: Platform, caller: Caller, body: UserNamed) -> Result<Data<Vec<DeptRole>>> {
    let (_, held) = access::held(&platform, &caller, &body.user_name).await?;
    let tree = departments::tree(&platform).await?;
    Ok(Data::of(held.iter().map(|held| DeptRole::of(held, &tree)).collect()))
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenMenu {
    /// 权限 id: that of the menu
    id: i64,
    /// 父级权限 id
    pid: i64,
    /// 权限名称
    name: String,
    /// 权限代码
    code: String,
    /// 菜单类型: M 目录, C 菜单, F 按钮
    #[serde(rename = "type")]
    kind: String,
    /// 菜单排序
    order_num: i64,
    /// 路由地址
    path: Option<String>,
}

pub(crate) async fn permissions(platform: Platform, caller: Caller, body: UserNamed) -> Result<Data<Vec<OpenMenu>>> {
    let menus = access::open_menus(&platform, &caller, &body.user_name).await?;
    let menus = menus.into_iter().map(|menu| OpenMenu {
        id: menu.id,
        pid: menu.parent_id,
        name: menu.name,
        code: menu.permission,
        kind: menu.kind,
        order_num: menu.position,
        path: Some(menu.redirect).filter(|path| !path.is_empty()),
    });
    Ok(Data::of(menus.collect()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleOfUser {
    /// 用户工号
    user_name: String,
    /// 角色代码
    role_key: String,
}

pub(crate) async fn has_role(platform: Platform, caller: Caller, body: RoleOfUser) -> Result<Data<()>> {
    match access::has_role(&platform, &caller, &body.user_name, &body.role_key).await? {
        true => Ok(Data::of(())),
        false => Err(Error::conflict("the user does not have this role")),
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserList {
    #[serde(flatten)]
    page: PageQuery,
    /// 部门 id: that department and all below
    dept_id: Option<i64>,
}

impl UserList {
    fn input(&self) -> Result<ListInput> {
        Ok(ListInput { department_id: self.dept_id, ..self.page.input()? })
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    #[serde(flatten)]
    profile: Profile,
    /// 是否授权应用: whether they have a role in the application
    auth_app: bool,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: UserList) -> Result<Paged<User>> {
    let input = body.input()?;
    let found = employees::list(&platform, &caller, &input).await?;
    let ids: Vec<i64> = found.rows.iter().map(|user| user.id).collect();
    let authorized = access::is_authorized(&platform, &caller, &ids).await?;
    Ok(Paged::of(input.page, users(found, &authorized)))
}

pub(crate) async fn list_by_app(platform: Platform, caller: Caller, body: UserList) -> Result<Paged<User>> {
    let input = body.input()?;
    let found = access::users(&platform, &caller, &input).await?;
    let authorized = found.rows.iter().map(|user| user.id).collect();
    Ok(Paged::of(input.page, users(found, &authorized)))
}

fn users(found: PageOf<employees::Employee>, authorized: &BTreeSet<i64>) -> PageOf<User> {
    found.map(|user| User { auth_app: authorized.contains(&user.id), profile: user.into() })
}
