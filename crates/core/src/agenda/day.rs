//! Days, times of day and the ways of a reminder, as they are written.

use baigong_model::{Error, Result};
use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};

use crate::Platform;

/// By mail, by short message, inside Baigong.
const WAYS: [char; 3] = ['1', '2', '3'];

/// The day that `text` names: `2026-11-22`.
pub(super) fn date(field: &str, text: &str) -> Result<Date> {
    let wrong = || Error::InvalidDate { field: field.to_owned(), given: text.to_owned() };
    let date = Date::strptime("%Y-%m-%d", text).map_err(|_| wrong())?;
    if date.to_string() == text { Ok(date) } else { Err(wrong()) }
}

/// When it is `time` on `day` in `zone`, or in the server's. A time that the zone leaves out comes when its clocks are past it.
pub(super) fn moment(platform: &Platform, day: Date, time: &str, zone: Option<&str>) -> Result<i64> {
    let known = ["%H:%M", "%H:%M:%S"].into_iter().find_map(|form| Time::strptime(form, time).ok());
    let time = known.ok_or_else(|| Error::invalid("remindTime", "must look like 23:00"))?;
    let at = day.to_datetime(time).to_zoned(zone_of(platform, zone)?);
    Ok(at.map_err(|_| Error::invalid("startDate", "is too far away"))?.timestamp().as_millisecond())
}

/// The zone called `name`, or the server's.
pub(super) fn zone_of(platform: &Platform, name: Option<&str>) -> Result<TimeZone> {
    match name {
        Some(name) => TimeZone::get(name).map_err(|_| Error::invalid("timeZone", "must be an IANA time zone")),
        None => Ok(platform.config.time_zone.clone()),
    }
}

/// The ways of a reminder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ways(Vec<char>);

impl Ways {
    /// As they are written: `1,3`; inside Baigong where none is named.
    pub(super) fn read(text: &str) -> Result<Self> {
        let mut ways = Vec::new();
        for part in text.split([',', '，']).map(str::trim).filter(|part| !part.is_empty()) {
            let way = WAYS.into_iter().find(|way| part.len() == 1 && part.starts_with(*way));
            ways.push(way.ok_or_else(|| Error::invalid("remindWay", "must be 1, 2 or 3, with commas between"))?);
        }
        ways.sort_unstable();
        ways.dedup();
        Ok(Self(if ways.is_empty() { vec!['3'] } else { ways }))
    }

    /// As they are stored.
    pub(super) fn text(&self) -> String {
        self.0.iter().map(char::to_string).collect::<Vec<_>>().join(",")
    }

    pub(super) fn by_mail(&self) -> bool {
        self.0.contains(&'1')
    }

    pub(super) fn by_text(&self) -> bool {
        self.0.contains(&'2')
    }

    pub(super) fn inside(&self) -> bool {
        self.0.contains(&'3')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_ways_are_read_as_they_are_printed() {
        assert_eq!(date("startDate", "2026-11-22").unwrap().to_string(), "2026-11-22");
        for wrong in ["2026-2-30", "2026-02-30", "2026-1-1", "22.11.2026", ""] {
            assert!(date("startDate", wrong).is_err(), "{wrong}");
        }
        assert_eq!(Ways::read("2, 1,1").unwrap().text(), "1,2");
        assert_eq!(Ways::read("").unwrap().text(), "3");
        for wrong in ["4", "12", "x", "1;2"] {
            assert!(Ways::read(wrong).is_err(), "{wrong}");
        }
    }
}
