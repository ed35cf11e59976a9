//! 触发器 (extensions after 5.1.3): the robot's own triggers – at times, by hand, at a key, when a file arrives.

use baigong_api_kit::{Access::Known, Nothing, Table};
use baigong_model::{Error, Result};
use baigong_tsac_kit::{Parameter, wire::stored_parameters};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    dialect::{Caller, RobotTsac, Served},
    wire::{self, ListQuery},
};
use crate::{
    robot::Robot,
    triggers::{self, Arrival, Cause},
};

/// The operations.
pub(super) fn operations() -> Table<RobotTsac> {
    Table::new()
        .post("/api/robot/trigger/create", Known, "创建触发器: make a trigger (extension)", create)
        .created()
        .post("/api/robot/trigger/update", Known, "更新触发器: change a trigger (extension)", update)
        .post("/api/robot/trigger/delete", Known, "删除触发器: delete a trigger (extension)", delete)
        .post("/api/robot/trigger/list", Known, "查询触发器列表: list triggers (extension)", list)
        .post("/api/robot/trigger/fire", Known, "手动触发: fire now (extension)", fire)
        .created()
        .post("/api/robot/trigger/firing/list", Known, "查询触发记录: what came of it (extension)", firings)
}

/// What makes it fire: what belongs to its kind.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct When {
    /// 触发方式: time, hand, hotkey or file
    trigger_kind: Option<String>,
    /// cron 表达式: of kind time
    cron_expression: Option<String>,
    /// 时区: an IANA name; the robot's when absent
    time_zone: Option<String>,
    /// 热键: of kind hotkey, such as ctrl+alt+r
    hotkey: Option<String>,
    /// 监视文件夹: of kind file, an absolute path on the robot's machine
    folder_path: Option<String>,
    /// 文件名模式: of kind file, such as *.xlsx; * when absent
    file_pattern: Option<String>,
    /// 静止秒数: of kind file, so long a file must not have changed; 2 when absent
    settle_seconds: Option<i64>,
    /// 文件参数名: of kind file, the in-parameter that gets the file's path
    file_parameter: Option<String>,
}

impl When {
    fn cause(self, robot: &Robot) -> Result<Option<Cause>> {
        let needed = |field: &str, value: Option<String>| {
            let given = value.filter(|text| !text.trim().is_empty());
            given.ok_or_else(|| Error::invalid(field, "must be given for a trigger of this kind"))
        };
        let zone = || robot.options.time_zone.iana_name().unwrap_or("UTC").to_owned();
        Ok(Some(match self.trigger_kind.as_deref() {
            None => return Ok(None),
            Some("time") => Cause::Time {
                cron: needed("cronExpression", self.cron_expression)?,
                zone: self.time_zone.filter(|zone| !zone.is_empty()).unwrap_or_else(zone),
            },
            Some("hand") => Cause::Hand,
            Some("hotkey") => Cause::Hotkey { keys: needed("hotkey", self.hotkey)? },
            Some("file") => Cause::File(Arrival {
                folder: needed("folderPath", self.folder_path)?,
                pattern: self.file_pattern.filter(|text| !text.is_empty()).unwrap_or_else(|| "*".to_owned()),
                rest: self.settle_seconds.unwrap_or(2),
                parameter: self.file_parameter.filter(|text| !text.is_empty()),
            }),
            Some(_) => return Err(Error::invalid("triggerKind", "must be time, hand, hotkey or file")),
        }))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerCreate {
    /// 触发器名称
    trigger_name: String,
    /// 流程 ID
    process_id: i64,
    #[serde(flatten)]
    when: When,
    /// 是否处理已有文件: of kind file, whether files that are there count as arrived; false when absent
    include_existing: Option<bool>,
    /// 入参列表
    #[serde(default)]
    in_parameters: Vec<Parameter>,
    /// 优先级: 0-高 1-中 2-低; 1 when absent
    priority: Option<i64>,
    /// 是否录屏; false when absent
    is_record: Option<bool>,
    /// 任务最长运行时长, in minutes; 0 or absent: no limit
    max_run_time: Option<i64>,
    /// 是否启用; true when absent
    is_activated: Option<bool>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerCreated {
    /// 触发器 ID
    trigger_id: i64,
}

pub(crate) async fn create(Served(robot): Served, _: Caller, body: TriggerCreate) -> Result<TriggerCreated> {
    let cause = body.when.cause(&robot)?;
    let new = triggers::NewTrigger {
        name: body.trigger_name,
        cause: cause.ok_or_else(|| Error::invalid("triggerKind", "must be time, hand, hotkey or file"))?,
        with_present: body.include_existing.unwrap_or(false),
        process_id: body.process_id,
        in_parameters: body.in_parameters.into_iter().map(Into::into).collect(),
        priority: body.priority.unwrap_or(1),
        is_record: body.is_record.unwrap_or(false),
        max_run_time: body.max_run_time.unwrap_or(0),
        is_activated: body.is_activated.unwrap_or(true),
    };
    Ok(TriggerCreated { trigger_id: triggers::create(&robot, new).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerUpdate {
    /// 触发器 ID
    trigger_id: i64,
    /// 触发器名称
    trigger_name: Option<String>,
    #[serde(flatten)]
    when: When,
    /// 入参列表
    in_parameters: Option<Vec<Parameter>>,
    /// 是否启用
    is_activated: Option<bool>,
}

pub(crate) async fn update(Served(robot): Served, _: Caller, body: TriggerUpdate) -> Result<Nothing> {
    let change = triggers::Change {
        name: body.trigger_name,
        cause: body.when.cause(&robot)?,
        in_parameters: body.in_parameters.map(|given| given.into_iter().map(Into::into).collect()),
        is_activated: body.is_activated,
    };
    triggers::update(&robot, body.trigger_id, change).await.map(|()| Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerId {
    /// 触发器 ID
    trigger_id: i64,
}

pub(crate) async fn delete(Served(robot): Served, _: Caller, body: TriggerId) -> Result<Nothing> {
    triggers::delete(&robot, body.trigger_id).await.map(|()| Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerFire {
    /// 触发器 ID
    trigger_id: i64,
    /// 入参列表: over those of the trigger
    #[serde(default)]
    in_parameters: Vec<Parameter>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerFired {
    /// 任务 ID 组
    task_ids: Vec<i64>,
}

pub(crate) async fn fire(Served(robot): Served, _: Caller, body: TriggerFire) -> Result<TriggerFired> {
    let given = body.in_parameters.into_iter().map(Into::into).collect();
    Ok(TriggerFired { task_ids: triggers::by_hand(&robot, body.trigger_id, given).await? })
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerList {
    /// 触发器列表
    triggers: Vec<Trigger>,
    /// 总数
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Trigger {
    /// 触发器 ID
    trigger_id: i64,
    /// 触发器名称
    trigger_name: String,
    /// 流程 ID
    process_id: i64,
    /// 触发方式: time, hand, hotkey or file
    trigger_kind: String,
    /// cron 表达式
    cron_expression: String,
    /// 时区
    time_zone: String,
    /// 热键
    hotkey: String,
    /// 监视文件夹
    folder_path: String,
    /// 文件名模式
    file_pattern: String,
    /// 静止秒数
    settle_seconds: i64,
    /// 文件参数名
    file_parameter: String,
    /// 入参列表
    in_parameters: Vec<Parameter>,
    /// 优先级: 0-高 1-中 2-低
    priority: i32,
    /// 是否录屏
    is_record: bool,
    /// 任务最长运行时长, in minutes
    max_run_time: i64,
    /// 是否启用
    is_activated: bool,
    /// 下次触发时间, yyyy-MM-dd HH:mm:ss; "" where there is none
    next_fire_time: String,
    /// 是否删除
    is_deleted: bool,
}

pub(crate) async fn list(Served(robot): Served, _: Caller, body: ListQuery) -> Result<TriggerList> {
    let page = triggers::list(&robot, body.page()?, body.with_deleted(), body.keyword()).await?;
    let total = page.total;
    let mut shown = Vec::new();
    for row in page.rows {
        let cause = Cause::of_text(&row.cause)?;
        let mut trigger = Trigger {
            trigger_id: row.id,
            trigger_name: row.name,
            process_id: row.process_id,
            trigger_kind: cause.kind().to_owned(),
            cron_expression: String::new(),
            time_zone: String::new(),
            hotkey: String::new(),
            folder_path: String::new(),
            file_pattern: String::new(),
            settle_seconds: 0,
            file_parameter: String::new(),
            in_parameters: stored_parameters(&row.in_parameters)?,
            priority: row.priority,
            is_record: row.is_record,
            max_run_time: row.max_run_minutes,
            is_activated: row.is_activated,
            next_fire_time: wire::time_or_empty(&robot, row.next_fire_at),
            is_deleted: row.deleted_at.is_some(),
        };
        match cause {
            Cause::Time { cron, zone } => (trigger.cron_expression, trigger.time_zone) = (cron, zone),
            Cause::Hand => {}
            Cause::Hotkey { keys } => trigger.hotkey = keys,
            Cause::File(arrival) => {
                (trigger.folder_path, trigger.file_pattern) = (arrival.folder, arrival.pattern);
                trigger.settle_seconds = arrival.rest;
                trigger.file_parameter = arrival.parameter.unwrap_or_default();
            }
        }
        shown.push(trigger);
    }
    Ok(TriggerList { triggers: shown, total })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FiringListQuery {
    /// 触发器 ID
    trigger_id: i64,
    /// 页码, from 1
    page_num: Option<i64>,
    /// 每页条目数, 1 to 1000, 100 when absent
    page_size: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FiringList {
    /// 触发记录, the latest first
    firings: Vec<Firing>,
    /// 总数
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Firing {
    /// 触发时间, yyyy-MM-dd HH:mm:ss
    fire_time: String,
    /// 结果: fired, skipped, or known for a file that was there before the trigger
    outcome: String,
    /// 说明: which file, which keys, why not
    detail: String,
    /// 任务 ID 组
    task_ids: Vec<i64>,
}

pub(crate) async fn firings(Served(robot): Served, _: Caller, body: FiringListQuery) -> Result<FiringList> {
    let page = baigong_model::Page::new(body.page_num, body.page_size)?;
    let page = triggers::firings(&robot, body.trigger_id, page).await?.map(|row| Firing {
        fire_time: wire::time(&robot, row.fired_at),
        outcome: row.outcome,
        detail: row.detail,
        task_ids: serde_json::from_str(&row.task_ids).unwrap_or_default(),
    });
    Ok(FiringList { firings: page.rows, total: page.total })
}
