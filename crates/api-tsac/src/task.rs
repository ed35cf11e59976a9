//! 任务 (6.2.7): runs of processes.

use baigong_api_kit::Nothing;
use baigong_core::{Platform, recordings, tasks};
use baigong_model::{Error, Page, Result, TaskState};
use baigong_tsac_kit::phrases::told;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{self, Parameter},
};

/// The number of a stored state.
fn status(state: &str) -> Result<i32> {
    let state: TaskState = state.parse().map_err(|()| Error::internal(format!("unknown task state {state}")))?;
    Ok(wire::task_status(state))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskCreate {
    /// 流程 ID
    process_id: i64,
    /// 创建数量: 1 to 10000, 1 when absent
    #[schemars(range(min = 1, max = 10_000))]
    total_count: Option<i64>,
    /// 机器人 ID 组: only these robots; the process's robot group when absent
    #[serde(default)]
    robot_ids: Vec<i64>,
    /// 机器人组 ID: another group than the process's
    robot_group_id: Option<i64>,
    /// 优先级: 0-高 1-中 2-低
    #[schemars(range(min = 0, max = 2))]
    priority: i64,
    /// 是否录屏
    is_record: bool,
    /// 是否报警
    is_warn: Option<bool>,
    /// 报警方式: 0-邮件 1-短信 2-IM
    #[schemars(range(min = 0, max = 2))]
    warn_type: Option<i64>,
    /// 入参列表
    #[serde(default)]
    in_parameters: Vec<Parameter>,
    /// 流程包任务名 (extension): another task of the package than the process's
    task_name: Option<String>,
    /// 任务最长运行时长, in minutes; 0 or absent: no limit
    #[schemars(range(min = 0, max = 5_270_400))]
    max_run_time: Option<i64>,
    /// 任务最长等待时间, in minutes; 0 or absent: no limit
    #[schemars(range(min = 0, max = 5_270_400))]
    max_waiting_time: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskCreated {
    /// 任务 ID 组
    task_ids: Vec<i64>,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: TaskCreate) -> Result<TaskCreated> {
    let new = tasks::NewTasks {
        process_id: body.process_id,
        total_count: body.total_count,
        robot_ids: body.robot_ids,
        robot_group_id: body.robot_group_id,
        priority: body.priority,
        is_record: body.is_record,
        is_warn: body.is_warn.unwrap_or(false),
        warn_type: body.warn_type,
        in_parameters: body.in_parameters.into_iter().map(Into::into).collect(),
        task_name: body.task_name,
        max_run_time: body.max_run_time.unwrap_or(0),
        max_waiting_time: body.max_waiting_time.unwrap_or(0),
    };
    Ok(TaskCreated { task_ids: tasks::create(&platform, &caller, new).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskId {
    /// 任务 ID
    task_id: i64,
}

pub(crate) async fn cancel(platform: Platform, caller: Caller, body: TaskId) -> Result<Nothing> {
    tasks::cancel(&platform, &caller, body.task_id).await?;
    Ok(Nothing {})
}

pub(crate) async fn pause(platform: Platform, caller: Caller, body: TaskId) -> Result<Nothing> {
    tasks::pause(&platform, &caller, body.task_id).await?;
    Ok(Nothing {})
}

pub(crate) async fn resume(platform: Platform, caller: Caller, body: TaskId) -> Result<Nothing> {
    tasks::resume(&platform, &caller, body.task_id).await?;
    Ok(Nothing {})
}

/// 等待原因 (extension).
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Waits {
    /// 等待原因 (extension), while it waits or stands still: notYetConsidered, taskPaused, noRobotOnline, robotsStopped,
    /// robotsPaused, maintenanceWindow, robotDeclines, robotsBusy, priority; others may be added
    waiting_reason: Option<String>,
    /// 等待至 (extension), yyyy-MM-dd HH:mm:ss: until when that lasts, where it is known
    waiting_until: Option<String>,
    /// 等待说明 (extension): what the robot said, or which maintenance window it is
    waiting_detail: Option<String>,
}

fn waits(platform: &Platform, waiting: Option<tasks::Waiting>) -> Waits {
    Waits {
        waiting_reason: waiting.as_ref().map(|it| it.reason.as_str().to_owned()),
        waiting_until: waiting.as_ref().and_then(|it| it.until).map(|until| wire::time(platform, until)),
        waiting_detail: waiting.and_then(|it| it.detail).map(|text| told(&text)),
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskDetail {
    /// 任务创建类型: 0-管理平台启动 1-机器人客户端启动 2-api 启动
    create_mode_type: i32,
    /// 部门 ID
    dep_id: i64,
    /// 机器人 ID; 0 until it is given to one
    robot_id: i64,
    /// 流程 ID
    process_id: i64,
    /// 调度 ID; 0 unless a trigger made it
    trigger_id: i64,
    /// 任务状态, as text here: 0-成功 1-失败 2-进行中 3-已取消 4-暂停
    task_status: String,
    /// 是否录屏
    is_record: bool,
    /// 录屏文件 ID 组
    record_file_ids: Vec<i64>,
    /// 是否报警
    is_warn: bool,
    /// 报警方式: 0-邮件 1-短信 2-IM; 0 when none was asked for
    warn_type: i32,
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
    #[serde(flatten)]
    waits: Waits,
    /// 结果说明 (extension): why it ended as it did
    task_message: Option<String>,
    /// 当前步骤 (extension): where it is
    current_step: Option<String>,
    /// 流程包任务名 (extension): which task of the package it runs; null where the package has just one
    task_name: Option<String>,
    /// 执行次数 (extension): how many tries have begun; 0 until the first does
    attempts: i32,
    /// 失败重试次数 (extension): how often it is tried again after a run that reported a failure
    fail_try_times: i32,
    /// 是否已删除 (extension)
    is_deleted: bool,
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: TaskId) -> Result<TaskDetail> {
    let tasks::Details { task, waiting } = tasks::query(&platform, &caller, body.task_id).await?;
    let record_file_ids = recordings::ids_of(&platform, &task).await?;
    Ok(TaskDetail {
        create_mode_type: task.create_mode,
        dep_id: task.department_id,
        robot_id: task.robot_id.unwrap_or(0),
        process_id: task.process_id,
        trigger_id: task.trigger_id.unwrap_or(0),
        task_status: status(&task.state)?.to_string(),
        is_record: task.is_record,
        record_file_ids,
        is_warn: task.is_warn,
        warn_type: task.warn_type.unwrap_or(0),
        in_parameters: wire::stored_parameters(&task.in_parameters)?,
        out_parameters: task.out_parameters.as_deref().map_or(Ok(Vec::new()), wire::stored_parameters)?,
        priority: task.priority,
        start_time: wire::time_or_empty(&platform, task.started_at),
        stop_time: wire::time_or_empty(&platform, task.ended_at),
        max_run_time: task.max_run_minutes,
        max_waiting_time: task.max_wait_minutes,
        task_state: task.state,
        is_deleted: task.deleted_at.is_some(),
        waits: waits(&platform, waiting),
        attempts: task.failures + i32::from(task.started_at.is_some()),
        fail_try_times: task.fail_try_times,
        task_message: task.message.map(|text| told(&text)),
        current_step: task.current_step,
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
    /// 部门 ID: that department and all below; everything the caller may see when absent
    dep_id: Option<i64>,
    /// 页码, from 1
    #[schemars(range(min = 1))]
    page_num: Option<i64>,
    /// 每页条目数, 1 to 1000, 100 when absent
    #[schemars(range(min = 1, max = 1000))]
    page_size: Option<i64>,
    /// 关键字 (extension): a part of the process's name
    keyword: Option<String>,
    /// 是否包含已删除 (extension): tasks are deleted through OAPI
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
    /// 部门 ID
    dep_id: i64,
    /// 机器人 ID; 0 until it is given to one
    robot_id: i64,
    /// 流程 ID
    process_id: i64,
    /// 任务状态: 0-成功 1-失败 2-进行中 3-已取消 4-暂停
    task_status: i32,
    /// 开始时间, yyyy-MM-dd HH:mm:ss; "" until it starts
    start_time: String,
    /// 结束时间, yyyy-MM-dd HH:mm:ss; "" until it ends
    end_time: String,
    /// 任务内部状态 (extension)
    task_state: String,
    /// 是否已删除 (extension)
    is_deleted: bool,
    #[serde(flatten)]
    waits: Waits,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: TaskListQuery) -> Result<TaskList> {
    let until = wire::parse_time(&platform, "runningStartTimeRange_endTime", body.started_until.as_deref())?;
    let filter = tasks::Filter {
        department_id: body.dep_id,
        process_id: body.process_id,
        started_from: wire::parse_time(&platform, "runningStartTimeRange_startTime", body.started_from.as_deref())?,
        started_until: until.map(|second| second + 999),
        keyword: body.keyword.filter(|text| !text.is_empty()),
        include_deleted: body.include_deleted.unwrap_or(false),
    };
    let page = tasks::list(&platform, &caller, filter, Page::new(body.page_num, body.page_size)?).await?;
    let rows = page.rows.into_iter().map(|tasks::Details { task, waiting }| {
        Ok(Task {
            task_id: task.id,
            dep_id: task.department_id,
            robot_id: task.robot_id.unwrap_or(0),
            process_id: task.process_id,
            task_status: status(&task.state)?,
            start_time: wire::time_or_empty(&platform, task.started_at),
            end_time: wire::time_or_empty(&platform, task.ended_at),
            task_state: task.state,
            is_deleted: task.deleted_at.is_some(),
            waits: waits(&platform, waiting),
        })
    });
    Ok(TaskList { tasks: rows.collect::<Result<_>>()?, total: page.total })
}
