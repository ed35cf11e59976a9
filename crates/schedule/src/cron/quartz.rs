//! Quartz's fields: seconds first, weekdays from 1 (SUN), and a `?` in exactly one day field. Where Quartz 2.3.2 reads only
//! a part of what is written and ignores the rest, this refuses; `docs/schedules.md` lists the cases.

use super::{
    Cron, CronError, Field,
    days::Days,
    error::{outside, unreadable},
    item::{list, number, value},
    values::Values,
};

/// `L-n` counts at most so many days back.
const FURTHEST_BACK: u32 = 30;
/// A weekday comes at most so many times in a month.
const MOST_WEEKS: u32 = 5;

/// Reads the fields of an expression whose canonical text is `text`.
pub(super) fn parse(text: String, fields: [&str; 7]) -> Result<Cron, CronError> {
    let [second, minute, hour, day, month, weekday, year] = fields;
    let (seconds, minutes) = (list(Field::Seconds, second)?, list(Field::Minutes, minute)?);
    let hours = list(Field::Hours, hour)?.values;
    let months = list(Field::Month, month)?.values;
    let days = match (day_of_month(day)?, day_of_week(weekday)?) {
        (Some(days), None) | (None, Some(days)) => days,
        (Some(_), Some(_)) => return Err(CronError::BothDays),
        (None, None) => return Err(CronError::NeitherDay),
    };
    let is_interval = seconds.has_interval || minutes.has_interval;
    let (seconds, minutes, years) = (seconds.values, minutes.values, list(Field::Year, year)?.values);
    Ok(Cron { text, seconds, minutes, hours, days, months, years, is_interval })
}

/// The day-of-month field; `None` is `?`.
fn day_of_month(text: &str) -> Result<Option<Days>, CronError> {
    let field = Field::DayOfMonth;
    check_alone(field, text, &['?', 'L', 'W'])?;
    if text == "?" {
        return Ok(None);
    }
    if let Some(rest) = text.strip_prefix('L') {
        let (back, is_weekday) = rest.strip_suffix('W').map_or((rest, false), |back| (back, true));
        let before = match back.strip_prefix('-') {
            Some(days) => number(field, text, days)?,
            None if back.is_empty() => 0,
            None => return Err(unreadable(field, text)),
        };
        if before > FURTHEST_BACK {
            return Err(outside(field, text, (0, FURTHEST_BACK)));
        }
        return Ok(Some(if is_weekday { Days::LastWeekday { before } } else { Days::Last { before } }));
    }
    if let Some(day) = text.strip_suffix('W') {
        return Ok(Some(Days::NearestWeekday(value(field, text, day)?)));
    }
    Ok(Some(Days::OfMonth(list(field, text)?.values.low_bits())))
}

/// The day-of-week field; `None` is `?`.
fn day_of_week(text: &str) -> Result<Option<Days>, CronError> {
    let field = Field::DayOfWeek;
    check_alone(field, text, &['?', 'L', '#'])?;
    if text == "?" {
        return Ok(None);
    }
    if let Some((weekday, nth)) = text.split_once('#') {
        let (weekday, nth) = (from_sunday(value(field, text, weekday)?), number(field, text, nth)?);
        if !(1..=MOST_WEEKS).contains(&nth) {
            return Err(outside(field, text, (1, MOST_WEEKS)));
        }
        return Ok(Some(Days::NthOfWeek { weekday, nth }));
    }
    match text.strip_suffix('L') {
        // Not the last anything: a bare L is Saturday, the last day of Quartz's week.
        Some("") => Ok(Some(weekdays(list(field, "7")?.values))),
        Some(weekday) => Ok(Some(Days::LastOfWeek(from_sunday(value(field, text, weekday)?)))),
        None => Ok(Some(weekdays(list(field, text)?.values))),
    }
}

fn check_alone(field: Field, text: &str, signs: &[char]) -> Result<(), CronError> {
    if text.contains(',') && text.contains(signs) {
        return Err(CronError::NotInList { field, item: text.to_owned() });
    }
    Ok(())
}

/// From Quartz's 1 (SUN) to 0.
fn from_sunday(weekday: u32) -> u32 {
    weekday - 1
}

fn weekdays(from_one: Values) -> Days {
    Days::OfWeek(from_one.low_bits() >> 1)
}
