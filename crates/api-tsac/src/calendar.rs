//! 日历 (6.2.15): the days on which triggers do not fire.

mod table;

use baigong_api_kit::{Nothing, Table};
use baigong_core::{
    Platform,
    calendars::{self, DayAnswer, ListedCalendar},
};
use baigong_model::{Permission, Result};
use baigong_tsac_kit::phrases::chinese;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, Tsac, wire::ListQuery};

/// What can be done with calendars.
pub(crate) fn operations() -> Table<Tsac> {
    Table::new()
        .post("/api/platform/calendar/create", Permission::CalendarWrite, "创建日历: create a calendar", create)
        .created()
        .clause("6.2.15.1")
        .post("/api/platform/calendar/delete", Permission::CalendarWrite, "删除日历: delete an unused calendar", delete)
        .clause("6.2.15.2")
        .post("/api/platform/calendar/update", Permission::CalendarWrite, "更新日历: change a calendar", update)
        .clause("6.2.15.3")
        .post("/api/platform/calendar/query", Permission::CalendarRead, "查询日历: show a calendar's days", query)
        .clause("6.2.15.4")
        .post("/api/platform/calendar/list", Permission::CalendarRead, "查询日历列表: list calendars", list)
        .clause("6.2.15.5")
        .post(
            "/api/platform/calendar/day",
            Permission::CalendarRead,
            "查询日期: whether a day works, and why not (extension)",
            day,
        )
        .multipart(
            "/api/platform/calendar/import",
            Permission::CalendarWrite,
            "导入日历: days from a CSV file or a workbook (extension)",
            "file",
            table::import,
        )
        .file(
            "/api/platform/calendar/export",
            Permission::CalendarRead,
            "导出日历: the days as a CSV file or a workbook (extension)",
            table::export,
        )
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CalendarCreate {
    /// 日历名称
    calendar_name: String,
    /// 非工作日或非交易日数组: `yyyy-MM-dd`, at most 10000; every other day works
    non_working_days: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CalendarCreated {
    /// 日历 ID
    calendar_id: i64,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: CalendarCreate) -> Result<CalendarCreated> {
    let new = calendars::NewCalendar { name: body.calendar_name, non_working_days: body.non_working_days };
    Ok(CalendarCreated { calendar_id: calendars::create(&platform, &caller, new).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CalendarQuery {
    /// 日历 ID
    calendar_id: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: CalendarQuery) -> Result<Nothing> {
    calendars::delete(&platform, &caller, body.calendar_id).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CalendarUpdate {
    /// 日历 ID
    calendar_id: i64,
    /// 日历名称
    calendar_name: Option<String>,
    /// 非工作日或非交易日数组: all of them from now on; unchanged when absent
    non_working_days: Option<Vec<String>>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: CalendarUpdate) -> Result<Nothing> {
    let change = calendars::CalendarChange { name: body.calendar_name, non_working_days: body.non_working_days };
    calendars::update(&platform, &caller, body.calendar_id, change).await?;
    Ok(Nothing {})
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CalendarDays {
    /// 非工作日或非交易日数组, in order. Of a calendar that knows only some years, all of these years with their weekends
    non_working_days: Vec<String>,
    /// 是否删除
    is_deleted: bool,
    /// 日历名称 (extension)
    calendar_name: String,
    /// 日历类型 (extension): custom, exchange or working-days; the last two come with the platform and cannot be changed
    kind: &'static str,
    /// 已知截止日期 (extension): after it triggers with the calendar do not fire; "" when it knows every day
    known_until: String,
    /// 日期名称 (extension): what the days are called, in the order of nonWorkingDays
    day_names: Vec<String>,
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: CalendarQuery) -> Result<CalendarDays> {
    let calendars::CalendarDetails { listed, non_working_days } =
        calendars::query(&platform, &caller, body.calendar_id).await?;
    let named = non_working_days.into_iter().map(|(day, name)| (day, chinese(&name)));
    let (non_working_days, day_names) = named.unzip();
    let ListedCalendar { row, kind, known_until } = listed;
    Ok(CalendarDays {
        non_working_days,
        is_deleted: row.deleted_at.is_some(),
        calendar_name: row.name,
        kind: kind.as_str(),
        known_until: known_until.map(|day| day.to_string()).unwrap_or_default(),
        day_names,
    })
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CalendarList {
    /// 日历列表
    calendars: Vec<Calendar>,
    /// 总数 (extension)
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Calendar {
    /// 日历 ID
    calendar_id: i64,
    /// 日历名称
    calendar_name: String,
    /// 是否删除
    is_deleted: bool,
    /// 日历类型 (extension): custom, exchange or working-days; the last two come with the platform and cannot be changed
    kind: &'static str,
    /// 已知截止日期 (extension): after it triggers with the calendar do not fire; "" when it knows every day
    known_until: String,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: ListQuery) -> Result<CalendarList> {
    let page = calendars::list(&platform, &caller, &body.input()?).await?.map(|listed: ListedCalendar| Calendar {
        calendar_id: listed.row.id,
        calendar_name: listed.row.name,
        is_deleted: listed.row.deleted_at.is_some(),
        kind: listed.kind.as_str(),
        known_until: listed.known_until.map(|day| day.to_string()).unwrap_or_default(),
    });
    Ok(CalendarList { calendars: page.rows, total: page.total })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DayQuery {
    /// 日历 ID
    calendar_id: i64,
    /// 日期: `yyyy-MM-dd`
    date: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DayState {
    /// 是否工作日或交易日: whether triggers with the calendar fire
    is_working: bool,
    /// 是否已知: false where the calendar does not know the year; triggers then do not fire
    is_known: bool,
    /// 原因: why no work is done; "" on a working day
    reason: String,
}

pub(crate) async fn day(platform: Platform, caller: Caller, body: DayQuery) -> Result<DayState> {
    let date = calendars::read_day("date", &body.date)?;
    let answer = calendars::day(&platform, &caller, body.calendar_id, date).await?;
    let (is_working, is_known) = (answer == DayAnswer::Works, answer != DayAnswer::Unknown);
    let reason = if let DayAnswer::Off(reason) = answer { chinese(&reason) } else { String::new() };
    Ok(DayState { is_working, is_known, reason })
}
