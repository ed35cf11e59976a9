//! Calendars (T/TSAC 002-2025, 6.2.15): on which days triggers do not fire. They belong to no department. Some come with
//! the platform (`shipped`); their days are not stored and nobody changes them.

mod change;
mod days;
mod ending;
mod export;
mod import;
mod look;
mod shipped;

pub(crate) use change::hold;
pub use change::{CalendarChange, NewCalendar, create, delete, update};
pub(crate) use days::Cache;
pub use days::days;
pub use ending::warn_of_ends;
pub use export::{Exported, export};
pub use import::{Import, Imported, Mode, import};
pub use look::{CalendarDetails, DayAnswer, ListedCalendar, day, list, query};
pub(crate) use shipped::ensure;

use std::collections::BTreeMap;

use baigong_model::{Error, Result};
use jiff::civil::Date;

/// A calendar has at most so many non-working days: 27 years without a working day.
pub const MOST_DAYS: usize = 10_000;

/// How days are written on the wire and stored.
const DAY: &str = "%Y-%m-%d";

/// What kind of calendar it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarKind {
    /// Made by a user: knows its non-working days, every other day works.
    Custom,
    /// The trading days of an exchange, which come with the platform.
    Exchange,
    /// The working days of a country, which come with the platform.
    WorkingDays,
}

impl CalendarKind {
    /// Its word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Custom => "custom",
            Self::Exchange => "exchange",
            Self::WorkingDays => "working-days",
        }
    }
}

/// The days that `texts` name, each once. `field` is what the error names.
fn read_days(field: &str, texts: &[String]) -> Result<BTreeMap<Date, String>> {
    let days: BTreeMap<_, _> =
        texts.iter().map(|text| Ok((read_day(field, text)?, String::new()))).collect::<Result<_>>()?;
    not_too_many(field, days.len())?;
    Ok(days)
}

/// The day written as `yyyy-MM-dd` and not otherwise.
pub fn read_day(field: &str, text: &str) -> Result<Date> {
    let day = Date::strptime(DAY, text).ok().filter(|day| day.strftime(DAY).to_string() == text);
    day.ok_or_else(|| Error::InvalidDate { field: field.to_owned(), given: text.chars().take(40).collect() })
}

fn not_too_many(field: &str, count: usize) -> Result<()> {
    if count <= MOST_DAYS {
        return Ok(());
    }
    Err(Error::invalid(field, format!("must have at most {MOST_DAYS} days")))
}

/// Days as they are stored.
fn stored(days: &BTreeMap<Date, String>) -> Vec<(String, String)> {
    days.iter().map(|(day, name)| (day.strftime(DAY).to_string(), name.clone())).collect()
}

/// Stored days as days.
fn loaded(rows: Vec<(String, String)>) -> Result<BTreeMap<Date, String>> {
    rows.into_iter().map(|(day, name)| Ok((Date::strptime(DAY, day).map_err(Error::internal)?, name))).collect()
}

#[cfg(test)]
mod tests;
