//! When a trigger will fire, worked out by the code that fires it, and which days are left out and why.

use baigong_model::{Error, Permission, Result, SkipReason, TriggerType, ids::TriggerId};
use baigong_store::triggers as rows;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{decide::Calendar, instants::Schedule};
use crate::{Caller, Platform, calendars};

/// How many firings are shown unless said.
const USUAL: i64 = 10;
/// How many are shown at most.
const MOST: i64 = 1000;
/// How many instants are looked at for one preview.
const LOOKED_AT: usize = 100_000;
/// How many skipped days are shown at most.
const MOST_DAYS: usize = 1000;

/// What is previewed: a trigger or, where none is named, the rest.
#[derive(Debug, Clone, Default)]
pub struct PreviewInput {
    /// A trigger that is there; what is given beside it goes over what it has.
    pub trigger_id: Option<TriggerId>,
    /// A cron expression.
    pub cron: Option<String>,
    /// Its IANA zone; the server's unless said.
    pub time_zone: Option<String>,
    /// Whether the days off of the calendar are skipped.
    pub uses_calendar: Option<bool>,
    /// The calendar.
    pub calendar_id: Option<i64>,
    /// Not before then.
    pub start_at: Option<i64>,
    /// Not after then.
    pub end_at: Option<i64>,
    /// After then; now unless said.
    pub after: Option<i64>,
    /// How many firings.
    pub count: Option<i64>,
}

/// What will happen.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The zone in which it was worked out.
    pub zone: TimeZone,
    /// When it fires, milliseconds since the epoch.
    pub firings: Vec<i64>,
    /// Days on which it would fire but for the calendar, up to the last of the firings; the first day that the calendar does
    /// not know any more is the last of them.
    pub skipped: Vec<SkippedDay>,
    /// Whether all that were asked for are there; else there are no more, or none within reach.
    pub is_complete: bool,
}

/// A day that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedDay {
    /// Which.
    pub date: Date,
    /// Why.
    pub reason: SkipReason,
    /// Why, in words.
    pub detail: Option<String>,
    /// How many instants it would have had.
    pub instants: usize,
}

/// When the trigger will fire next.
pub async fn preview(platform: &Platform, caller: &Caller, input: PreviewInput) -> Result<Preview> {
    caller.need(Permission::TriggerRead)?;
    let count = input.count.unwrap_or(USUAL);
    let count = usize::try_from(count).ok().filter(|_| (1..=MOST).contains(&count));
    let count = count.ok_or_else(|| Error::invalid("count", format!("must be between 1 and {MOST}")))?;
    let after = input.after.unwrap_or_else(|| platform.now());
    let (schedule, calendar) = what(platform, caller, input).await?;
    // A hundred thousand instants take their time, which others need.
    let looked = tokio::task::spawn_blocking(move || looked_ahead(&schedule, &calendar, after, count));
    looked.await.map_err(Error::internal)
}

/// The schedule and the calendar that are asked about.
async fn what(platform: &Platform, caller: &Caller, input: PreviewInput) -> Result<(Schedule, Calendar)> {
    let stored = match input.trigger_id {
        None => None,
        Some(id) => {
            let row = rows::find(&platform.store, caller.scope(), id).await?;
            Some(row.ok_or_else(|| Error::not_found("trigger", id))?)
        }
    };
    let stored = stored.as_ref();
    if input.cron.is_none() && stored.is_some_and(|row| row.trigger_type == TriggerType::Queue.number()) {
        return Err(Error::invalid("triggerId", "fires when items wait, not at times"));
    }
    let cron = input.cron.or_else(|| stored.map(|row| row.cron.clone()));
    let cron = cron.ok_or_else(|| Error::invalid("cronExpression", "must be given where no trigger is named"))?;
    let zone = input.time_zone.filter(|zone| !zone.is_empty());
    let zone = zone.or_else(|| stored.map(|row| row.time_zone.clone()));
    let zone = zone.unwrap_or_else(|| super::apply::usual_zone(platform));
    let start_at = input.start_at.or_else(|| stored.and_then(|row| row.start_at));
    let end_at = input.end_at.or_else(|| stored.and_then(|row| row.end_at));
    let schedule = Schedule::read(&cron, &zone, start_at, end_at)?;
    let calendar_id = input.calendar_id.filter(|id| *id != 0);
    if let Some(id) = calendar_id {
        calendars::days(platform, id).await?;
    }
    let uses = input.uses_calendar.or_else(|| stored.map(|row| row.uses_calendar));
    let uses = uses.unwrap_or(calendar_id.is_some());
    let calendar_id = calendar_id.or_else(|| stored.and_then(|row| row.calendar_id));
    super::apply::calendar_is_named(uses, calendar_id)?;
    Ok((schedule, Calendar::of(platform, uses, calendar_id).await?))
}

fn looked_ahead(schedule: &Schedule, calendar: &Calendar, after: i64, count: usize) -> Preview {
    let (mut firings, mut skipped) = (Vec::with_capacity(count), Vec::<SkippedDay>::new());
    let mut at = after;
    for _ in 0..LOOKED_AT {
        let Some(next) = schedule.next_after(at).filter(|_| firings.len() < count && skipped.len() < MOST_DAYS) else {
            break;
        };
        at = next;
        let Some((reason, detail)) = calendar.skips(at, &schedule.zone) else {
            firings.push(at);
            continue;
        };
        let date = Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(schedule.zone.clone()).date();
        if let Some(until) = calendar.known_until().filter(|until| date > *until) {
            // No later day is known either: said once, and not of each of them.
            let detail = Some(format!("{date}: the calendar knows no day after {until}"));
            skipped.push(SkippedDay { date, reason, detail, instants: 1 });
            break;
        }
        match skipped.last_mut().filter(|day| day.date == date) {
            Some(day) => day.instants += 1,
            None => skipped.push(SkippedDay { date, reason, detail, instants: 1 }),
        }
    }
    let is_complete = firings.len() == count;
    Preview { zone: schedule.zone.clone(), firings, skipped, is_complete }
}
