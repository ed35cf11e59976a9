//! 维护窗口 (extensions): times in which robots get no tasks.

use baigong_api_kit::Nothing;
use baigong_core::{
    Platform,
    maintenance_windows::{self as windows, Details, OnRunning, Target, Times},
};
use baigong_model::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{self, ListQuery},
};

/// When a window is open, and what it does: of a request to make or change one.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Plan {
    /// 开始时间, yyyy-MM-dd HH:mm:ss: of a window that comes once
    start_time: Option<String>,
    /// 结束时间, yyyy-MM-dd HH:mm:ss
    end_time: Option<String>,
    /// 开始时刻: of a window that comes again and again, a cron expression as in a trigger; `0 0 22 ? * SAT` is every
    /// Saturday at 22:00
    cron_expression: Option<String>,
    /// 时长, in minutes, 1 to 10080: how long it then lasts
    #[schemars(range(min = 1, max = 10_080))]
    duration_minutes: Option<i64>,
    /// 时区 of the expression, an IANA name; the platform's when absent
    time_zone: Option<String>,
    /// 对运行中任务的处理: 0 they go on to their end (the default), 1 they are paused until it is over, 2 they are cancelled
    #[schemars(range(min = 0, max = 2))]
    on_running: Option<i64>,
    /// 备注
    remark: Option<String>,
}

impl Plan {
    fn on_running(&self) -> Result<Option<OnRunning>> {
        let wrong = || Error::invalid("onRunning", "must be 0 (leave), 1 (pause) or 2 (cancel)");
        let chosen = |number: i64| usize::try_from(number).ok().and_then(|number| OnRunning::ALL.get(number).copied());
        self.on_running.map(|number| chosen(number).ok_or_else(wrong)).transpose()
    }

    fn times(&self, platform: &Platform) -> Result<Option<Times>> {
        let from = wire::parse_time(platform, "startTime", self.start_time.as_deref())?;
        let until = wire::parse_time(platform, "endTime", self.end_time.as_deref())?;
        let both = || Error::invalid("cronExpression", "must not be given together with startTime");
        match (from, until, self.cron_expression.clone(), self.duration_minutes) {
            (None, None, None, None) => Ok(None),
            (Some(from), Some(until), None, None) => Ok(Some(Times::Once { from, until })),
            (None, None, Some(cron), Some(minutes)) => {
                let own = platform.config.time_zone.iana_name().unwrap_or("UTC");
                let zone = self.time_zone.clone().unwrap_or_else(|| own.to_owned());
                Ok(Some(Times::Recurring { cron, minutes, zone }))
            }
            (Some(_), None, None, None) => Err(Error::invalid("endTime", "must be given with startTime")),
            (None, Some(_), None, None) => Err(Error::invalid("startTime", "must be given with endTime")),
            (None, None, Some(_), None) => Err(Error::invalid("durationMinutes", "must be given with cronExpression")),
            (None, None, None, Some(_)) => Err(Error::invalid("cronExpression", "must be given with durationMinutes")),
            _ => Err(both()),
        }
    }
}

fn target(kind: i64, id: i64) -> Result<Target> {
    match kind {
        0 => Ok(Target::Robot(id)),
        1 => Ok(Target::Group(id)),
        2 => Ok(Target::Department(id)),
        _ => Err(Error::invalid("targetType", "must be 0 (robot), 1 (robot group) or 2 (department)")),
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MaintenanceCreate {
    /// 维护窗口名称
    maintenance_name: String,
    /// 部门 ID
    dep_id: i64,
    /// 维护对象类型: 0-机器人 1-机器人组 2-部门 (with all below)
    #[schemars(range(min = 0, max = 2))]
    target_type: i64,
    /// 维护对象 ID
    target_id: i64,
    #[serde(flatten)]
    plan: Plan,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MaintenanceCreated {
    /// 维护窗口 ID
    maintenance_id: i64,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: MaintenanceCreate) -> Result<MaintenanceCreated> {
    let times = body.plan.times(&platform)?;
    let new = windows::NewWindow {
        department_id: body.dep_id,
        name: body.maintenance_name,
        target: target(body.target_type, body.target_id)?,
        times: times.ok_or_else(|| Error::invalid("startTime", "must be given, or cronExpression"))?,
        on_running: body.plan.on_running()?.unwrap_or_default(),
        remark: body.plan.remark,
    };
    Ok(MaintenanceCreated { maintenance_id: windows::create(&platform, &caller, new).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MaintenanceUpdate {
    /// 维护窗口 ID
    maintenance_id: i64,
    /// 维护窗口名称
    maintenance_name: Option<String>,
    /// 维护对象类型: with targetId
    #[schemars(range(min = 0, max = 2))]
    target_type: Option<i64>,
    /// 维护对象 ID: with targetType
    target_id: Option<i64>,
    #[serde(flatten)]
    plan: Plan,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: MaintenanceUpdate) -> Result<Nothing> {
    let target = match (body.target_type, body.target_id) {
        (Some(kind), Some(id)) => Some(target(kind, id)?),
        (None, None) => None,
        (Some(_), None) => return Err(Error::invalid("targetId", "must be given with targetType")),
        (None, Some(_)) => return Err(Error::invalid("targetType", "must be given with targetId")),
    };
    let change = windows::Change {
        name: body.maintenance_name,
        target,
        times: body.plan.times(&platform)?,
        on_running: body.plan.on_running()?,
        remark: body.plan.remark,
    };
    windows::update(&platform, &caller, body.maintenance_id, change).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MaintenanceId {
    /// 维护窗口 ID
    maintenance_id: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: MaintenanceId) -> Result<Nothing> {
    windows::delete(&platform, &caller, body.maintenance_id).await?;
    Ok(Nothing {})
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Maintenance {
    /// 维护窗口 ID
    maintenance_id: i64,
    /// 维护窗口名称
    maintenance_name: String,
    /// 部门 ID
    dep_id: i64,
    /// 维护对象类型: 0-机器人 1-机器人组 2-部门
    target_type: i32,
    /// 维护对象 ID
    target_id: i64,
    /// 开始时间, yyyy-MM-dd HH:mm:ss; "" where it comes again and again
    start_time: String,
    /// 结束时间, yyyy-MM-dd HH:mm:ss
    end_time: String,
    /// 开始时刻; "" where it comes once
    cron_expression: String,
    /// 时长, in minutes; 0 where it comes once
    duration_minutes: i64,
    /// 时区
    time_zone: String,
    /// 对运行中任务的处理: 0-继续 1-暂停 2-取消
    on_running: i32,
    /// 备注
    remark: String,
    /// 是否进行中
    is_open: bool,
    /// 本次结束时间, yyyy-MM-dd HH:mm:ss; "" while it is not open
    open_until: String,
    /// 是否删除
    is_deleted: bool,
}

fn shown(platform: &Platform, details: Details) -> Maintenance {
    let Details { window, open_until } = details;
    let place = |word: &str, words: &[&str]| words.iter().position(|it| *it == word).unwrap_or_default() as i32;
    Maintenance {
        maintenance_id: window.id,
        maintenance_name: window.name,
        dep_id: window.department_id,
        target_type: place(&window.target_kind, &["robot", "group", "department"]),
        target_id: window.target_id,
        start_time: wire::time_or_empty(platform, window.starts_at),
        end_time: wire::time_or_empty(platform, window.ends_at),
        cron_expression: window.cron_expression.unwrap_or_default(),
        duration_minutes: window.duration_minutes.unwrap_or(0),
        time_zone: window.time_zone,
        on_running: place(&window.on_running, &OnRunning::ALL.map(OnRunning::as_str)),
        remark: window.remark.unwrap_or_default(),
        is_open: open_until.is_some(),
        open_until: wire::time_or_empty(platform, open_until),
        is_deleted: window.deleted_at.is_some(),
    }
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: MaintenanceId) -> Result<Maintenance> {
    let details = windows::query(&platform, &caller, body.maintenance_id).await?;
    Ok(shown(&platform, details))
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MaintenanceList {
    /// 维护窗口列表
    maintenances: Vec<Maintenance>,
    /// 总数
    total: u64,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: ListQuery) -> Result<MaintenanceList> {
    let page = windows::list(&platform, &caller, &body.input()?).await?.map(|details| shown(&platform, details));
    Ok(MaintenanceList { maintenances: page.rows, total: page.total })
}
