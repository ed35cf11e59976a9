//! 流程 (6.3.4): what is run, with which package version.

use baigong_api_kit::Nothing;
use baigong_model::Result;
use baigong_tsac_kit::Parameter;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    dialect::{Caller, Served},
    wire::ListQuery,
};
use crate::own::processes;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProcessCreate {
    /// 流程名称
    process_name: String,
    /// 流程备注
    remark: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProcessCreated {
    /// 流程 ID: above 1000000000, so that none of a platform's looks the same
    process_id: i64,
}

pub(crate) async fn create(Served(robot): Served, _: Caller, body: ProcessCreate) -> Result<ProcessCreated> {
    Ok(ProcessCreated { process_id: processes::create(&robot, &body.process_name, body.remark).await? })
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

pub(crate) async fn activate(Served(robot): Served, _: Caller, body: ProcessActivate) -> Result<Nothing> {
    let given = body.in_parameters.into_iter().map(Into::into).collect();
    processes::activate(&robot, body.process_id, body.package_id, given, body.task_name).await.map(|()| Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProcessDelete {
    /// 流程 ID
    process_id: i64,
}

pub(crate) async fn delete(Served(robot): Served, _: Caller, body: ProcessDelete) -> Result<Nothing> {
    processes::delete(&robot, body.process_id).await.map(|()| Nothing {})
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
}

pub(crate) async fn update(Served(robot): Served, _: Caller, body: ProcessUpdate) -> Result<Nothing> {
    processes::update(&robot, body.process_id, body.process_name, body.remark).await.map(|()| Nothing {})
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
    /// 流程名称
    process_name: String,
    /// 流程备注
    remark: String,
    /// 是否删除
    is_deleted: bool,
    /// 激活的流程包 ID (extension); null until one is activated
    package_id: Option<i64>,
    /// 流程包任务名 (extension)
    task_name: Option<String>,
}

pub(crate) async fn list(Served(robot): Served, _: Caller, body: ListQuery) -> Result<ProcessList> {
    let page = processes::list(&robot, body.page()?, body.with_deleted(), body.keyword()).await?;
    let page = page.map(|row| Process {
        process_id: row.id,
        process_name: row.name,
        remark: row.remark.unwrap_or_default(),
        is_deleted: row.deleted_at.is_some(),
        package_id: row.package_id,
        task_name: row.task_name,
    });
    Ok(ProcessList { processes: page.rows, total: page.total })
}
