//! Looking at calendars.

use std::sync::Arc;

use baigong_model::{Error, PageOf, Permission, Result, ids::CalendarId};
use baigong_schedule::{Day, DayRule};
use baigong_store::{calendars as rows, entity::calendar};
use jiff::civil::Date;

use super::{CalendarKind, DAY, days::rule, shipped};
use crate::{
    Caller, Platform,
    lists::{self, ListInput, Table},
};

/// A calendar in a list.
#[derive(Debug, Clone)]
pub struct ListedCalendar {
    /// The calendar.
    pub row: calendar::Model,
    /// What kind it is.
    pub kind: CalendarKind,
    /// The last day it knows; none when it has an answer for every day.
    pub known_until: Option<Date>,
}

/// A calendar and its days.
#[derive(Debug, Clone)]
pub struct CalendarDetails {
    /// As in a list.
    pub listed: ListedCalendar,
    /// Its non-working days and what they are called, in order. Of a calendar that knows only some years, all of these
    /// years, weekends too.
    pub non_working_days: Vec<(String, String)>,
}

/// What a calendar says about a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DayAnswer {
    /// Triggers fire.
    Works,
    /// They do not, for this reason.
    Off(String),
    /// They do not, because the calendar does not know that year.
    Unknown,
}

/// A page of calendars, oldest first: those that come with the platform stand before all others.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<ListedCalendar>> {
    caller.need(Permission::CalendarRead)?;
    let filter = input.filter(platform, caller).await?;
    let page = lists::page(platform, Table::Calendars, &filter, input.page, rows::count, rows::list).await?;
    Ok(page.map(|row| {
        // A row of a newer version is listed as what it can be seen to be.
        let (kind, rule) = shipped::of(&row).unwrap_or((CalendarKind::Exchange, None));
        ListedCalendar { row, kind, known_until: rule.and_then(|rule| rule.known_until()) }
    }))
}

/// A calendar, deleted or not, with its days.
pub async fn query(platform: &Platform, caller: &Caller, id: CalendarId) -> Result<CalendarDetails> {
    let (row, rule) = find(platform, caller, id).await?;
    let (kind, _) = shipped::of(&row)?;
    let days = rule.non_working_days().into_iter();
    let non_working_days = days.map(|(day, name)| (day.strftime(DAY).to_string(), name.to_owned())).collect();
    Ok(CalendarDetails { listed: ListedCalendar { row, kind, known_until: rule.known_until() }, non_working_days })
}

/// What a calendar says about `date`.
pub async fn day(platform: &Platform, caller: &Caller, id: CalendarId, date: Date) -> Result<DayAnswer> {
    let (_, rule) = find(platform, caller, id).await?;
    Ok(match rule.of(date) {
        Day::Works => DayAnswer::Works,
        Day::Off(reason) => DayAnswer::Off(reason.to_owned()),
        Day::Unknown => DayAnswer::Unknown,
    })
}

async fn find(platform: &Platform, caller: &Caller, id: CalendarId) -> Result<(calendar::Model, Arc<DayRule>)> {
    caller.need(Permission::CalendarRead)?;
    let row = rows::find(&platform.store, id).await?.ok_or_else(|| Error::not_found("calendar", id))?;
    let rule = rule(platform, &row).await?;
    Ok((row, rule))
}
