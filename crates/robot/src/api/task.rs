//! 任务 (6.3.5): runs of processes, this robot's own and those of its platform.

use baigong_api_kit::Nothing;
use baigong_model::{Error, Page, Result, TaskState};
use baigong_robot_store::{
    entity::{recording, task},
    tasks::Filter,
};
use baigong_tsac_kit::{
    Parameter,
    wire::{parse_time, stored_parameters, task_status},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    dialect::{Caller, Served},
    wire,
};
use crate::own::tasks;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskCreate {
    /// 流程 ID
    process_id: i64,
    /// 创建数量: 1 to 10000, 1 when absent
    total_count: Option<i64>,
    /// 优先级: 0-高 1-中 2-低; 1 when absent
    priority: Option<i64>,
    /// 是否录屏
    is_record: bool,
    /// 入参列表
    #[serde(default)]
    in_parameters: Vec<Parameter>,
    /// 流程包任务名 (extension): another task of the package than the process's
    task_name: Option<String>,
    /// 任务最长运行时长, in minutes; 0 or absent: no limit
    max_run_time: Option<i64>,
    /// 任务最长等待时间, in minutes; 0 or absent: no limit
    max_waiting_time: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskCreated {
    /// 任务 ID 组: above 1000000000, so that none of a platform's looks the same
    task_ids: Vec<i64>,
}

pub(crate) async fn create(Served(robot): Served, _: Caller, body: TaskCreate) -> Result<TaskCreated> {
    let new = tasks::NewTasks {
        process_id: body.process_id,
        total_count: body.total_count.unwrap_or(1),
        priority: body.priority.unwrap_or(1),
        is_record: body.is_record,
        in_parameters: body.in_parameters.into_iter().map(Into::into).collect(),
        task_name: body.task_name,
        max_run_time: body.max_run_time.unwrap_or(0),
        max_waiting_time: body.max_waiting_time.unwrap_or(0),
    };
    Ok(TaskCreated { task_ids: tasks::create(&robot, new).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskId {
    /// 任务 ID
    task_id: i64,
}

pub(crate) async fn cancel(Served(robot): Served, _: Caller, body: TaskId) -> Result<Nothing> {
    tasks::cancel(&robot, body.task_id).await.map(|()| Nothing {})
}

pub(crate) async fn pause(Served(robot): Served, _: Caller, body: TaskId) -> Result<Nothing> {
    tasks::pause(&robot, body.task_id).await.map(|()| Nothing {})
}

pub(crate) async fn resume(Served(robot): Served, _: Caller, body: TaskId) -> Result<Nothing> {
    tasks::resume(&robot, body.task_id).await.map(|()| Nothing {})
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskDetail {
    /// 流程 ID
    process_id: i64,
    /// 流程名称
    process_name: String,
    /// 任务状态: 0-成功 1-失败 2-进行中 3-已取消 4-暂停
    task_status: i32,
    /// 是否录屏
    is_record: bool,
    /// 录屏文件 ID 组
    record_file_ids: Vec<i64>,
    /// 入参列表
    in_parameters: Vec<Parameter>,
    /// 出参列表
    out_parameters: Vec<Parameter>,
    /// 优先级: 0-高 1-中 2-低
    priority: i32,
    /// 开始时间, yyyy-MM-dd HH:mm:ss; "" until it starts
    start_time: String,
    /// 结束时间, yyyy-MM-dd HH:mm:ss; "" until it ends
    stop_time: String,
    /// 任务最长运行时长, in minutes
    max_run_time: i64,
    /// 任务最长等待时间, in minutes
    max_waiting_time: i64,
    /// 任务内部状态 (extension): queued, assigned, running, paused, stopping, succeeded, failed, cancelled, wait-expired,
    /// run-expired, lost
    task_state: String,
    /// 结果说明 (extension): why it ended as it did
    task_message: Option<String>,
    /// 是否由管理平台创建 (extension)
    is_of_platform: bool,
    /// 流程包任务名 (extension)
    task_name: Option<String>,
}

pub(crate) async fn query(Served(robot): Served, _: Caller, body: TaskId) -> Result<TaskDetail> {
    let (task, recordings) = tasks::query(&robot, body.task_id).await?;
    Ok(TaskDetail {
        process_id: task.process_id,
        task_status: status(&task)?,
        is_record: task.is_record,
        record_file_ids: ids(&recordings),
        in_parameters: stored_parameters(&task.in_parameters)?,
        out_parameters: task.out_parameters.as_deref().map_or(Ok(Vec::new()), stored_parameters)?,
        priority: task.priority,
        start_time: wire::time_or_empty(&robot, task.started_at),
        stop_time: wire::time_or_empty(&robot, task.ended_at),
        max_run_time: task.max_run_minutes,
        max_waiting_time: task.max_wait_minutes,
        process_name: task.process_name,
        task_state: task.state,
        task_message: task.message,
        is_of_platform: !task.is_own,
        task_name: task.task_name,
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskListQuery {
    /// 任务开始运行时间范围_开始时间, yyyy-MM-dd HH:mm:ss
    #[serde(rename = "runningStartTimeRange_startTime")]
    started_from: Option<String>,
    /// 任务开始运行时间范围_结束时间, yyyy-MM-dd HH:mm:ss; the whole of that second
    #[serde(rename = "runningStartTimeRange_endTime")]
    started_until: Option<String>,
    /// 流程 ID
    process_id: Option<i64>,
    /// 页码, from 1
    page_num: Option<i64>,
    /// 每页条目数, 1 to 1000, 100 when absent
    page_size: Option<i64>,
    /// 关键字 (extension): a part of the process's name
    keyword: Option<String>,
    /// 是否包含已删除 (extension): tasks are never deleted, so that it changes nothing here
    #[expect(dead_code, reason = "every list takes it, and the OpenAPI document says so")]
    include_deleted: Option<bool>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct TaskList {
    /// 任务列表, newest first
    tasks: Vec<Task>,
    /// 总数 (extension)
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Task {
    /// 任务 ID
    task_id: i64,
    /// 流程 ID
    process_id: i64,
    /// 任务状态: 0-成功 1-失败 2-进行中 3-已取消 4-暂停
    task_status: i32,
    /// 是否录屏
    is_record: bool,
    /// 录屏文件 ID 组
    record_file_ids: Vec<i64>,
    /// 开始时间, yyyy-MM-dd HH:mm:ss; "" until it starts
    start_time: String,
    /// 结束时间, yyyy-MM-dd HH:mm:ss; "" until it ends
    end_time: String,
    /// 任务内部状态 (extension)
    task_state: String,
    /// 是否由管理平台创建 (extension)
    is_of_platform: bool,
}

pub(crate) async fn list(Served(robot): Served, _: Caller, body: TaskListQuery) -> Result<TaskList> {
    let time = |field: &str, text: Option<String>| parse_time(&robot.options.time_zone, field, text.as_deref());
    let until = time("runningStartTimeRange_endTime", body.started_until)?;
    let filter = Filter {
        process_id: body.process_id,
        started_from: time("runningStartTimeRange_startTime", body.started_from)?,
        started_until: until.map(|second| second + 999),
        keyword: body.keyword.filter(|text| !text.is_empty()),
    };
    let page = tasks::list(&robot, &filter, Page::new(body.page_num, body.page_size)?).await?;
    let rows = page.rows.into_iter().map(|(task, recordings)| {
        Ok(Task {
            task_id: task.id,
            process_id: task.process_id,
            task_status: status(&task)?,
            is_record: task.is_record,
            record_file_ids: ids(&recordings),
            start_time: wire::time_or_empty(&robot, task.started_at),
            end_time: wire::time_or_empty(&robot, task.ended_at),
            task_state: task.state,
            is_of_platform: !task.is_own,
        })
    });
    Ok(TaskList { tasks: rows.collect::<Result<_>>()?, total: page.total })
}

fn status(task: &task::Model) -> Result<i32> {
    let state: TaskState = task.state.parse().map_err(|()| Error::internal("unknown task state"))?;
    Ok(task_status(state))
}

fn ids(recordings: &[recording::Model]) -> Vec<i64> {
    recordings.iter().map(|recording| recording.id).collect()
}
