//! 用户管理 (3.1).

use baigong_api_kit::Nothing;
use baigong_core::{Platform, bootstrap::ADMINISTRATOR, departments, directory, employees, roles};
use baigong_model::{Error, Result, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{PageQuery, Rows, time},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserQuery {
    /// 用户名: a part of it
    user_name: Option<String>,
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    /// 用户 id
    id: i64,
    /// 创建时间
    create_time: i64,
    /// 修改时间
    modify_time: i64,
    /// 用户名
    user_name: String,
    /// 真实姓名
    user_alias: String,
    /// 角色 id
    role_id: i64,
    /// 角色名称
    role_name: String,
    /// 部门编号: the cascade
    org_code: String,
    /// 部门名: the cascade
    org_name: String,
    /// 是否修改密码
    is_need_modify_pwd: i64,
    /// 状态: 0 正常 1 锁定
    status: String,
    /// 邮箱
    email: String,
    /// 电话号
    phone: String,
    /// 用户描述
    description: String,
    /// 用户来源
    user_source: &'static str,
    /// 上次登录时间
    #[serde(rename = "LastLoginTime")]
    last_login_time: Option<String>,
    /// 是否锁定
    hand_lock: bool,
    /// 是否管理员
    administrators: bool,
    #[serde(flatten)]
    unknown: Unknown,
}

/// What only the example prints, and what is not kept of a user here; passwords are never told.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Unknown {
    /// 密码修改时间
    pwd_modify_date: Option<String>,
    /// 登录来源
    login_source: Option<String>,
    /// 登录失败次数
    login_failure_times: Option<i64>,
    /// 是否接收邮件
    is_rece_mail: bool,
    /// 旧密码
    lode_pass: Option<String>,
    /// 新密码
    new_pass: Option<String>,
}

pub(crate) async fn list(platform: Platform, caller: Caller, query: UserQuery) -> Result<Rows<User>> {
    let page = employees::list(&platform, &caller, &query.page.input(query.user_name)?).await?;
    let ids: Vec<i64> = page.rows.iter().map(|user| user.id).collect();
    let changed = directory::changed_at(&platform, "employee", &ids).await?;
    let signed_in = directory::signed_in_at(&platform, &ids).await?;
    let (tree, roles) = (departments::tree(&platform).await?, roles::names(&platform).await?);
    Ok(page
        .map(|user| User {
            create_time: user.created_at,
            modify_time: changed.get(&user.id).copied().unwrap_or(user.created_at),
            role_name: roles.get(&user.role_id).cloned().unwrap_or_default(),
            administrators: roles.get(&user.role_id).is_some_and(|name| name == ADMINISTRATOR),
            org_code: tree.cascade_code(user.department_id),
            org_name: tree.cascade_name(user.department_id),
            last_login_time: signed_in.get(&user.id).map(|at| time(&platform, *at)),
            id: user.id,
            user_name: user.username,
            user_alias: user.name,
            role_id: user.role_id,
            is_need_modify_pwd: 0,
            status: i32::from(user.is_locked).to_string(),
            email: user.email.unwrap_or_default(),
            phone: user.mobile.unwrap_or_default(),
            description: user.remark.unwrap_or_default(),
            user_source: "local",
            hand_lock: user.is_locked,
            unknown: Unknown::default(),
        })
        .into())
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserCreate {
    /// 用户名
    user_name: String,
    /// 真实姓名
    user_alias: Option<String>,
    /// 用户角色
    role_id: String,
    /// 部门编号: the cascade, or its last part
    org_code: String,
    /// 密码
    user_password: Secret<String>,
    /// 备注
    description: Option<String>,
    /// 邮箱 (extension)
    email: Option<String>,
    /// 电话号 (extension)
    phone: Option<String>,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: UserCreate) -> Result<Nothing> {
    let new = employees::NewEmployee {
        name: body.user_alias.filter(|it| !it.is_empty()).unwrap_or_else(|| body.user_name.clone()),
        username: body.user_name,
        password: body.user_password,
        department_id: departments::by_code(&platform, &caller, "orgCode", &body.org_code).await?,
        email: body.email,
        mobile: body.phone,
        role_id: Some(role(&body.role_id)?),
        remark: body.description,
    };
    employees::create(&platform, &caller, new).await?;
    Ok(Nothing {})
}

fn role(text: &str) -> Result<i64> {
    text.trim().parse().map_err(|_| Error::not_found("role", text))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserUpdate {
    /// 用户名
    user_name: String,
    /// 真实姓名
    user_alias: Option<String>,
    /// 用户角色
    role_id: String,
    /// 部门编号: the cascade, or its last part
    org_code: String,
    /// 备注
    description: Option<String>,
    /// 用户修改 id
    id: i64,
    /// 旧密码: must be right where it is given
    lode_pass: Option<Secret<String>>,
    /// 新密码
    new_pass: Option<Secret<String>>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: UserUpdate) -> Result<Nothing> {
    let given = |text: Option<Secret<String>>| text.filter(|text| !text.expose().is_empty());
    let change = employees::Change {
        name: body.user_alias.filter(|it| !it.is_empty()),
        username: Some(body.user_name),
        password: given(body.new_pass),
        remark: body.description,
        role_id: Some(role(&body.role_id)?),
        department_id: Some(departments::by_code(&platform, &caller, "orgCode", &body.org_code).await?),
        old_password: given(body.lode_pass),
        ..Default::default()
    };
    employees::update(&platform, &caller, body.id, change).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct UserDelete {
    /// 删除用户 Id
    ids: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: UserDelete) -> Result<Nothing> {
    employees::delete(&platform, &caller, body.ids).await?;
    Ok(Nothing {})
}
