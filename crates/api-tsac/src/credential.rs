//! 凭据 (6.2.12): accounts of other systems, for flows.

use baigong_api_kit::Nothing;
use baigong_core::{Platform, credentials};
use baigong_model::{Result, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{HIDDEN, ListQuery},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CredentialCreate {
    /// 凭据名称
    credential_name: String,
    /// 凭据账号
    credential_username: String,
    /// 凭据密码（密文）: for the purpose "credential", see account/public-key
    credential_password: Secret<String>,
    /// 凭据备注
    remark: Option<String>,
    /// 是否为全局凭据
    is_global: bool,
    /// 机器人 ID 组: those that may have it where it is not global
    #[serde(default)]
    robot_ids: Vec<i64>,
    /// 部门 ID
    dep_id: i64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CredentialCreated {
    /// 凭据 ID
    credential_id: i64,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: CredentialCreate) -> Result<CredentialCreated> {
    let new = credentials::NewCredential {
        department_id: body.dep_id,
        name: body.credential_name,
        username: body.credential_username,
        password: body.credential_password,
        is_global: body.is_global,
        robot_ids: body.robot_ids,
        remark: body.remark,
    };
    Ok(CredentialCreated { credential_id: credentials::create(&platform, &caller, new).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CredentialUpdate {
    /// 凭据 ID
    credential_id: i64,
    /// 凭据名称
    credential_name: Option<String>,
    /// 凭据账号
    credential_username: Option<String>,
    /// 凭据密码（密文）: ****** leaves the one there is
    credential_password: Option<Secret<String>>,
    /// 是否为全局凭据
    is_global: Option<bool>,
    /// 机器人 ID 组: those that may have it where it is not global
    robot_ids: Option<Vec<i64>>,
    /// 凭据备注
    remark: Option<String>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: CredentialUpdate) -> Result<Nothing> {
    let change = credentials::CredentialChange {
        name: body.credential_name,
        username: body.credential_username,
        password: body.credential_password,
        is_global: body.is_global,
        robot_ids: body.robot_ids,
        remark: body.remark,
    };
    credentials::update(&platform, &caller, body.credential_id, change).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CredentialId {
    /// 凭据 ID
    credential_id: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: CredentialId) -> Result<Nothing> {
    credentials::delete(&platform, &caller, body.credential_id).await?;
    Ok(Nothing {})
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CredentialDetails {
    /// 凭据名称
    credential_name: String,
    /// 凭据账号
    credential_username: String,
    /// 凭据密码（密文）: encrypted to the key of account/register-key for callers with credential:reveal, ****** for others
    credential_password: String,
    /// 是否全局
    is_global: bool,
    /// 机器人 ID 组
    robot_ids: Vec<i64>,
    /// 凭据备注
    remark: String,
    /// 部门 ID
    dep_id: i64,
    /// 是否删除
    is_deleted: bool,
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: CredentialId) -> Result<CredentialDetails> {
    let credentials::CredentialDetails { credential, robot_ids, password } =
        credentials::query(&platform, &caller, body.credential_id).await?;
    Ok(CredentialDetails {
        credential_name: credential.name,
        credential_username: credential.username,
        credential_password: password.unwrap_or_else(|| HIDDEN.into()),
        is_global: credential.is_global,
        robot_ids,
        remark: credential.remark.unwrap_or_default(),
        dep_id: credential.department_id,
        is_deleted: credential.deleted_at.is_some(),
    })
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct CredentialList {
    /// 凭据列表
    credentials: Vec<Credential>,
    /// 总数 (extension)
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Credential {
    /// 凭据 ID
    credential_id: i64,
    /// 凭据名称
    credential_name: String,
    /// 部门 ID
    dep_id: i64,
    /// 是否删除
    is_deleted: bool,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: ListQuery) -> Result<CredentialList> {
    let page = credentials::list(&platform, &caller, &body.input()?).await?.map(|row| Credential {
        credential_id: row.id,
        credential_name: row.name,
        dep_id: row.department_id,
        is_deleted: row.deleted_at.is_some(),
    });
    Ok(CredentialList { credentials: page.rows, total: page.total })
}
