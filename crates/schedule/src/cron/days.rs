//! Which days of a month a pair of day fields means. Everything a day field can say becomes the set of days of one month.

use jiff::civil::Date;

/// The two day fields together. Weekdays are counted from 0, Sunday; sets are bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Days {
    /// These days of the month.
    OfMonth(u32),
    /// The last day of the month (`L`), or so many days before it (`L-3`).
    Last { before: u32 },
    /// The weekday nearest to that day, within the month (`LW`, `L-3W`).
    LastWeekday { before: u32 },
    /// The weekday nearest to this day, within the month (`15W`).
    NearestWeekday(u32),
    /// These weekdays.
    OfWeek(u32),
    /// The last of this weekday in the month (`6L`).
    LastOfWeek(u32),
    /// The n-th of this weekday in the month (`6#3`).
    NthOfWeek { weekday: u32, nth: u32 },
    /// Unix cron: days of the month or weekdays where both are restricted, otherwise both.
    Unix { of_month: u32, of_week: u32, either: bool },
}

const SATURDAY: u32 = 6;
const SUNDAY: u32 = 0;

impl Days {
    /// The days of the month of `date` as bits 1 to 31. A day that the month does not have is not among them.
    pub(super) fn of_month(&self, date: Date) -> u32 {
        let month = Month::of(date);
        match *self {
            Self::OfMonth(days) => month.existing(days),
            Self::Last { before } => month.before_end(before).map_or(0, bit),
            Self::LastWeekday { before } => month.before_end(before).map_or(0, |day| bit(month.nearest_weekday(day))),
            Self::NearestWeekday(day) if day > month.length => 0,
            Self::NearestWeekday(day) => bit(month.nearest_weekday(day)),
            Self::OfWeek(weekdays) => month.of_week(weekdays),
            Self::LastOfWeek(weekday) => month.last_of_week(weekday),
            Self::NthOfWeek { weekday, nth } => month.nth_of_week(weekday, nth),
            Self::Unix { of_month, of_week, either: true } => month.existing(of_month) | month.of_week(of_week),
            Self::Unix { of_month, of_week, either: false } => month.existing(of_month) & month.of_week(of_week),
        }
    }
}

/// What must be known of a month.
struct Month {
    length: u32,
    /// The weekday of its first day.
    begins_on: u32,
}

impl Month {
    fn of(date: Date) -> Self {
        let begins_on = date.first_of_month().weekday().to_sunday_zero_offset();
        Self { length: date.days_in_month().unsigned_abs().into(), begins_on: begins_on.unsigned_abs().into() }
    }

    fn weekday(&self, day: u32) -> u32 {
        (self.begins_on + day - 1) % 7
    }

    fn existing(&self, days: u32) -> u32 {
        days & (u32::MAX >> (31 - self.length)) & !1
    }

    fn before_end(&self, before: u32) -> Option<u32> {
        self.length.checked_sub(before).filter(|day| *day > 0)
    }

    /// Saturdays go back to Friday and Sundays on to Monday, but never into another month.
    fn nearest_weekday(&self, day: u32) -> u32 {
        match self.weekday(day) {
            SATURDAY if day == 1 => 3,
            SATURDAY => day - 1,
            SUNDAY if day == self.length => day - 2,
            SUNDAY => day + 1,
            _ => day,
        }
    }

    fn of_week(&self, weekdays: u32) -> u32 {
        (1..=self.length).filter(|day| weekdays & bit(self.weekday(*day)) != 0).fold(0, |days, day| days | bit(day))
    }

    fn last_of_week(&self, weekday: u32) -> u32 {
        (1..=self.length).rev().find(|day| self.weekday(*day) == weekday).map_or(0, bit)
    }

    fn nth_of_week(&self, weekday: u32, nth: u32) -> u32 {
        let nth_day = (1..=7).find(|day| self.weekday(*day) == weekday).map(|first| first + 7 * (nth - 1));
        nth_day.filter(|day| *day <= self.length).map_or(0, bit)
    }
}

const fn bit(number: u32) -> u32 {
    1u32 << number
}
