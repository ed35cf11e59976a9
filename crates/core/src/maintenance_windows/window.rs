//! When one window is open, and whom it covers.

use std::str::FromStr;

use baigong_model::{Error, Result};
use baigong_schedule::Cron;
use baigong_store::entity::maintenance_window::Model;
use jiff::tz::TimeZone;

/// The longest time a recurring window may last: a week.
pub(super) const LONGEST_MINUTES: i64 = 7 * 24 * 60;
/// So many beginnings within one length are looked at: a window that begins more often is open all the time.
const MOST_BEGINNINGS: usize = 64;

/// Whom a window covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// One robot.
    Robot(i64),
    /// The robots of a group.
    Group(i64),
    /// The robots of a department and of all below.
    Department(i64),
}

impl Target {
    /// The word that is stored, and the id.
    #[must_use]
    pub fn parts(self) -> (&'static str, i64) {
        match self {
            Self::Robot(id) => ("robot", id),
            Self::Group(id) => ("group", id),
            Self::Department(id) => ("department", id),
        }
    }

    pub(super) fn of(kind: &str, id: i64) -> Result<Self> {
        match kind {
            "robot" => Ok(Self::Robot(id)),
            "group" => Ok(Self::Group(id)),
            "department" => Ok(Self::Department(id)),
            other => Err(Error::internal(format!("unknown target {other}"))),
        }
    }
}

/// What happens to tasks that run when a window begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnRunning {
    /// They go on to their end.
    #[default]
    Leave,
    /// They are paused, and go on when the window ends.
    Pause,
    /// They are cancelled.
    Cancel,
}

impl OnRunning {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Leave, Self::Pause, Self::Cancel];

    /// The word that is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Leave => "leave",
            Self::Pause => "pause",
            Self::Cancel => "cancel",
        }
    }
}

impl FromStr for OnRunning {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|it| it.as_str() == text).ok_or(())
    }
}

/// When a window is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Times {
    /// Once, milliseconds since the epoch.
    Once {
        /// From then.
        from: i64,
        /// Until then.
        until: i64,
    },
    /// Again and again.
    Recurring {
        /// When it begins: Quartz or five-field cron.
        cron: String,
        /// How long it lasts each time.
        minutes: i64,
        /// The IANA zone of the expression.
        zone: String,
    },
}

/// A window, ready to be asked.
pub(super) struct Window {
    pub(super) row: Model,
    pub(super) target: Target,
    pub(super) on_running: OnRunning,
    times: Ready,
}

enum Ready {
    Once { from: i64, until: i64 },
    Recurring { cron: Box<Cron>, length: i64, zone: TimeZone },
}

impl Window {
    pub(super) fn of(row: Model) -> Result<Self> {
        let times = ready(&times_of(&row)?)?;
        let target = Target::of(&row.target_kind, row.target_id)?;
        let on_running = row.on_running.parse().map_err(|()| Error::internal("unknown on_running"))?;
        Ok(Self { row, target, on_running, times })
    }

    /// Until when it is open, if it is open at `now`.
    pub(super) fn open_until(&self, now: i64) -> Option<i64> {
        match &self.times {
            Ready::Once { from, until } => (*from..*until).contains(&now).then_some(*until),
            Ready::Recurring { cron, length, zone } => {
                let began = |after: i64| cron.next_after(after, zone).filter(|begin| *begin <= now);
                let mut last = began(now - length)?;
                for _ in 0..MOST_BEGINNINGS {
                    match began(last) {
                        Some(later) => last = later,
                        None => return Some(last + length),
                    }
                }
                Some(now + length)
            }
        }
    }
}

/// The times of a stored window.
pub(super) fn times_of(row: &Model) -> Result<Times> {
    match (row.starts_at.zip(row.ends_at), row.cron_expression.clone().zip(row.duration_minutes)) {
        (Some((from, until)), None) => Ok(Times::Once { from, until }),
        (None, Some((cron, minutes))) => Ok(Times::Recurring { cron, minutes, zone: row.time_zone.clone() }),
        _ => Err(Error::internal("a window has no times")),
    }
}

/// Fails, naming the field, unless the times make sense.
pub(super) fn check(times: &Times) -> Result<()> {
    ready(times).map(drop)
}

fn ready(times: &Times) -> Result<Ready> {
    match times {
        Times::Once { from, until } if from >= until => {
            Err(Error::invalid("endTime", "must be later than the beginning"))
        }
        Times::Once { from, until } => Ok(Ready::Once { from: *from, until: *until }),
        Times::Recurring { cron, minutes, zone } => {
            if !(1..=LONGEST_MINUTES).contains(minutes) {
                return Err(Error::invalid("durationMinutes", format!("must be between 1 and {LONGEST_MINUTES}")));
            }
            let zone = TimeZone::get(zone).map_err(|_| Error::invalid("timeZone", "must be an IANA time zone"))?;
            let cron = Cron::parse(cron).map_err(|error| Error::invalid("cronExpression", error.to_string()))?;
            Ok(Ready::Recurring { cron: Box::new(cron), length: minutes * 60_000, zone })
        }
    }
}
