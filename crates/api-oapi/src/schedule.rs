//! 调度管理 (3.8): triggers, as the other interfaces call them.

use std::collections::HashMap;

use baigong_core::{
    ListInput, Platform,
    directory::{self, Directory, Wanted},
    rows::task_trigger,
    triggers,
};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    Caller,
    wire::{EVERY_ROBOT, PageQuery, Rows, dashed, time},
};

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Schedule {
    /// id
    id: i64,
    /// 创建时间
    create_time: String,
    /// 修改时间
    modify_time: String,
    /// 调度模式: 6 自定义, 7 data queue (extension)
    schedule_mode: &'static str,
    /// 调度命令
    schedule_command: String,
    /// 调度时间
    schedule_time: String,
    /// 调度开始时间
    start_time: Option<String>,
    /// 调度失效时间
    end_time: Option<String>,
    /// 调度 cron 表达式
    schedule_expre: String,
    /// 调度表达式中文描述
    schedule_expre_desc: String,
    /// 下次执行时间
    next_exe_time: Option<i64>,
    /// 是否排除节假日, as the example writes it
    is_holiday_except: i64,
    /// 任务类型: 1 异步任务
    job_type: i64,
    /// 状态: 0 启用, 1 停用
    status: i64,
    /// 任务类路径
    job_class_path: String,
    /// 集群任务
    cloud_job: bool,
    /// 当前部门名称
    cur_org_name: String,
    /// 所有者 ID
    owber_user_id: i64,
    /// 所有者名称
    owber_user: String,
    /// 调度名称
    sch_name: String,
    /// 流程编号
    proc_code: String,
    /// 流程版本号
    proc_ver: String,
    /// 优先级: 0 紧急, 1 普通, 2 低级
    #[serde(rename = "Priority")]
    printed_priority: i32,
    /// 优先级, as the example writes it
    priority: i32,
    /// 所属部门编号: the cascade
    org_code: String,
    /// 候选机器人信息
    exec_robots_no: String,
    /// 候选机器人主机名
    exec_robots_names: String,
    /// 候选机器人别名
    exec_robots_alias: String,
    /// json 表达式
    sch_param: String,
    /// 运行模式
    run_mode: &'static str,
    /// 等待超时时间，分钟
    pending_timeout: i64,
    /// 运行超时时间，分钟
    running_timeout: i64,
    /// 人工执行耗时
    hand_do_min: i64,
    /// 自动停止时长，分钟
    auto_stop_time: i64,
    /// 失败重试次数
    fail_try_times: i32,
    /// 生成任务数
    sch_job_nums: i64,
    /// 执行模式: 1 每日执行, 2 工作日执行
    #[serde(rename = "Script")]
    printed_script: i64,
    /// 执行模式, as the example writes it
    script: i64,
    /// 日历 ID
    calendar_id: Option<i64>,
    /// 开发者
    developer_user: String,
}

pub(crate) async fn list(platform: Platform, caller: Caller, query: PageQuery) -> Result<Rows<Schedule>> {
    let list: ListInput = query.input(None)?;
    let page =
        triggers::list(&platform, &caller, &triggers::Filter { list, is_activated: None, process_id: None }).await?;
    let robots = triggers::robots_of(&platform, &caller, &page.rows).await?;
    let ids: Vec<i64> = page.rows.iter().map(|row| row.id).collect();
    let wanted = Wanted {
        users: page.rows.iter().map(|row| row.created_by).collect(),
        robots: robots.values().flatten().copied().collect(),
        processes: page.rows.iter().map(|row| row.process_id).collect(),
        ..Wanted::default()
    };
    let directory = Directory::look_up(&platform, wanted).await?;
    let changed = directory::changed_at(&platform, "trigger", &ids).await?;
    Ok(page
        .map(|row| {
            let changed = changed.get(&row.id).copied().unwrap_or(row.created_at);
            shown(&platform, &directory, row, changed, &robots)
        })
        .into())
}

fn shown(
    platform: &Platform,
    directory: &Directory,
    row: task_trigger::Model,
    changed: i64,
    robots: &HashMap<i64, Vec<i64>>,
) -> Schedule {
    let process = directory.processes.get(&row.process_id);
    let package = process.and_then(|process| directory.packages.get(&process.package_id?));
    let [numbers, hosts, names] = robot_texts(directory, robots.get(&row.id).map(Vec::as_slice));
    let is_by_queue = row.trigger_type != 0;
    let working_days = 1 + i64::from(row.uses_calendar);
    Schedule {
        create_time: time(platform, row.created_at),
        modify_time: time(platform, changed),
        schedule_mode: if is_by_queue { "7" } else { "6" },
        schedule_command: String::new(),
        schedule_time: String::new(),
        start_time: row.start_at.map(|at| time(platform, at)),
        end_time: row.end_at.map(|at| time(platform, at)),
        schedule_expre_desc: row.cron.clone(),
        schedule_expre: row.cron,
        next_exe_time: row.next_fire_at,
        is_holiday_except: i64::from(row.uses_calendar),
        job_type: 1,
        status: i64::from(!row.is_activated),
        job_class_path: String::new(),
        cloud_job: true,
        cur_org_name: directory.department(row.department_id).to_owned(),
        owber_user_id: row.created_by,
        owber_user: directory.user(row.created_by).to_owned(),
        sch_name: row.name,
        proc_code: row.process_id.to_string(),
        proc_ver: package.map(|package| package.version.clone()).unwrap_or_default(),
        printed_priority: row.priority,
        priority: row.priority,
        org_code: directory.tree.cascade_code(row.department_id),
        exec_robots_no: numbers,
        exec_robots_names: hosts,
        exec_robots_alias: names,
        // Values may be confidential: only the names of the parameters are shown.
        sch_param: triggers::parameter_names(&row.in_parameters),
        run_mode: "time",
        pending_timeout: row.max_wait_minutes,
        running_timeout: row.max_run_minutes,
        hand_do_min: 0,
        auto_stop_time: 0,
        fail_try_times: process.map_or(0, |process| process.fail_try_times),
        sch_job_nums: 1,
        printed_script: working_days,
        script: working_days,
        calendar_id: row.calendar_id,
        developer_user: package.map(|package| directory.user(package.created_by).to_owned()).unwrap_or_default(),
        id: row.id,
    }
}

/// The numbers, host names and aliases of robots; none stands for all.
pub(crate) fn robot_texts(directory: &Directory, robots: Option<&[i64]>) -> [String; 3] {
    let Some(ids) = robots.filter(|ids| !ids.is_empty()) else { return [EVERY_ROBOT; 3].map(str::to_owned) };
    let known = || ids.iter().filter_map(|id| directory.robots.get(id));
    [dashed(ids), dashed(known().map(|robot| &robot.machine_name)), dashed(known().map(|robot| &robot.name))]
}
