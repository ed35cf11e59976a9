//! A cron expression as it was understood: the parts that the search for the next firing asks.

use std::fmt;

use jiff::tz::TimeZone;

mod days;
mod error;
mod field;
mod item;
mod local;
mod quartz;
mod unix;
mod values;
mod zone;

pub use error::CronError;
pub use field::Field;

use days::Days;
use values::Values;

/// The longest expression that is read.
const LONGEST: usize = 1000;

/// When something fires: a Quartz expression (6 or 7 fields) or one of Unix cron (5 fields).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    text: String,
    seconds: Values,
    minutes: Values,
    hours: Values,
    days: Days,
    months: Values,
    years: Values,
    /// Whether seconds or minutes were written as an interval (`*`, `/` or a range) and not as fixed values.
    is_interval: bool,
}

impl Cron {
    /// Reads an expression. The number of fields says which kind it is: 5 Unix cron, 6 or 7 Quartz.
    ///
    /// # Errors
    /// What is wrong, in which field, and what to write instead.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        if text.len() > LONGEST {
            return Err(CronError::TooLong);
        }
        let text = text.to_ascii_uppercase();
        let fields: Vec<&str> = text.split_whitespace().collect();
        let canonical = fields.join(" ");
        match fields[..] {
            [minute, hour, day, month, weekday] => unix::parse(canonical, [minute, hour, day, month, weekday]),
            [second, minute, hour, day, month, weekday] => {
                quartz::parse(canonical, [second, minute, hour, day, month, weekday, "*"])
            }
            [second, minute, hour, day, month, weekday, year] => {
                quartz::parse(canonical, [second, minute, hour, day, month, weekday, year])
            }
            _ => Err(CronError::FieldCount { count: fields.len() }),
        }
    }

    /// The first firing after `after_ms`, both in milliseconds since the epoch; `None` when there is none up to the end of
    /// the year 2199. What happens when the clocks change is in `docs/schedules.md`.
    #[must_use]
    pub fn next_after(&self, after_ms: i64, zone: &TimeZone) -> Option<i64> {
        zone::next_after(self, after_ms, zone)
    }
}

/// The expression with upper-case names and single spaces; it reads as the same expression again.
impl fmt::Display for Cron {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests;
