//! The search in local time: the first matching second at or after a given one, on a clock that is never changed. It must
//! know nothing of zones.

use jiff::civil::{Date, DateTime, Time};

use super::{
    Cron,
    values::{FIRST_YEAR, LAST_YEAR},
};

impl Cron {
    /// The first match at or after `from` (its fraction of a second is ignored); `None` after the last year.
    pub(super) fn next_local(&self, from: DateTime) -> Option<DateTime> {
        let date = self.next_date(from.date())?;
        if date > from.date() {
            return Some(date.to_datetime(self.next_time(Time::midnight())?));
        }
        if let Some(time) = self.next_time(from.time()) {
            return Some(date.to_datetime(time));
        }
        let date = self.next_date(date.tomorrow().ok()?)?;
        Some(date.to_datetime(self.next_time(Time::midnight())?))
    }

    /// The first matching time of day at or after `from`.
    fn next_time(&self, from: Time) -> Option<Time> {
        let number = |value: i8| usize::from(value.unsigned_abs());
        let (hour, minute, second) = (number(from.hour()), number(from.minute()), number(from.second()));
        let at_hour = self.hours.from(hour)?;
        if at_hour > hour {
            return time(at_hour, self.minutes.from(0)?, self.seconds.from(0)?);
        }
        if let Some(at_minute) = self.minutes.from(minute) {
            if at_minute > minute {
                return time(hour, at_minute, self.seconds.from(0)?);
            }
            if let Some(at_second) = self.seconds.from(second) {
                return time(hour, minute, at_second);
            }
            if let Some(at_minute) = self.minutes.from(minute + 1) {
                return time(hour, at_minute, self.seconds.from(0)?);
            }
        }
        time(self.hours.from(hour + 1)?, self.minutes.from(0)?, self.seconds.from(0)?)
    }

    /// The first matching date at or after `from`. It ends with the last year, so a date that never comes ends it too.
    fn next_date(&self, from: Date) -> Option<Date> {
        let first = Date::new(FIRST_YEAR.cast_signed(), 1, 1).ok()?;
        let mut at = from.max(first);
        while at.year() <= LAST_YEAR.cast_signed() {
            let year = at.year().unsigned_abs() - FIRST_YEAR;
            let next_year = self.years.from(usize::from(year))?;
            if next_year > usize::from(year) {
                at = Date::new((u16::try_from(next_year).ok()? + FIRST_YEAR).cast_signed(), 1, 1).ok()?;
                continue;
            }
            let Some(month) = self.months.from(usize::from(at.month().unsigned_abs())) else {
                at = Date::new(at.year() + 1, 1, 1).ok()?;
                continue;
            };
            if month > usize::from(at.month().unsigned_abs()) {
                at = Date::new(at.year(), i8::try_from(month).ok()?, 1).ok()?;
            }
            let days = self.days.of_month(at) & (u32::MAX << at.day());
            if days != 0 {
                return Date::new(at.year(), at.month(), i8::try_from(days.trailing_zeros()).ok()?).ok();
            }
            at = at.last_of_month().tomorrow().ok()?;
        }
        None
    }
}

fn time(hour: usize, minute: usize, second: usize) -> Option<Time> {
    Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, 0).ok()
}
