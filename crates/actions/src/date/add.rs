//! `date.add`: a day or moment some time later, or earlier with negative numbers.

use baigong_flow::{ActionContext, ActionError};
use jiff::{Error, Span};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Moment, in_zone, read, zone};
use crate::support::trouble::invalid_data;

/// What to add.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The date: what a date action gave, or a usual form such as 20261121.
    date: String,
    /// Years; 29 February becomes the 28th where there is none.
    #[serde(default)]
    years: i64,
    /// Months; the 31st becomes the last day of a shorter month.
    #[serde(default)]
    months: i64,
    /// Days.
    #[serde(default)]
    days: i64,
    /// Hours.
    #[serde(default)]
    hours: i64,
    /// Minutes.
    #[serde(default)]
    minutes: i64,
    /// Seconds.
    #[serde(default)]
    seconds: i64,
    /// The time zone; Asia/Shanghai when left empty.
    zone: Option<String>,
}

pub(crate) async fn run(_: ActionContext, parameters: Parameters) -> Result<String, ActionError> {
    let zone = zone(parameters.zone.as_deref())?;
    let failed = |error: Error| invalid_data(format!("the date leaves the calendar: {error}"));
    let days = span(&parameters, true).map_err(failed)?;
    let time = span(&parameters, false).map_err(failed)?;
    let sum = match read(&parameters.date, &zone)? {
        Moment::Day(day) if time.is_zero() => Moment::Day(day.checked_add(days).map_err(failed)?),
        Moment::Day(day) => {
            let midnight = in_zone(day.checked_add(days).map_err(failed)?.at(0, 0, 0, 0), &zone)?;
            Moment::At(midnight.checked_add(time).map_err(failed)?)
        }
        Moment::At(at) => Moment::At(at.checked_add(days).and_then(|at| at.checked_add(time)).map_err(failed)?),
    };
    Ok(sum.to_string())
}

fn span(parameters: &Parameters, days: bool) -> Result<Span, Error> {
    let Parameters { years, months, hours, minutes, seconds, .. } = *parameters;
    if days {
        Span::new().try_years(years)?.try_months(months)?.try_days(parameters.days)
    } else {
        Span::new().try_hours(hours)?.try_minutes(minutes)?.try_seconds(seconds)
    }
}
