//! 调度 (6.2.6): when processes run by themselves.

use baigong_api_kit::Nothing;
use baigong_core::{Platform, triggers};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{self, ListQuery, Parameter},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerCreate {
    /// 调度名称
    trigger_name: String,
    /// 调度描述
    description: Option<String>,
    /// 是否激活: true when absent
    is_activated: Option<bool>,
    /// 部门 ID
    dep_id: i64,
    /// 流程 ID
    process_id: i64,
    /// 优先级: 0-高 1-中 2-低; 1 when absent
    #[schemars(range(min = 0, max = 2))]
    priority: Option<i64>,
    /// 分配类型: 0-全部 robot, one task on every robot of the group; 1-自动分配, one task on any robot of the group; 2-指定 robot,
    /// one task on any of robotIds
    #[schemars(range(min = 0, max = 2))]
    assign_type: i64,
    /// 机器人 ID 组
    robot_ids: Option<Vec<i64>>,
    /// 机器人组 ID: the process's group when absent
    robot_group_id: Option<i64>,
    /// 入参列表
    in_parameters: Option<Vec<Parameter>>,
    /// 是否录屏
    is_record: bool,
    /// 是否报警
    is_warn: Option<bool>,
    /// 报警方式: 0-邮件 1-短信 2-IM
    #[schemars(range(min = 0, max = 2))]
    warn_type: Option<i64>,
    /// cron 表达式: Quartz (6 or 7 fields, with seconds) or Unix cron (5 fields). Required unless triggerType is 1: a queue
    /// trigger has none, and one that is given with it is not kept
    #[schemars(extend("x-required-unless" = { "triggerType": 1 }))]
    cron_expression: Option<String>,
    /// 是否启用自定义日历: whether the days off of calendarId are skipped
    is_define_calendar: bool,
    /// 日历 ID
    calendar_id: Option<i64>,
    /// 时区: an IANA name; the server's when absent
    time_zone: Option<String>,
    /// 任务最长运行时长, in minutes; 0 or absent: no limit
    #[schemars(range(min = 0, max = 5_270_400))]
    max_run_time: Option<i64>,
    /// 任务最长等待时间, in minutes; 0 or absent: no limit
    #[schemars(range(min = 0, max = 5_270_400))]
    max_waiting_time: Option<i64>,
    #[serde(flatten)]
    extensions: Extensions,
}

/// What the standard does not print.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Extensions {
    /// 流程包任务名 (extension): another task of the package than the process's
    task_name: Option<String>,
    /// 调度方式 (extension): 0-定时调度 1-数据队列调度; 0 when absent. A queue trigger has no cronExpression: one that becomes a time
    /// trigger again needs a new one
    #[schemars(range(min = 0, max = 1))]
    trigger_type: Option<i64>,
    /// 数据队列 ID (extension): whose items a queue trigger waits for
    queue_id: Option<i64>,
    /// 数据队列阈值 (extension): how many items must be ready; 1 when absent
    #[schemars(range(min = 1, max = 100_000))]
    queue_threshold: Option<i64>,
    /// 错过策略 (extension), for instants at which the platform was down: fire-once (the last of them, the default), skip, all
    /// (the last 100 at most)
    misfire_policy: Option<String>,
    /// 重叠策略 (extension), for instants at which tasks of the last one have not ended: skip, queue, parallel; a time trigger's
    /// default is parallel, a queue trigger's skip
    overlap_policy: Option<String>,
    /// 生效时间 (extension), yyyy-MM-dd HH:mm:ss; "" for no limit
    start_time: Option<String>,
    /// 失效时间 (extension), yyyy-MM-dd HH:mm:ss; "" for no limit
    end_time: Option<String>,
}

impl Extensions {
    fn change(self, platform: &Platform) -> Result<triggers::Change> {
        Ok(triggers::Change {
            task_name: self.task_name,
            trigger_type: self.trigger_type,
            queue_id: self.queue_id,
            queue_threshold: self.queue_threshold,
            misfire_policy: self.misfire_policy,
            overlap_policy: self.overlap_policy,
            start_at: limit(platform, "startTime", self.start_time)?,
            end_at: limit(platform, "endTime", self.end_time)?,
            ..Default::default()
        })
    }
}

/// "" takes a limit away.
fn limit(platform: &Platform, field: &str, text: Option<String>) -> Result<Option<i64>> {
    let Some(text) = text else { return Ok(None) };
    Ok(Some(wire::parse_time(platform, field, Some(&text))?.unwrap_or(0)))
}

fn parameters(given: Option<Vec<Parameter>>) -> Option<Vec<baigong_model::Parameter>> {
    given.map(|given| given.into_iter().map(Into::into).collect())
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerCreated {
    /// 调度 ID
    trigger_id: i64,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: TriggerCreate) -> Result<TriggerCreated> {
    let change = triggers::Change {
        name: Some(body.trigger_name),
        description: body.description,
        is_activated: body.is_activated,
        process_id: Some(body.process_id),
        priority: body.priority,
        assign_type: Some(body.assign_type),
        robot_ids: body.robot_ids,
        robot_group_id: body.robot_group_id,
        in_parameters: parameters(body.in_parameters),
        is_record: Some(body.is_record),
        is_warn: body.is_warn,
        warn_type: body.warn_type,
        cron: body.cron_expression,
        uses_calendar: Some(body.is_define_calendar),
        calendar_id: body.calendar_id,
        time_zone: body.time_zone,
        max_run_time: body.max_run_time,
        max_waiting_time: body.max_waiting_time,
        ..body.extensions.change(&platform)?
    };
    Ok(TriggerCreated { trigger_id: triggers::create(&platform, &caller, body.dep_id, change).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerUpdate {
    /// 调度 ID
    trigger_id: i64,
    /// 调度名称
    trigger_name: Option<String>,
    /// 调度描述: "" takes it away
    description: Option<String>,
    /// 是否激活
    is_activated: Option<bool>,
    /// 流程 ID
    process_id: Option<i64>,
    /// 优先级: 0-高 1-中 2-低
    #[schemars(range(min = 0, max = 2))]
    priority: Option<i64>,
    /// 分配类型: 0-全部 robot 1-自动分配 2-指定 robot
    #[schemars(range(min = 0, max = 2))]
    assign_type: Option<i64>,
    /// 入参列表: in the place of those that were set
    in_parameters: Option<Vec<Parameter>>,
    /// 机器人 ID 组: in the place of those that were named; [] for none
    robot_ids: Option<Vec<i64>>,
    /// 机器人组 ID; 0 for the process's
    robot_group_id: Option<i64>,
    /// 是否录屏
    is_record: Option<bool>,
    /// 是否报警
    is_warn: Option<bool>,
    /// 报警方式: 0-邮件 1-短信 2-IM
    #[schemars(range(min = 0, max = 2))]
    warn_type: Option<i64>,
    /// cron 表达式; not kept by a queue trigger
    cron_expression: Option<String>,
    /// 是否启用自定义日历
    is_define_calendar: Option<bool>,
    /// 日历 ID; 0 for none
    calendar_id: Option<i64>,
    /// 时区
    time_zone: Option<String>,
    /// 任务最长运行时长, in minutes; 0: no limit
    #[schemars(range(min = 0, max = 5_270_400))]
    max_run_time: Option<i64>,
    /// 任务最长等待时间, in minutes; 0: no limit
    #[schemars(range(min = 0, max = 5_270_400))]
    max_waiting_time: Option<i64>,
    #[serde(flatten)]
    extensions: Extensions,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: TriggerUpdate) -> Result<Nothing> {
    let change = triggers::Change {
        name: body.trigger_name,
        description: body.description,
        is_activated: body.is_activated,
        process_id: body.process_id,
        priority: body.priority,
        assign_type: body.assign_type,
        robot_ids: body.robot_ids,
        robot_group_id: body.robot_group_id,
        in_parameters: parameters(body.in_parameters),
        is_record: body.is_record,
        is_warn: body.is_warn,
        warn_type: body.warn_type,
        cron: body.cron_expression,
        uses_calendar: body.is_define_calendar,
        calendar_id: body.calendar_id,
        time_zone: body.time_zone,
        max_run_time: body.max_run_time,
        max_waiting_time: body.max_waiting_time,
        ..body.extensions.change(&platform)?
    };
    triggers::update(&platform, &caller, body.trigger_id, change).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerId {
    /// 调度 ID
    trigger_id: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: TriggerId) -> Result<Nothing> {
    triggers::delete(&platform, &caller, body.trigger_id).await?;
    Ok(Nothing {})
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerDetail {
    /// 部门 ID
    dep_id: i64,
    /// 调度名称
    trigger_name: String,
    /// 调度描述
    description: String,
    /// 是否激活
    is_activated: bool,
    /// 流程 ID
    process_id: i64,
    /// 优先级: 0-高 1-中 2-低
    priority: i32,
    /// 分配类型: 0-全部 robot 1-自动分配 2-指定 robot
    assign_type: i32,
    /// 入参列表
    in_parameters: Vec<Parameter>,
    /// 机器人 ID 组
    robot_ids: Vec<i64>,
    /// 机器人组 ID; 0 for the process's
    robot_group_id: i64,
    /// 是否录屏
    is_record: bool,
    /// 是否报警
    is_warn: bool,
    /// 报警方式: 0-邮件 1-短信 2-IM; 0 when none was asked for
    warn_type: i32,
    /// cron 表达式; "" of a queue trigger
    cron_expression: String,
    /// 是否启用自定义日历
    is_define_calendar: bool,
    /// 日历 ID; 0 for none
    calendar_id: i64,
    /// 时区
    time_zone: String,
    /// 任务最长运行时长, in minutes; 0: no limit
    max_run_time: i64,
    /// 任务最长等待时间, in minutes; 0: no limit
    max_waiting_time: i64,
    /// 是否删除
    is_deleted: bool,
    /// 流程包任务名 (extension)
    task_name: Option<String>,
    /// 调度方式 (extension): 0-定时调度 1-数据队列调度
    trigger_type: i32,
    /// 数据队列 ID (extension); 0 for none
    queue_id: i64,
    /// 数据队列阈值 (extension)
    queue_threshold: i64,
    /// 错过策略 (extension): fire-once, skip, all
    misfire_policy: String,
    /// 重叠策略 (extension): skip, queue, parallel
    overlap_policy: String,
    /// 生效时间 (extension); "" for no limit
    start_time: String,
    /// 失效时间 (extension); "" for no limit
    end_time: String,
    /// 下次触发时间 (extension), in the server's zone; "" while it does not fire by time
    next_fire_time: String,
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: TriggerId) -> Result<TriggerDetail> {
    let triggers::Details { trigger, robot_ids } = triggers::query(&platform, &caller, body.trigger_id).await?;
    Ok(TriggerDetail {
        dep_id: trigger.department_id,
        trigger_name: trigger.name,
        description: trigger.description.unwrap_or_default(),
        is_activated: trigger.is_activated,
        process_id: trigger.process_id,
        priority: trigger.priority,
        assign_type: trigger.assign_type,
        in_parameters: wire::stored_parameters(&trigger.in_parameters)?,
        robot_ids,
        robot_group_id: trigger.robot_group_id.unwrap_or(0),
        is_record: trigger.is_record,
        is_warn: trigger.is_warn,
        warn_type: trigger.warn_type.unwrap_or(0),
        cron_expression: trigger.cron,
        is_define_calendar: trigger.uses_calendar,
        calendar_id: trigger.calendar_id.unwrap_or(0),
        time_zone: trigger.time_zone,
        max_run_time: trigger.max_run_minutes,
        max_waiting_time: trigger.max_wait_minutes,
        is_deleted: trigger.deleted_at.is_some(),
        task_name: trigger.task_name,
        trigger_type: trigger.trigger_type,
        queue_id: trigger.queue_id.unwrap_or(0),
        queue_threshold: trigger.queue_threshold,
        misfire_policy: trigger.misfire_policy,
        overlap_policy: trigger.overlap_policy,
        start_time: wire::time_or_empty(&platform, trigger.start_at),
        end_time: wire::time_or_empty(&platform, trigger.end_at),
        next_fire_time: wire::time_or_empty(&platform, trigger.next_fire_at),
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerListQuery {
    #[serde(flatten)]
    list: ListQuery,
    /// 是否激活: only those that are, or are not
    is_activated: Option<bool>,
    /// 流程 ID: only those of this process
    process_id: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct TriggerList {
    /// 调度列表
    triggers: Vec<Trigger>,
    /// 总数 (extension)
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Trigger {
    /// 调度 ID
    trigger_id: i64,
    /// 调度名称
    trigger_name: String,
    /// 调度描述
    description: String,
    /// 是否激活
    is_activated: bool,
    /// 部门 ID
    dep_id: i64,
    /// 是否删除
    is_deleted: bool,
    /// 流程 ID (extension)
    process_id: i64,
    /// 调度方式 (extension): 0-定时调度 1-数据队列调度
    trigger_type: i32,
    /// cron 表达式 (extension); "" of a queue trigger
    cron_expression: String,
    /// 下次触发时间 (extension), in the server's zone; "" while it does not fire by time
    next_fire_time: String,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: TriggerListQuery) -> Result<TriggerList> {
    let filter =
        triggers::Filter { list: body.list.input()?, is_activated: body.is_activated, process_id: body.process_id };
    let page = triggers::list(&platform, &caller, &filter).await?.map(|row| Trigger {
        trigger_id: row.id,
        trigger_name: row.name,
        description: row.description.unwrap_or_default(),
        is_activated: row.is_activated,
        dep_id: row.department_id,
        is_deleted: row.deleted_at.is_some(),
        process_id: row.process_id,
        trigger_type: row.trigger_type,
        cron_expression: row.cron,
        next_fire_time: wire::time_or_empty(&platform, row.next_fire_at),
    });
    Ok(TriggerList { triggers: page.rows, total: page.total })
}
