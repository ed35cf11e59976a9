//! The instants of a trigger's schedule: which have been missed, which are due, which comes next. Pure.

use baigong_model::{Error, Result};
use baigong_schedule::Cron;
use baigong_store::entity::task_trigger;
use jiff::tz::TimeZone;

/// An instant that is later than this counts as missed, milliseconds.
pub(super) const PUNCTUAL: i64 = 60_000;
/// The latest missed instants are looked at one by one, those before them as one run.
pub(super) const ONE_BY_ONE: usize = 100;
/// Missed instants are counted up to this many.
const COUNTED: usize = 300;

/// When a trigger fires.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    pub(super) cron: Cron,
    pub(super) zone: TimeZone,
    pub(super) start_at: Option<i64>,
    pub(super) end_at: Option<i64>,
}

/// Missed instants that nobody looks at one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) first: i64,
    pub(super) last: i64,
    /// How many, where they were counted.
    pub(super) count: Option<i64>,
}

/// The instants from one on until now.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Due {
    /// The oldest of those missed.
    pub(super) run: Option<Run>,
    /// The later ones of those missed.
    pub(super) missed: Vec<i64>,
    /// Those that are not.
    pub(super) punctual: Vec<i64>,
    /// The first one after now.
    pub(super) next: Option<i64>,
}

/// Reads the zone of a trigger that has these bounds, by time or not.
pub(super) fn bounded_zone(zone: &str, start_at: Option<i64>, end_at: Option<i64>) -> Result<TimeZone> {
    let found = TimeZone::get(zone).map_err(|_| {
        Error::invalid("timeZone", format!("\"{zone}\" is not the IANA name of a zone, such as Asia/Shanghai"))
    })?;
    if start_at.zip(end_at).is_some_and(|(start, end)| end < start) {
        return Err(Error::invalid("endTime", "must not be before startTime"));
    }
    Ok(found)
}

impl Schedule {
    /// The schedule of a stored trigger by time.
    pub(super) fn of(trigger: &task_trigger::Model) -> Result<Self> {
        Self::read(&trigger.cron, &trigger.time_zone, trigger.start_at, trigger.end_at)
    }

    /// Reads an expression and a zone.
    pub(super) fn read(cron: &str, zone: &str, start_at: Option<i64>, end_at: Option<i64>) -> Result<Self> {
        let cron = Cron::parse(cron).map_err(|error| Error::invalid("cronExpression", error.to_string()))?;
        Ok(Self { cron, zone: bounded_zone(zone, start_at, end_at)?, start_at, end_at })
    }

    /// The first instant after `after`.
    pub(super) fn next_after(&self, after: i64) -> Option<i64> {
        let after = self.start_at.map_or(after, |start| after.max(start - 1));
        self.cron.next_after(after, &self.zone).filter(|at| self.end_at.is_none_or(|end| *at <= end))
    }

    /// The instants from `first`, which is one, until `now`.
    pub(super) fn due(&self, first: i64, now: i64) -> Due {
        let limit = now - PUNCTUAL;
        let mut missed = Vec::new();
        let mut at = Some(first);
        while let Some(instant) = at.filter(|at| *at < limit && missed.len() < COUNTED) {
            missed.push(instant);
            at = self.next_after(instant);
        }
        let mut due = Due::default();
        if at.is_some_and(|at| at < limit) {
            // Too many to count: the latest are looked for from the end.
            let last = limit - 1;
            missed = self.latest(first, last);
            let before = missed.first().and_then(|oldest| self.last_until(first, oldest - 1));
            due.run = before.map(|last| Run { first, last, count: None });
            at = self.next_after(last);
        } else if missed.len() > ONE_BY_ONE {
            let kept = missed.split_off(missed.len() - ONE_BY_ONE);
            let run = (missed[0], missed[missed.len() - 1], i64::try_from(missed.len()).ok());
            due.run = Some(Run { first: run.0, last: run.1, count: run.2 });
            missed = kept;
        }
        due.missed = missed;
        while let Some(instant) = at.filter(|at| *at <= now) {
            due.punctual.push(instant);
            at = self.next_after(instant);
        }
        due.next = at;
        due
    }

    /// The latest instants from `first` until `last`, oldest first.
    fn latest(&self, first: i64, last: i64) -> Vec<i64> {
        let mut found = Vec::with_capacity(ONE_BY_ONE);
        let mut until = last;
        while let Some(at) = self.last_until(first, until).filter(|_| found.len() < ONE_BY_ONE) {
            found.push(at);
            until = at - 1;
        }
        found.reverse();
        found
    }

    /// The last instant until `until`, not before `first`, which is one.
    fn last_until(&self, first: i64, until: i64) -> Option<i64> {
        if until < first {
            return None;
        }
        // An instant comes after `early` and none after `late`; the gap is widened backwards, then halved.
        let comes = |after: i64| self.next_after(after).filter(|at| *at <= until);
        let (mut early, mut late, mut step) = (until - 1, until, 1000);
        while early >= first && comes(early).is_none() {
            late = early;
            early = until - step;
            step *= 2;
        }
        early = early.max(first - 1);
        while late - early > 1 {
            let middle = early + (late - early) / 2;
            match comes(middle) {
                Some(_) => early = middle,
                None => late = middle,
            }
        }
        comes(early)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_800_000_000_000;

    fn schedule(cron: &str) -> Schedule {
        Schedule::read(cron, "Asia/Shanghai", None, None).unwrap()
    }

    /// As `due` should be, one instant after the other.
    fn plainly(schedule: &Schedule, first: i64, now: i64) -> (Vec<i64>, Option<i64>) {
        let mut all = Vec::new();
        let mut at = Some(first);
        while let Some(instant) = at.filter(|at| *at <= now) {
            all.push(instant);
            at = schedule.next_after(instant);
        }
        (all, at)
    }

    #[test]
    fn no_instant_is_lost_between_missed_and_due() {
        for (cron, seconds) in [
            ("* * * * * ?", 50_i64),
            ("* * * * * ?", 161),
            ("* * * * * ?", 5000),
            ("0 * * * * ?", 86_400),
            ("0 0/7 9-11 ? * MON-FRI", 30 * 86_400),
            ("* * 9 * * ?", 86_400),
            ("0 0 0 1 1 ?", 86_400),
        ] {
            let schedule = schedule(cron);
            let first = schedule.next_after(START).unwrap();
            let now = first + seconds * 1000 + 400;
            let due = schedule.due(first, now);
            let (all, next) = plainly(&schedule, first, now);
            assert_eq!(due.next, next, "{cron}");
            let in_run = match due.run {
                None => 0,
                Some(run) => {
                    let counted = all.iter().filter(|at| (run.first..=run.last).contains(at)).count();
                    assert!(run.count.is_none_or(|count| count == i64::try_from(counted).unwrap()), "{cron}: {run:?}");
                    assert!(all.contains(&run.first) && all.contains(&run.last), "{cron}: {run:?}");
                    counted
                }
            };
            let tail: Vec<i64> = due.missed.iter().chain(&due.punctual).copied().collect();
            assert_eq!(tail, all[in_run..], "{cron}");
            assert!(due.missed.iter().all(|at| *at < now - PUNCTUAL), "{cron}");
            assert!(due.punctual.iter().all(|at| *at >= now - PUNCTUAL), "{cron}");
        }
    }

    #[test]
    fn a_schedule_has_bounds() {
        let bounded = Schedule { start_at: Some(START + 5000), end_at: Some(START + 7000), ..schedule("* * * * * ?") };
        let (all, next) = plainly(&bounded, bounded.next_after(START).unwrap(), i64::MAX - 1);
        assert_eq!((all, next), (vec![START + 5000, START + 6000, START + 7000], None));
        let backwards = Schedule::read("* * * * * ?", "UTC", Some(2), Some(1));
        assert!(matches!(backwards, Err(Error::Invalid { field, .. }) if field == "endTime"));
    }
}
