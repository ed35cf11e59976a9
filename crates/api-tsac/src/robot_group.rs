//! 机器人组 (6.2.10.6 to 6.2.10.11): sets of robots that processes run on.

use baigong_api_kit::Nothing;
use baigong_core::{Platform, robot_groups};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, wire::ListQuery};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotGroupCreate {
    /// 部门 ID
    dep_id: i64,
    /// 机器人组名称
    robot_group_name: String,
    /// 备注
    remark: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotGroupCreated {
    /// 机器人组 ID
    robot_group_id: i64,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: RobotGroupCreate) -> Result<RobotGroupCreated> {
    let new =
        robot_groups::NewRobotGroup { department_id: body.dep_id, name: body.robot_group_name, remark: body.remark };
    Ok(RobotGroupCreated { robot_group_id: robot_groups::create(&platform, &caller, new).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotGroupMembers {
    /// 机器人 ID 组
    robot_ids: Vec<i64>,
    /// 机器人组 ID
    robot_group_id: i64,
}

pub(crate) async fn append(platform: Platform, caller: Caller, body: RobotGroupMembers) -> Result<Nothing> {
    robot_groups::append(&platform, &caller, body.robot_group_id, &body.robot_ids).await?;
    Ok(Nothing {})
}

pub(crate) async fn remove(platform: Platform, caller: Caller, body: RobotGroupMembers) -> Result<Nothing> {
    robot_groups::remove(&platform, &caller, body.robot_group_id, &body.robot_ids).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotGroupDelete {
    /// 机器人组 ID
    robot_group_id: i64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotGroupDeleted {
    /// 受影响流程 ID 组
    affected_process_ids: Vec<i64>,
    /// 受影响调度 ID 组
    affected_trigger_ids: Vec<i64>,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: RobotGroupDelete) -> Result<RobotGroupDeleted> {
    let affected = robot_groups::delete(&platform, &caller, body.robot_group_id).await?;
    Ok(RobotGroupDeleted { affected_process_ids: affected.process_ids, affected_trigger_ids: affected.trigger_ids })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotGroupUpdate {
    /// 机器人组 ID
    robot_group_id: i64,
    /// 机器人组名称
    robot_group_name: Option<String>,
    /// 备注
    remark: Option<String>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: RobotGroupUpdate) -> Result<Nothing> {
    let change = robot_groups::Change { name: body.robot_group_name, remark: body.remark };
    robot_groups::update(&platform, &caller, body.robot_group_id, change).await?;
    Ok(Nothing {})
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotGroupList {
    /// 机器人组列表
    robot_groups: Vec<RobotGroup>,
    /// 总数 (extension)
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RobotGroup {
    /// 机器人组 ID
    robot_group_id: i64,
    /// 部门 ID
    dep_id: i64,
    /// 机器人组名称
    robot_group_name: String,
    /// 机器人 ID 组
    robot_ids: Vec<i64>,
    /// 备注
    remark: String,
    /// 是否删除
    is_deleted: bool,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: ListQuery) -> Result<RobotGroupList> {
    let page = robot_groups::list(&platform, &caller, &body.input()?).await?.map(
        |robot_groups::ListedGroup { group, robot_ids }| RobotGroup {
            robot_group_id: group.id,
            dep_id: group.department_id,
            robot_group_name: group.name,
            robot_ids,
            remark: group.remark.unwrap_or_default(),
            is_deleted: group.deleted_at.is_some(),
        },
    );
    Ok(RobotGroupList { robot_groups: page.rows, total: page.total })
}
