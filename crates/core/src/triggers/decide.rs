//! What becomes of a trigger's due instants by the calendar and the misfire policy. Pure; whether an earlier run is still
//! under way, and whether there is anything to run, is decided when it is written.

use std::sync::Arc;

use baigong_model::{Error, MisfirePolicy, Result, SkipReason};
use baigong_schedule::{Day, DayRule};
use baigong_store::entity::task_trigger;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::instants::{Run, Schedule};
use crate::{Platform, calendars};

/// The calendar of a trigger.
#[derive(Debug, Clone)]
pub(super) enum Calendar {
    /// Every day works.
    None,
    /// It was deleted.
    Deleted,
    /// Its days.
    Days(Arc<DayRule>),
}

/// Why an instant is skipped, and the same in words.
pub(super) type Skip = (SkipReason, Option<String>);

/// What becomes of an instant, as far as it was in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It fires; missed before, where it is late.
    Fires { is_late: bool },
    /// It does not.
    Skips(Skip),
}

/// What becomes of the due instants.
#[derive(Debug)]
pub(super) struct Decided {
    /// Missed instants that are skipped together.
    pub(super) run: Option<Run>,
    /// All others, in their order.
    pub(super) instants: Vec<(i64, Verdict)>,
    /// The first instant that is not due yet.
    pub(super) next: Option<i64>,
}

impl Calendar {
    /// The calendar that a trigger uses.
    pub(super) async fn of(platform: &Platform, uses_calendar: bool, id: Option<i64>) -> Result<Self> {
        let Some(id) = id.filter(|_| uses_calendar) else { return Ok(Self::None) };
        match calendars::days(platform, id).await {
            Ok(days) => Ok(Self::Days(days)),
            Err(Error::NotFound { .. }) => Ok(Self::Deleted),
            Err(error) => Err(error),
        }
    }

    /// The last day it knows; none where it has an answer for every day.
    pub(super) fn known_until(&self) -> Option<Date> {
        match self {
            Self::None | Self::Deleted => None,
            Self::Days(days) => days.known_until(),
        }
    }

    /// Why the day of `at` is skipped; none when it works.
    pub(super) fn skips(&self, at: i64, zone: &TimeZone) -> Option<Skip> {
        let days = match self {
            Self::None => return None,
            Self::Deleted => return Some((SkipReason::CalendarDeleted, None)),
            Self::Days(days) => days,
        };
        let date = Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(zone.clone()).date();
        match days.of(date) {
            Day::Works => None,
            Day::Off(name) => Some((SkipReason::CalendarDayOff, Some(format!("{date} {name}")))),
            Day::Unknown => {
                let detail = format!("{date}: the calendar does not know {}", date.year());
                Some((SkipReason::CalendarYearUnknown, Some(detail)))
            }
        }
    }
}

/// Decides the instants from `first` until `now`.
pub(super) fn decide(
    trigger: &task_trigger::Model,
    schedule: &Schedule,
    calendar: &Calendar,
    first: i64,
    now: i64,
) -> Result<Decided> {
    let policy: MisfirePolicy =
        trigger.misfire_policy.parse().map_err(|()| Error::internal("unknown misfire policy"))?;
    let due = schedule.due(first, now);
    let by_calendar = |at: i64| calendar.skips(at, &schedule.zone);
    let chosen = match policy {
        MisfirePolicy::Skip => None,
        MisfirePolicy::FireOnce => due.missed.iter().copied().rfind(|at| by_calendar(*at).is_none()),
        MisfirePolicy::All => due.missed.first().copied(),
    };
    let missed = due.missed.iter().map(|at| {
        let is_chosen = chosen.is_some_and(|chosen| *at == chosen || policy == MisfirePolicy::All);
        let verdict = match by_calendar(*at) {
            Some(skip) => Verdict::Skips(skip),
            None if is_chosen => Verdict::Fires { is_late: true },
            None => Verdict::Skips((SkipReason::Misfire, None)),
        };
        (*at, verdict)
    });
    let punctual = due.punctual.iter().map(|at| match by_calendar(*at) {
        Some(skip) => (*at, Verdict::Skips(skip)),
        None => (*at, Verdict::Fires { is_late: false }),
    });
    Ok(Decided { run: due.run, instants: missed.chain(punctual).collect(), next: due.next })
}
