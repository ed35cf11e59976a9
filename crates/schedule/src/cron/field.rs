//! The fields of an expression: what each is called, which values it takes, and what to write in it.

use std::fmt;

use super::values::{FIRST_YEAR, LAST_YEAR};

/// A field of a cron expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Seconds, 0 to 59 (Quartz only).
    Seconds,
    /// Minutes, 0 to 59.
    Minutes,
    /// Hours, 0 to 23.
    Hours,
    /// Days of the month, 1 to 31.
    DayOfMonth,
    /// Months, 1 to 12 or JAN to DEC.
    Month,
    /// Days of the week as Quartz counts them, 1 (SUN) to 7 (SAT).
    DayOfWeek,
    /// Days of the week as Unix cron counts them, 0 (SUN) to 6 (SAT), and 7 (SUN) again.
    UnixDayOfWeek,
    /// Years, 1970 to 2199 (Quartz only).
    Year,
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Field {
    /// The smallest and the largest value.
    pub(super) const fn limits(self) -> (u32, u32) {
        match self {
            Self::Seconds | Self::Minutes => (0, 59),
            Self::Hours => (0, 23),
            Self::DayOfMonth => (1, 31),
            Self::Month => (1, 12),
            Self::DayOfWeek => (1, 7),
            Self::UnixDayOfWeek => (0, 7),
            Self::Year => (FIRST_YEAR as u32, LAST_YEAR as u32),
        }
    }

    /// After how many values it begins anew; `None` where it never does.
    pub(super) const fn cycle(self) -> Option<u32> {
        let (first, last) = self.limits();
        match self {
            Self::Year => None,
            // 7 is Sunday once more, not an eighth day.
            Self::UnixDayOfWeek => Some(7),
            _ => Some(last - first + 1),
        }
    }

    /// The largest step behind `*` or a single value, as Quartz has it.
    pub(super) const fn largest_step(self) -> u32 {
        match self {
            Self::Seconds | Self::Minutes => 59,
            Self::Hours => 23,
            Self::DayOfMonth => 31,
            Self::Month => 12,
            Self::DayOfWeek | Self::UnixDayOfWeek => 7,
            Self::Year => LAST_YEAR as u32,
        }
    }

    /// The value that a name stands for.
    pub(super) fn named(self, name: &str) -> Option<u32> {
        let (names, first): (&[&str], u32) = match self {
            Self::Month => (&MONTHS, 1),
            Self::DayOfWeek => (&WEEKDAYS, 1),
            Self::UnixDayOfWeek => (&WEEKDAYS, 0),
            _ => return None,
        };
        names.iter().zip(first..).find(|(known, _)| **known == name).map(|(_, value)| value)
    }

    /// What may be written in it.
    pub(super) const fn hint(self) -> &'static str {
        match self {
            Self::Seconds | Self::Minutes => "write 0 to 59, *, a list 0,30, a range 10-20 or a step 0/15",
            Self::Hours => "write 0 to 23, *, a list 9,15, a range 9-17 or a step 0/2",
            Self::DayOfMonth => "write 1 to 31, *, ?, L, L-3, LW, 15W, a list 1,15, a range 1-5 or a step 1/2",
            Self::Month => "write 1 to 12 or JAN to DEC, *, a list JAN,JUL, a range MAR-MAY or a step 1/3",
            Self::DayOfWeek => {
                "write 1 (SUN) to 7 (SAT) or SUN to SAT, *, ?, FRIL, FRI#3, a list MON,WED or a range MON-FRI"
            }
            Self::UnixDayOfWeek => "write 0 (SUN) to 6 (SAT) or SUN to SAT, *, a list MON,WED or a range MON-FRI",
            Self::Year => "write 1970 to 2199, *, a list, a range 2026-2030 or a step 2026/2",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Seconds => "seconds",
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::DayOfMonth => "day of month",
            Self::Month => "month",
            Self::DayOfWeek | Self::UnixDayOfWeek => "day of week",
            Self::Year => "year",
        })
    }
}
