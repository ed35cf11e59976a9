//! 机器人版本 (extensions after 5.3): versions of the robot's program, and what is done with them.

use baigong_api_kit::{Nothing, Upload};
use baigong_core::{Platform, agent_versions};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{self, ListQuery},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentVersionCreate {
    /// 部门 ID
    dep_id: i64,
    /// 版本号, major.minor.patch
    version: String,
    /// 程序的 SHA-256: when given, the file must have it
    sha256: Option<String>,
    /// 签名: Ed25519 over "baigong agent <version> <sha256>", base64; for robots that ask for one
    signature: Option<String>,
    /// 备注
    remark: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentVersionCreated {
    /// 机器人版本 ID
    agent_version_id: i64,
}

pub(crate) async fn create(
    platform: Platform,
    caller: Caller,
    body: AgentVersionCreate,
    file: Upload,
) -> Result<AgentVersionCreated> {
    let new = agent_versions::NewAgentVersion {
        department_id: body.dep_id,
        version: body.version,
        sha256: body.sha256,
        signature: body.signature,
        remark: body.remark,
        file: file.path.to_path_buf(),
    };
    Ok(AgentVersionCreated { agent_version_id: agent_versions::create(&platform, &caller, new).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentVersionDelete {
    /// 机器人版本 ID
    agent_version_id: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: AgentVersionDelete) -> Result<Nothing> {
    agent_versions::delete(&platform, &caller, body.agent_version_id).await?;
    Ok(Nothing {})
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentVersionList {
    /// 机器人版本列表
    agent_versions: Vec<AgentVersion>,
    /// 总数
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AgentVersion {
    /// 机器人版本 ID
    agent_version_id: i64,
    /// 部门 ID
    dep_id: i64,
    /// 版本号
    version: String,
    /// 适用系统: linux-x86_64, …
    system: String,
    /// 程序的 SHA-256
    sha256: String,
    /// 程序大小, in bytes
    size: i64,
    /// 是否带签名
    is_signed: bool,
    /// 备注
    remark: String,
    /// 创建时间, yyyy-MM-dd HH:mm:ss
    create_time: String,
    /// 是否删除
    is_deleted: bool,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: ListQuery) -> Result<AgentVersionList> {
    let page = agent_versions::list(&platform, &caller, &body.input()?).await?.map(|row| AgentVersion {
        agent_version_id: row.id,
        dep_id: row.department_id,
        version: row.name,
        system: row.system,
        sha256: row.sha256,
        size: row.size,
        is_signed: row.signature.is_some(),
        remark: row.remark.unwrap_or_default(),
        create_time: wire::time(&platform, row.created_at),
        is_deleted: row.deleted_at.is_some(),
    });
    Ok(AgentVersionList { agent_versions: page.rows, total: page.total })
}
