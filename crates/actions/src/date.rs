//! Dates and times: now, parse, format, add. In flows they are ISO texts: "2026-11-21" for a day,
//! "2026-11-21T20:03:00+08:00" for a moment. The zone is Asia/Shanghai unless the step names another.

pub(crate) mod add;
pub(crate) mod format;
pub(crate) mod now;
pub(crate) mod parse;

use std::fmt;

use baigong_flow::ActionError;
use jiff::{
    Timestamp, Zoned,
    civil::{Date, DateTime},
    tz::TimeZone,
};

use crate::support::trouble::{invalid_data, invalid_parameter};

/// A day or a moment.
#[derive(Debug, Clone, PartialEq)]
enum Moment {
    Day(Date),
    At(Zoned),
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::At(at) => at.strftime("%Y-%m-%dT%H:%M:%S%:z").fmt(f),
        }
    }
}

fn zone(name: Option<&str>) -> Result<TimeZone, ActionError> {
    let name = name.unwrap_or("Asia/Shanghai");
    TimeZone::get(name).map_err(|_| {
        invalid_parameter(format!("there is no time zone “{name}”. Use one like Asia/Shanghai, Asia/Hong_Kong or UTC."))
    })
}

/// Reads what a date action gave, or a day as 20261121, 2026/11/21, 2026年11月21日.
fn read(text: &str, zone: &TimeZone) -> Result<Moment, ActionError> {
    let text = text.trim();
    for pattern in ["%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d"] {
        if let Ok(day) = Date::strptime(pattern, text) {
            return Ok(Moment::Day(day));
        }
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(Moment::At(at.to_zoned(zone.clone())));
    }
    for pattern in ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M"] {
        if let Ok(time) = DateTime::strptime(pattern, text) {
            return in_zone(time, zone).map(Moment::At);
        }
    }
    Err(invalid_data(format!(
        "“{text}” is not a date. Write it like 2026-11-21 or 2026-11-21 20:03:00, or read it with date.parse and a format."
    )))
}

/// The milliseconds since the epoch of what a date action gave; a day begins at midnight in Shanghai.
pub(crate) fn milliseconds(text: &str) -> Result<i64, ActionError> {
    let zone = zone(None)?;
    let at = match read(text, &zone)? {
        Moment::Day(day) => in_zone(day.at(0, 0, 0, 0), &zone)?,
        Moment::At(at) => at,
    };
    Ok(at.timestamp().as_millisecond())
}

fn in_zone(time: DateTime, zone: &TimeZone) -> Result<Zoned, ActionError> {
    time.to_zoned(zone.clone()).map_err(|error| invalid_data(format!("{time} is not in the calendar: {error}")))
}

/// `moment` in a strftime `pattern`; a day counts from midnight.
fn show(moment: &Moment, pattern: &str, zone: &TimeZone) -> Result<String, ActionError> {
    let at = match moment {
        Moment::Day(day) => in_zone(day.at(0, 0, 0, 0), zone)?,
        Moment::At(at) => at.clone(),
    };
    jiff::fmt::strtime::format(pattern, &at)
        .map_err(|error| invalid_parameter(format!("the format “{pattern}” cannot be used: {error}. Try %Y-%m-%d.")))
}

#[cfg(test)]
mod tests;
