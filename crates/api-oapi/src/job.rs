//! 流程任务管理 (3.9): tasks, as the other interfaces call them. Their fields are in capitals, as printed.

use baigong_api_kit::Nothing;
use baigong_core::{
    Platform,
    directory::{Directory, Wanted},
    pools, tasks, triggers,
};
use baigong_model::{Error, Result, TaskState, ids::RobotId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    agent::id_of,
    process::file_of,
    schedule::robot_texts,
    wire::{PageQuery, Rows},
};

#[derive(Deserialize, JsonSchema)]
pub(crate) struct JobQuery {
    /// 流程 ID
    id: i64,
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) struct Job {
    /// 开始运行时间
    start_time: Option<i64>,
    /// 当前执行机器人
    curr_robot_no: String,
    /// 人工执行耗时, 分钟
    proc_hand_do_min: i64,
    /// 所有者 id
    owber_user_id: i64,
    /// 流程编号
    proc_code: String,
    /// 任务产生时间
    job_time: i64,
    /// 优先级: 0 紧急, 1 普通, 2 低级
    priority: i32,
    /// 使用者信息
    apply_users: String,
    /// 等待时长, 秒
    pending_time: i64,
    /// 当前执行机器人别名
    curr_robot_name: String,
    /// 版本发布时间
    publish_time: Option<i64>,
    /// 运行时长, 秒
    run_time_sec: i64,
    /// 流程版本
    proc_ver: String,
    /// 状态: pending, running, success, failing, failed, stopping, stopped, pendout, runout, cancelled
    status: &'static str,
    /// 结束运行时间
    end_time: Option<i64>,
    /// 所有者名称
    owber_user: String,
    /// 失败重试次数
    fail_try_times: i32,
    /// 描述
    description: String,
    /// 流程名称
    proc_name: String,
    /// ID
    id: i64,
    /// 产生方式
    produce_type: &'static str,
    /// 创建时间
    create_time: i64,
    /// 任务编号
    job_no: String,
    /// 候选机器人信息
    exec_robots_no: String,
    /// 运行次数
    run_times: i32,
    /// 机器人开始时间
    robot_start_time: Option<i64>,
    /// 调度类型
    sch_type: &'static str,
    /// 等待超时时间，分钟
    pending_timeout: i64,
    /// 等待次数
    wait_times: i64,
    /// 自动停止时长，分钟
    auto_stop_time: i64,
    /// 任务顺序
    job_order: i64,
    /// 候选机器人主机名
    exec_robots_names: String,
    /// 开发者用户名
    developer_user: String,
    /// 运行超时时间，分钟
    running_timeout: i64,
    /// 所属部门编号: the cascade
    org_code: String,
    /// 候选机器人别名
    exec_robots_alias: String,
    /// 任务类型: plan, or who asked for it
    job_type: String,
    /// 当前部门名称
    cur_org_name: String,
    /// 流程文件
    proc_file: String,
    /// 机器人结束时间
    robot_end_time: Option<i64>,
    /// 修改时间
    modify_time: i64,
}

pub(crate) async fn list(platform: Platform, caller: Caller, query: JobQuery) -> Result<Rows<Job>> {
    let filter = tasks::Filter { process_id: Some(query.id), ..tasks::Filter::default() };
    let page = tasks::list(&platform, &caller, filter, query.page.page()?).await?.map(|row| row.task);
    let mut pools: Vec<i64> = page.rows.iter().map(|task| task.pool_id).collect();
    pools.sort_unstable();
    pools.dedup();
    let pools = pools::listed(&platform, &caller, &pools).await?;
    let of_tasks = page.rows.iter().filter_map(|task| task.robot_id);
    let wanted = Wanted {
        users: page.rows.iter().map(|task| task.created_by).collect(),
        robots: pools.values().flatten().copied().chain(of_tasks).collect(),
        processes: page.rows.iter().map(|task| task.process_id).collect(),
        packages: page.rows.iter().map(|task| task.package_id).collect(),
    };
    let (directory, now) = (Directory::look_up(&platform, wanted).await?, platform.now());
    let jobs = page.rows.into_iter().map(|task| {
        let robots = pools.get(&task.pool_id).map(Vec::as_slice);
        shown(&directory, &task, robots, now)
    });
    let rows = jobs.collect::<Result<Vec<_>>>()?;
    Ok(baigong_model::PageOf { rows, total: page.total }.into())
}

fn shown(directory: &Directory, task: &Task, robots: Option<&[RobotId]>, now: i64) -> Result<Job> {
    let state: TaskState = task.state.parse().map_err(|()| Error::internal("unknown task state"))?;
    let process = directory.processes.get(&task.process_id);
    let package = directory.packages.get(&task.package_id);
    let robot = task.robot_id.and_then(|id| directory.robots.get(&id));
    let (owner_id, code) =
        (process.map_or(0, |process| process.created_by), directory.tree.cascade_code(task.department_id));
    let user = directory.user(task.created_by);
    let [numbers, hosts, names] = robot_texts(directory, robots);
    let waited = task.started_at.or(task.ended_at).unwrap_or(now) - task.created_at;
    let ran = task.started_at.map_or(0, |start| task.ended_at.unwrap_or(now) - start);
    let is_planned = task.trigger_id.is_some() && task.create_mode == 0;
    Ok(Job {
        start_time: task.started_at,
        curr_robot_no: task.robot_id.map(|id| format!("-{id}-")).unwrap_or_default(),
        proc_hand_do_min: 0,
        owber_user_id: owner_id,
        proc_code: task.process_id.to_string(),
        job_time: task.created_at,
        priority: task.priority,
        apply_users: format!("{code},-{user}-"),
        pending_time: waited.max(0) / 1000,
        curr_robot_name: robot.map(|robot| robot.name.clone()).unwrap_or_default(),
        publish_time: package.map(|package| package.created_at),
        run_time_sec: ran.max(0) / 1000,
        proc_ver: package.map(|package| package.version.clone()).unwrap_or_default(),
        status: status(state, task.started_at.is_some(), task.failures),
        end_time: task.ended_at,
        owber_user: directory.user(owner_id).to_owned(),
        fail_try_times: task.fail_try_times,
        description: task.message.clone().unwrap_or_default(),
        proc_name: process.map(|process| process.name.clone()).unwrap_or_default(),
        id: task.id,
        produce_type: if is_planned { "任务调度" } else { "手工执行" },
        create_time: task.created_at,
        job_no: task.id.to_string(),
        exec_robots_no: numbers,
        run_times: task.failures + i32::from(task.started_at.is_some()),
        robot_start_time: task.started_at,
        sch_type: "unManager",
        pending_timeout: task.max_wait_minutes,
        wait_times: 0,
        auto_stop_time: 0,
        job_order: task.created_at,
        exec_robots_names: hosts,
        developer_user: package.map(|package| directory.user(package.created_by).to_owned()).unwrap_or_default(),
        running_timeout: task.max_run_minutes,
        exec_robots_alias: names,
        job_type: if is_planned { "plan".to_owned() } else { user.to_owned() },
        cur_org_name: directory.department(task.department_id).to_owned(),
        proc_file: package.map(file_of).unwrap_or_default(),
        robot_end_time: task.ended_at,
        modify_time: task.ended_at.or(task.started_at).or(task.assigned_at).unwrap_or(task.created_at),
        org_code: code,
    })
}

type Task = baigong_core::rows::task::Model;

/// The ten printed states. One that failed and waits for another try is failing; one that was cancelled is stopped if it ran.
fn status(state: TaskState, has_started: bool, failures: i32) -> &'static str {
    match state {
        TaskState::Queued | TaskState::Assigned if failures > 0 => "failing",
        TaskState::Queued | TaskState::Assigned => "pending",
        TaskState::Running | TaskState::Paused => "running",
        TaskState::Stopping => "stopping",
        TaskState::Succeeded => "success",
        TaskState::Failed | TaskState::Lost => "failed",
        TaskState::Cancelled if has_started => "stopped",
        TaskState::Cancelled => "cancelled",
        TaskState::WaitExpired => "pendout",
        TaskState::RunExpired => "runout",
    }
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct JobCreate {
    /// 调度 id
    id: i64,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: JobCreate) -> Result<Nothing> {
    triggers::run_now(&platform, &caller, body.id).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct JobId {
    /// 任务 id
    id: i64,
}

pub(crate) async fn retry(platform: Platform, caller: Caller, body: JobId) -> Result<Nothing> {
    tasks::retry(&platform, &caller, body.id).await?;
    Ok(Nothing {})
}

pub(crate) async fn stop(platform: Platform, caller: Caller, body: JobId) -> Result<Nothing> {
    tasks::cancel(&platform, &caller, body.id).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct JobDelete {
    /// 任务 id
    id: String,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: JobDelete) -> Result<Nothing> {
    tasks::delete(&platform, &caller, id_of(&body.id, "task")?).await?;
    Ok(Nothing {})
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_state_is_one_of_the_ten_printed_ones_and_all_of_them_occur() {
        let printed = [
            "pending",
            "running",
            "success",
            "failing",
            "failed",
            "stopping",
            "stopped",
            "pendout",
            "runout",
            "cancelled",
        ];
        let mut seen = BTreeSet::new();
        for state in TaskState::ALL {
            for (has_started, failures) in [(false, 0), (true, 0), (true, 1)] {
                seen.insert(status(state, has_started, failures));
            }
        }
        assert_eq!(seen, printed.into_iter().collect());
    }
}
