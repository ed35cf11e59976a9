//! The five fields of Unix cron (crontab(5)): no seconds, weekdays from 0 (SUN), no `?`, `L`, `W` or `#`.

use super::{Cron, CronError, Field, days::Days, item::list, values::FIRST_YEAR, values::LAST_YEAR};

/// Reads the fields of an expression whose canonical text is `text`.
pub(super) fn parse(text: String, fields: [&str; 5]) -> Result<Cron, CronError> {
    let [minute, hour, day, month, weekday] = fields;
    let minutes = list(Field::Minutes, minute)?;
    let days = Days::Unix {
        of_month: list(Field::DayOfMonth, day)?.values.low_bits(),
        of_week: list(Field::UnixDayOfWeek, weekday)?.values.low_bits(),
        // crontab(5): a field that begins with * is not restricted, and then the other one decides.
        either: !day.starts_with('*') && !weekday.starts_with('*'),
    };
    Ok(Cron {
        text,
        seconds: [0].into_iter().collect(),
        is_interval: minutes.has_interval,
        minutes: minutes.values,
        hours: list(Field::Hours, hour)?.values,
        days,
        months: list(Field::Month, month)?.values,
        years: (0..=usize::from(LAST_YEAR - FIRST_YEAR)).collect(),
    })
}
