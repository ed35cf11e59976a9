//! 流程 (6.2.5): what is run, on which robots, with which package version.

use baigong_api_kit::Nothing;
use baigong_core::{Platform, processes};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{ListQuery, Parameter},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProcessCreate {
    /// 流程名称
    process_name: String,
    /// 流程备注
    remark: Option<String>,
    /// 部门 ID
    dep_id: i64,
    /// 机器人组 ID
    robot_group_id: i64,
    /// 是否录屏
    is_record: bool,
    /// 失败重试次数 (extension), 0 to 10: how often a task is tried again after a run that reported a failure; 0 when absent
    #[schemars(range(min = 0, max = 10))]
    fail_try_times: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProcessCreated {
    /// 流程 ID
    process_id: i64,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: ProcessCreate) -> Result<ProcessCreated> {
    let new = processes::NewProcess {
        department_id: body.dep_id,
        robot_group_id: body.robot_group_id,
        name: body.process_name,
        remark: body.remark,
        is_record: body.is_record,
        fail_try_times: body.fail_try_times.unwrap_or(0),
    };
    Ok(ProcessCreated { process_id: processes::create(&platform, &caller, new).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProcessActivate {
    /// 流程 ID
    process_id: i64,
    /// 流程包 ID
    package_id: i64,
    /// 入参列表: for every run unless a task says otherwise
    #[serde(default)]
    in_parameters: Vec<Parameter>,
    /// 流程包任务名 (extension): which task of a package with several (`robot.yaml`) is run; the first when absent
    task_name: Option<String>,
}

pub(crate) async fn activate(platform: Platform, caller: Caller, body: ProcessActivate) -> Result<Nothing> {
    let parameters = body.in_parameters.into_iter().map(Into::into).collect();
    let (process, package) = (body.process_id, body.package_id);
    processes::activate_package_version(&platform, &caller, process, package, parameters, body.task_name).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProcessDelete {
    /// 流程 ID
    process_id: i64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProcessDeleted {
    /// 受影响调度 ID 组: those that used it. They are deactivated, until they are given another process and activated
    affected_trigger_ids: Vec<i64>,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: ProcessDelete) -> Result<ProcessDeleted> {
    Ok(ProcessDeleted { affected_trigger_ids: processes::delete(&platform, &caller, body.process_id).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProcessUpdate {
    /// 流程 ID
    process_id: i64,
    /// 流程名称
    process_name: Option<String>,
    /// 流程备注
    remark: Option<String>,
    /// 机器人组 ID
    robot_group_id: Option<i64>,
    /// 是否录屏
    is_record: Option<bool>,
    /// 失败重试次数 (extension), 0 to 10: of tasks that are made from now on
    #[schemars(range(min = 0, max = 10))]
    fail_try_times: Option<i64>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: ProcessUpdate) -> Result<Nothing> {
    let change = processes::Change {
        name: body.process_name,
        remark: body.remark,
        robot_group_id: body.robot_group_id,
        is_record: body.is_record,
        fail_try_times: body.fail_try_times,
    };
    processes::update(&platform, &caller, body.process_id, change).await?;
    Ok(Nothing {})
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct ProcessList {
    /// 流程列表
    processes: Vec<Process>,
    /// 总数 (extension)
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Process {
    /// 流程 ID
    process_id: i64,
    /// 部门 ID
    dep_id: i64,
    /// 流程名称
    process_name: String,
    /// 流程备注
    remark: String,
    /// 机器人组 ID
    robot_group_id: i64,
    /// 是否录屏
    is_record: bool,
    /// 是否删除
    is_deleted: bool,
    /// 激活的流程包 ID (extension); null until one is activated
    package_id: Option<i64>,
    /// 流程包任务名 (extension): which task of the package is run; null where it has just one
    task_name: Option<String>,
    /// 失败重试次数 (extension)
    fail_try_times: i32,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: ListQuery) -> Result<ProcessList> {
    let page = processes::list(&platform, &caller, &body.input()?).await?.map(|row| Process {
        process_id: row.id,
        dep_id: row.department_id,
        process_name: row.name,
        remark: row.remark.unwrap_or_default(),
        robot_group_id: row.robot_group_id,
        is_record: row.is_record,
        is_deleted: row.deleted_at.is_some(),
        package_id: row.package_id,
        task_name: row.task_name,
        fail_try_times: row.fail_try_times,
    });
    Ok(ProcessList { processes: page.rows, total: page.total })
}
