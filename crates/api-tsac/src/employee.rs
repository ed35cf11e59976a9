//! 用户 (6.2.3): the users, "employees" on the wire.

use baigong_api_kit::Nothing;
use baigong_core::{Platform, employees};
use baigong_model::{Result, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{HIDDEN, ListQuery},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmployeeCreate {
    /// 员工名称
    employee_name: String,
    /// 用户账号
    username: String,
    /// 密码（密文）: 8 to 128 letters, not the username
    password: Secret<String>,
    /// 部门 ID
    dep_id: i64,
    /// 邮箱
    email: Option<String>,
    /// 手机号码
    mobile: Option<String>,
    /// 角色 ID (extension): an operator's when absent
    role_id: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmployeeCreated {
    /// 员工 ID
    employee_id: i64,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: EmployeeCreate) -> Result<EmployeeCreated> {
    let new = employees::NewEmployee {
        name: body.employee_name,
        username: body.username,
        password: body.password,
        department_id: body.dep_id,
        email: body.email,
        mobile: body.mobile,
        role_id: body.role_id,
        remark: None,
    };
    Ok(EmployeeCreated { employee_id: employees::create(&platform, &caller, new).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmployeeDelete {
    /// 员工 ID
    employee_id: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: EmployeeDelete) -> Result<Nothing> {
    employees::delete(&platform, &caller, body.employee_id).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmployeeUpdate {
    /// 员工 ID
    employee_id: i64,
    /// 员工名称
    employee_name: Option<String>,
    /// 用户账号
    username: Option<String>,
    /// 密码（密文）: 8 to 128 letters, not the username. A new one ends all sessions of the user; ****** leaves the one there is
    password: Option<Secret<String>>,
    /// 邮箱: "" takes it away
    email: Option<String>,
    /// 手机号码: "" takes it away
    mobile: Option<String>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: EmployeeUpdate) -> Result<Nothing> {
    let change = employees::Change {
        name: body.employee_name,
        username: body.username,
        password: body.password,
        email: body.email,
        mobile: body.mobile,
        ..Default::default()
    };
    employees::update(&platform, &caller, body.employee_id, change).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmployeeQuery {
    /// 员工 ID
    employee_id: i64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmployeeDetail {
    /// 员工名称
    employee_name: String,
    /// 用户账号
    username: String,
    /// 密码: always ******
    password: &'static str,
    /// 部门 ID
    dep_id: i64,
    /// 邮箱
    email: String,
    /// 手机号码
    mobile: String,
    /// 用户状态: 0-正常 1-已锁定
    user_status: i32,
    /// 角色 ID (extension)
    role_id: i64,
    /// 是否删除
    is_deleted: bool,
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: EmployeeQuery) -> Result<EmployeeDetail> {
    let user = employees::query(&platform, &caller, body.employee_id).await?;
    Ok(EmployeeDetail {
        user_status: i32::from(user.is_locked),
        employee_name: user.name,
        username: user.username,
        password: HIDDEN,
        dep_id: user.department_id,
        email: user.email.unwrap_or_default(),
        mobile: user.mobile.unwrap_or_default(),
        role_id: user.role_id,
        is_deleted: user.is_deleted,
    })
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct EmployeeList {
    /// 用户列表
    users: Vec<Employee>,
    /// 总数 (extension)
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Employee {
    /// 员工 ID
    employee_id: i64,
    /// 员工名称
    employee_name: String,
    /// 用户账号
    username: String,
    /// 部门 ID
    dep_id: i64,
    /// 用户状态: 0-正常 1-已锁定
    user_status: i32,
    /// 角色 ID (extension)
    role_id: i64,
    /// 是否删除
    is_deleted: bool,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: ListQuery) -> Result<EmployeeList> {
    let page = employees::list(&platform, &caller, &body.input()?).await?.map(|user| Employee {
        user_status: i32::from(user.is_locked),
        employee_id: user.id,
        employee_name: user.name,
        username: user.username,
        dep_id: user.department_id,
        role_id: user.role_id,
        is_deleted: user.is_deleted,
    });
    Ok(EmployeeList { users: page.rows, total: page.total })
}
