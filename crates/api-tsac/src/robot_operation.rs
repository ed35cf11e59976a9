//! 机器人运维 (extensions after 5.3): what a robot is asked to do with itself and its machine.

use baigong_api_kit::{Nothing, Table};
use baigong_core::{
    Platform,
    robot_operations::{self as operations, OperationKind, Which},
    rows::robot_operation,
};
use baigong_model::{Page, Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, Tsac, agent_rollout, agent_version, wire};

/// What is asked of robots themselves, and which program they run.
pub(crate) fn operations() -> Table<Tsac> {
    let (operate, read) = (Permission::RobotOperate, Permission::AgentVersionRead);
    Table::new()
        .post("/api/platform/robot/restart", operate, "重启机器人程序: start the agent anew (extension)", restart)
        .created()
        .post("/api/platform/robot/reboot", operate, "重启服务器: reboot a robot's machine (extension)", reboot)
        .created()
        .post("/api/platform/robot/shutdown", operate, "关闭服务器: shut a robot's machine down (extension)", shutdown)
        .created()
        .post("/api/platform/robot/operation/cancel", operate, "撤销运维操作: take back (extension)", cancel)
        .post(
            "/api/platform/robot/operation/list",
            Permission::RobotRead,
            "查询运维操作列表: what robots were asked (extension)",
            list,
        )
        .multipart(
            "/api/platform/agent-version/create",
            Permission::AgentVersionWrite,
            "上传机器人版本: upload a version of the robot (extension)",
            "agent",
            agent_version::create,
        )
        .created()
        .post(
            "/api/platform/agent-version/list",
            read,
            "查询机器人版本列表: list versions (extension)",
            agent_version::list,
        )
        .post(
            "/api/platform/agent-version/delete",
            Permission::AgentVersionWrite,
            "删除机器人版本: delete a version (extension)",
            agent_version::delete,
        )
        .post(
            "/api/platform/agent-rollout/create",
            operate,
            "创建滚动升级: upgrade robots wave by wave (extension)",
            agent_rollout::create,
        )
        .created()
        .post("/api/platform/agent-rollout/query", read, "查询滚动升级: show one (extension)", agent_rollout::query)
        .post("/api/platform/agent-rollout/list", read, "查询滚动升级列表: list them (extension)", agent_rollout::list)
        .post(
            "/api/platform/agent-rollout/stop",
            operate,
            "停止滚动升级: ask no more robots (extension)",
            agent_rollout::stop,
        )
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperationRequest {
    /// 机器人 ID
    robot_id: i64,
    /// 等待运行中任务结束的秒数: then they are stopped; 0 when absent
    drain_seconds: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperationRequested {
    /// 运维操作 ID
    operation_id: i64,
}

async fn ask(
    platform: Platform,
    caller: Caller,
    body: OperationRequest,
    kind: OperationKind,
) -> Result<OperationRequested> {
    let drain = body.drain_seconds.unwrap_or(0);
    let operation_id = operations::request(&platform, &caller, body.robot_id, kind, drain).await?;
    Ok(OperationRequested { operation_id })
}

pub(crate) async fn restart(platform: Platform, caller: Caller, body: OperationRequest) -> Result<OperationRequested> {
    ask(platform, caller, body, OperationKind::Restart).await
}

pub(crate) async fn reboot(platform: Platform, caller: Caller, body: OperationRequest) -> Result<OperationRequested> {
    ask(platform, caller, body, OperationKind::Reboot).await
}

pub(crate) async fn shutdown(platform: Platform, caller: Caller, body: OperationRequest) -> Result<OperationRequested> {
    ask(platform, caller, body, OperationKind::Shutdown).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperationCancel {
    /// 运维操作 ID
    operation_id: i64,
}

pub(crate) async fn cancel(platform: Platform, caller: Caller, body: OperationCancel) -> Result<Nothing> {
    operations::cancel(&platform, &caller, body.operation_id).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperationListQuery {
    /// 部门 ID: that department and all below; everything the caller may see when absent
    dep_id: Option<i64>,
    /// 机器人 ID: only of this robot
    robot_id: Option<i64>,
    /// 滚动升级 ID: only of this rolling upgrade
    rollout_id: Option<i64>,
    /// 页码, from 1
    #[schemars(range(min = 1))]
    page_num: Option<i64>,
    /// 每页条目数, 1 to 1000, 100 when absent
    #[schemars(range(min = 1, max = 1000))]
    page_size: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperationList {
    /// 运维操作列表, the latest first
    operations: Vec<RobotOperation>,
    /// 总数
    total: u64,
}

/// 运维操作
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotOperation {
    /// 运维操作 ID
    operation_id: i64,
    /// 部门 ID
    dep_id: i64,
    /// 机器人 ID
    robot_id: i64,
    /// 操作: restart, reboot, shutdown or upgrade
    kind: String,
    /// 状态: planned, waiting, accepted, done, failed, refused, expired or cancelled
    state: String,
    /// 说明: what the robot says of it
    detail: String,
    /// 滚动升级 ID; 0 for none
    rollout_id: i64,
    /// 批次, from 1
    wave: i64,
    /// 操作前版本
    version_before: String,
    /// 创建时间, yyyy-MM-dd HH:mm:ss
    create_time: String,
    /// 结束时间, yyyy-MM-dd HH:mm:ss; "" while it is not over
    end_time: String,
}

pub(crate) fn shown(platform: &Platform, row: robot_operation::Model) -> RobotOperation {
    RobotOperation {
        operation_id: row.id,
        dep_id: row.department_id,
        robot_id: row.robot_id,
        kind: row.kind,
        state: row.state,
        detail: row.detail,
        rollout_id: row.rollout_id.unwrap_or(0),
        wave: row.wave + 1,
        version_before: row.version_before.unwrap_or_default(),
        create_time: wire::time(platform, row.created_at),
        end_time: wire::time_or_empty(platform, row.ended_at),
    }
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: OperationListQuery) -> Result<OperationList> {
    let page = Page::new(body.page_num, body.page_size)?;
    let which = Which { department_id: body.dep_id, robot_id: body.robot_id, rollout_id: body.rollout_id };
    let page = operations::list(&platform, &caller, which, page).await?.map(|row| shown(&platform, row));
    Ok(OperationList { operations: page.rows, total: page.total })
}
