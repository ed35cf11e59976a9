//! On which days a calendar lets work be done. It must not know where its days came from: `shipped` reads ours, the platform
//! those of its users.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use jiff::{
    Span,
    civil::{Date, Weekday},
};

/// The reason on a Saturday or Sunday that nothing else explains.
const WEEKEND: &str = "weekend";
/// The reason on a day that has no name.
const NAMELESS: &str = "non-working day";

/// What a calendar says about a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day<'a> {
    /// Work is done.
    Works,
    /// No work is done, for this reason: the name of the holiday where it is known.
    Off(&'a str),
    /// The calendar does not reach this day: nothing may fire, and somebody must be told.
    Unknown,
}

/// The days of one calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayRule {
    off: BTreeMap<Date, String>,
    weekends: Weekends,
    known: Option<RangeInclusive<Date>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Weekends {
    /// They are days like any other.
    Work,
    /// They are off, but for these.
    Off { except: BTreeSet<Date> },
}

impl DayRule {
    /// A calendar that knows its non-working days, with their names (may be empty), and nothing else: every other day works,
    /// weekends too.
    #[must_use]
    pub fn of_non_working_days(days: impl IntoIterator<Item = (Date, String)>) -> Self {
        Self { off: days.into_iter().collect(), weekends: Weekends::Work, known: None }
    }

    /// A calendar whose weekends are off, except `working`, and that is known only for the days of `known`.
    #[must_use]
    pub fn of_known_years(
        known: RangeInclusive<Date>,
        off: impl IntoIterator<Item = (Date, String)>,
        working: impl IntoIterator<Item = Date>,
    ) -> Self {
        let except = working.into_iter().collect();
        Self { off: off.into_iter().collect(), weekends: Weekends::Off { except }, known: Some(known) }
    }

    /// What the calendar says about `date`.
    #[must_use]
    pub fn of(&self, date: Date) -> Day<'_> {
        if self.known.as_ref().is_some_and(|known| !known.contains(&date)) {
            return Day::Unknown;
        }
        match self.off.get(&date) {
            Some(name) if name.is_empty() => Day::Off(NAMELESS),
            Some(name) => Day::Off(name),
            None if self.is_weekend_off(date) => Day::Off(WEEKEND),
            None => Day::Works,
        }
    }

    /// The last day the calendar knows; `None` for one that has an answer for every day.
    #[must_use]
    pub fn known_until(&self) -> Option<Date> {
        self.known.as_ref().map(|known| *known.end())
    }

    /// The days on which no work is done, in order, and why: of all years for a calendar that has an answer for every day,
    /// otherwise of the years it knows, weekends included.
    #[must_use]
    pub fn non_working_days(&self) -> Vec<(Date, &str)> {
        let Some(known) = &self.known else {
            return self.off.iter().map(|(day, name)| (*day, name.as_str())).collect();
        };
        let days = known.start().series(Span::new().days(1)).take_while(|day| known.contains(day));
        days.filter_map(|day| match self.of(day) {
            Day::Off(reason) => Some((day, reason)),
            Day::Works | Day::Unknown => None,
        })
        .collect()
    }

    fn is_weekend_off(&self, date: Date) -> bool {
        let is_weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        matches!(&self.weekends, Weekends::Off { except } if is_weekend && !except.contains(&date))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_calendar_of_non_working_days_lets_every_other_day_work() {
        let rule =
            DayRule::of_non_working_days([(date(2026, 11, 23), String::new()), (date(2026, 11, 24), "Move".into())]);
        assert_eq!(rule.of(date(2026, 11, 22)), Day::Works, "a Sunday");
        assert_eq!(rule.of(date(2026, 11, 23)), Day::Off("non-working day"));
        assert_eq!(rule.of(date(2026, 11, 24)), Day::Off("Move"));
        assert_eq!((rule.of(date(2199, 1, 1)), rule.known_until()), (Day::Works, None));
    }

    #[test]
    fn beyond_what_is_known_nothing_is_said() {
        let known = date(2026, 1, 1)..=date(2026, 12, 31);
        let rule = DayRule::of_known_years(known, [(date(2026, 1, 1), "New Year".into())], [date(2026, 1, 4)]);
        let expected = [
            (date(2025, 12, 31), Day::Unknown),
            (date(2026, 1, 1), Day::Off("New Year")),
            (date(2026, 1, 3), Day::Off("weekend")),
            (date(2026, 1, 4), Day::Works),
            (date(2026, 12, 31), Day::Works),
            (date(2027, 1, 1), Day::Unknown),
        ];
        for (day, says) in expected {
            assert_eq!(rule.of(day), says, "{day}");
        }
        assert_eq!(rule.known_until(), Some(date(2026, 12, 31)));
        let off = rule.non_working_days();
        assert_eq!(off[..2], [(date(2026, 1, 1), "New Year"), (date(2026, 1, 3), "weekend")]);
        assert_eq!(off.len(), 104, "the Saturdays and Sundays of 2026 but for the 4th, and New Year");
    }
}
