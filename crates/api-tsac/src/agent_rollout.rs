//! 滚动升级 (extensions after 5.3): many robots get a version, wave by wave.

use baigong_api_kit::Nothing;
use baigong_core::{Platform, agent_rollouts as rollouts, rows::agent_rollout};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    robot_operation::{self, RobotOperation},
    wire::{self, ListQuery},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RolloutCreate {
    /// 滚动升级名称
    rollout_name: String,
    /// 部门 ID
    dep_id: i64,
    /// 机器人版本 ID
    agent_version_id: i64,
    /// 机器人 ID 列表, in the order of their waves
    #[serde(default)]
    robot_ids: Vec<i64>,
    /// 机器人组 ID: all its robots, after those
    robot_group_id: Option<i64>,
    /// 每批机器人数; 10 when absent
    wave_size: Option<i64>,
    /// 同时升级的最大机器人数; 1 when absent
    max_unavailable: Option<i64>,
    /// 等待运行中任务结束的秒数: then they are stopped; 600 when absent
    drain_seconds: Option<i64>,
    /// 是否允许降级: robots may get an older version than theirs
    allow_downgrade: Option<bool>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RolloutCreated {
    /// 滚动升级 ID
    rollout_id: i64,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: RolloutCreate) -> Result<RolloutCreated> {
    let new = rollouts::NewRollout {
        department_id: body.dep_id,
        name: body.rollout_name,
        version_id: body.agent_version_id,
        robots: body.robot_ids,
        group_id: body.robot_group_id,
        wave_size: body.wave_size.unwrap_or(10),
        most_at_once: body.max_unavailable.unwrap_or(1),
        drain_seconds: body.drain_seconds.unwrap_or(600),
        allows_older: body.allow_downgrade.unwrap_or(false),
    };
    Ok(RolloutCreated { rollout_id: rollouts::create(&platform, &caller, new).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RolloutId {
    /// 滚动升级 ID
    rollout_id: i64,
}

pub(crate) async fn stop(platform: Platform, caller: Caller, body: RolloutId) -> Result<Nothing> {
    rollouts::stop(&platform, &caller, body.rollout_id).await?;
    Ok(Nothing {})
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RolloutDetails {
    #[serde(flatten)]
    rollout: Rollout,
    /// 版本号
    version: String,
    /// 各机器人的升级状态, wave by wave
    robots: Vec<RobotOperation>,
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: RolloutId) -> Result<RolloutDetails> {
    let details = rollouts::query(&platform, &caller, body.rollout_id).await?;
    Ok(RolloutDetails {
        rollout: shown(&platform, details.rollout),
        version: details.version,
        robots: details.robots.into_iter().map(|row| robot_operation::shown(&platform, row)).collect(),
    })
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RolloutList {
    /// 滚动升级列表
    rollouts: Vec<Rollout>,
    /// 总数
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Rollout {
    /// 滚动升级 ID
    rollout_id: i64,
    /// 滚动升级名称
    rollout_name: String,
    /// 部门 ID
    dep_id: i64,
    /// 机器人版本 ID
    agent_version_id: i64,
    /// 状态: running, stopped or done
    state: String,
    /// 停止原因
    reason: String,
    /// 每批机器人数
    wave_size: i64,
    /// 同时升级的最大机器人数
    max_unavailable: i64,
    /// 等待运行中任务结束的秒数
    drain_seconds: i64,
    /// 创建时间, yyyy-MM-dd HH:mm:ss
    create_time: String,
    /// 结束时间, yyyy-MM-dd HH:mm:ss; "" while it is not over
    end_time: String,
}

fn shown(platform: &Platform, row: agent_rollout::Model) -> Rollout {
    Rollout {
        rollout_id: row.id,
        rollout_name: row.name,
        dep_id: row.department_id,
        agent_version_id: row.version_id,
        state: row.state,
        reason: row.reason.unwrap_or_default(),
        wave_size: row.wave_size,
        max_unavailable: row.most_at_once,
        drain_seconds: row.drain_seconds,
        create_time: wire::time(platform, row.created_at),
        end_time: wire::time_or_empty(platform, row.ended_at),
    }
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: ListQuery) -> Result<RolloutList> {
    let page = rollouts::list(&platform, &caller, &body.input()?).await?.map(|row| shown(&platform, row));
    Ok(RolloutList { rollouts: page.rows, total: page.total })
}
