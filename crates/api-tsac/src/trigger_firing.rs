//! 调度预览与触发记录 (extensions of 6.2.6): when a trigger will fire, and what came of the instants that were.

use baigong_core::{Platform, triggers};
use baigong_model::{Error, FiringOutcome, Page, Result};
use baigong_tsac_kit::phrases::told;
use jiff::{Timestamp, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, wire};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerPreview {
    /// 调度 ID: a trigger that is there; what is given beside it goes over what it has
    trigger_id: Option<i64>,
    /// cron 表达式: must be given where no trigger is named
    cron_expression: Option<String>,
    /// 时区: an IANA name; the server's when absent
    time_zone: Option<String>,
    /// 是否启用自定义日历: true when absent and a calendar is named
    is_define_calendar: Option<bool>,
    /// 日历 ID
    calendar_id: Option<i64>,
    /// 生效时间, yyyy-MM-dd HH:mm:ss
    start_time: Option<String>,
    /// 失效时间, yyyy-MM-dd HH:mm:ss
    end_time: Option<String>,
    /// 起始时间, yyyy-MM-dd HH:mm:ss: firings after then; now when absent
    after: Option<String>,
    /// 预览次数: 1 to 1000, 10 when absent
    #[schemars(range(min = 1, max = 1000))]
    count: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerPreviewed {
    /// 触发时间
    firings: Vec<PreviewedFiring>,
    /// 跳过的日期: days on which it would fire but for the calendar, up to the last of the firings
    skipped_days: Vec<PreviewedSkip>,
    /// 是否完整: false when there are fewer firings than were asked for
    is_complete: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PreviewedFiring {
    /// 触发时间, yyyy-MM-dd HH:mm:ss in the server's zone
    fire_time: String,
    /// 当地时间, in the schedule's zone, with its difference from UTC: 2026-11-21T20:00:00+08:00
    local_time: String,
}

#[derive(Serialize, JsonSchema)]
struct PreviewedSkip {
    /// 日期, yyyy-MM-dd in the schedule's zone
    date: String,
    /// 原因: calendarDayOff, calendarYearUnknown or calendarDeleted
    reason: String,
    /// 说明: which day off; from which day on the calendar knows nothing: that day is then the last that is listed
    detail: String,
    /// 次数: how many instants are left out on that day
    instants: u64,
}

pub(crate) async fn preview(platform: Platform, caller: Caller, body: TriggerPreview) -> Result<TriggerPreviewed> {
    let time = |field: &str, text: &Option<String>| wire::parse_time(&platform, field, text.as_deref());
    let input = triggers::PreviewInput {
        trigger_id: body.trigger_id,
        start_at: time("startTime", &body.start_time)?,
        end_at: time("endTime", &body.end_time)?,
        after: time("after", &body.after)?,
        cron: body.cron_expression,
        time_zone: body.time_zone,
        uses_calendar: body.is_define_calendar,
        calendar_id: body.calendar_id,
        count: body.count,
    };
    let preview = triggers::preview(&platform, &caller, input).await?;
    let firing = |at: &i64| PreviewedFiring {
        fire_time: wire::time(&platform, *at),
        local_time: local_time(*at, &preview.zone),
    };
    let skip = |day: triggers::SkippedDay| PreviewedSkip {
        date: day.date.to_string(),
        reason: day.reason.to_string(),
        detail: told(&day.detail.unwrap_or_default()),
        instants: day.instants as u64,
    };
    Ok(TriggerPreviewed {
        firings: preview.firings.iter().map(firing).collect(),
        is_complete: preview.is_complete,
        skipped_days: preview.skipped.into_iter().map(skip).collect(),
    })
}

fn local_time(at: i64, zone: &TimeZone) -> String {
    let at = Timestamp::from_millisecond(at).unwrap_or_default();
    at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FiringListQuery {
    /// 调度 ID
    trigger_id: i64,
    /// 结果: only fired, queued or skipped
    outcome: Option<String>,
    /// 开始时间, yyyy-MM-dd HH:mm:ss: instants from then on
    start_time: Option<String>,
    /// 结束时间, yyyy-MM-dd HH:mm:ss: instants until then
    end_time: Option<String>,
    /// 页码, from 1
    #[schemars(range(min = 1))]
    page_num: Option<i64>,
    /// 每页条目数, 1 to 1000, 100 when absent
    #[schemars(range(min = 1, max = 1000))]
    page_size: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct FiringList {
    /// 触发记录, the latest first
    firings: Vec<Firing>,
    /// 总数
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Firing {
    /// 记录 ID
    firing_id: i64,
    /// 调度 ID
    trigger_id: i64,
    /// 触发时间, yyyy-MM-dd HH:mm:ss in the server's zone
    fire_time: String,
    /// 结果: fired; queued, until earlier tasks end; skipped
    outcome: String,
    /// 原因: why it was skipped (calendarDayOff, calendarYearUnknown, calendarDeleted, overlap, misfire, deactivated,
    /// rescheduled, triggerDeleted, processDeleted, noActivatedPackage, departmentDeleted, robotGroupDeleted, queueDeleted,
    /// noRobots, invalidParameters); misfire also where it fired late; "" where it fired in time
    reason: String,
    /// 说明: which day off, which year, which parameter
    detail: String,
    /// 任务 ID 组: the tasks that it made
    task_ids: Vec<i64>,
    /// 末次时间: the last instant, where one row stands for a run of missed ones; "" elsewhere
    until_time: String,
    /// 次数: how many instants the row stands for; 0 where they were too many to count
    instants: i64,
    /// 记录时间: when it was decided
    record_time: String,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: FiringListQuery) -> Result<FiringList> {
    let words = || FiringOutcome::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(", ");
    let outcome = body
        .outcome
        .filter(|text| !text.is_empty())
        .map(|text| text.parse().map_err(|()| Error::invalid("outcome", format!("must be one of {}", words()))));
    let filter = triggers::FiringFilter {
        outcome: outcome.transpose()?,
        from: wire::parse_time(&platform, "startTime", body.start_time.as_deref())?,
        until: wire::parse_time(&platform, "endTime", body.end_time.as_deref())?.map(|second| second + 999),
    };
    let page = Page::new(body.page_num, body.page_size)?;
    let page = triggers::firings(&platform, &caller, body.trigger_id, filter, page).await?;
    let rows = page.rows.into_iter().map(|row| {
        Ok(Firing {
            firing_id: row.id,
            trigger_id: row.trigger_id,
            fire_time: wire::time(&platform, row.fire_at),
            outcome: row.outcome,
            reason: row.reason.unwrap_or_default(),
            detail: told(&row.detail.unwrap_or_default()),
            task_ids: serde_json::from_str(&row.task_ids).map_err(Error::internal)?,
            instants: if row.until_at.is_some() { row.instants.unwrap_or(0) } else { 1 },
            until_time: wire::time_or_empty(&platform, row.until_at),
            record_time: wire::time(&platform, row.recorded_at),
        })
    });
    Ok(FiringList { firings: rows.collect::<Result<_>>()?, total: page.total })
}
