//! `date.parse`: the day or moment a text means.

use baigong_flow::{ActionContext, ActionError};
use jiff::{civil::Date, fmt::strtime};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Moment, in_zone, read, zone};
use crate::support::trouble::invalid_data;

/// What to read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The text.
    text: String,
    /// How it is written, such as %d.%m.%Y; usual forms are known when left empty.
    format: Option<String>,
    /// The time zone it is meant in; Asia/Shanghai when left empty.
    zone: Option<String>,
}

pub(crate) async fn run(_: ActionContext, parameters: Parameters) -> Result<String, ActionError> {
    let Parameters { text, format, zone: name } = parameters;
    let zone = zone(name.as_deref())?;
    let Some(format) = format else { return Ok(read(&text, &zone)?.to_string()) };
    let wrong = |error: jiff::Error| invalid_data(format!("“{text}” is not a date written as {format}: {error}"));
    let parsed = strtime::parse(&format, text.trim()).map_err(wrong)?;
    let moment = match (parsed.hour(), parsed.offset()) {
        (None, _) => Moment::Day(Date::strptime(&format, text.trim()).map_err(wrong)?),
        (Some(_), Some(_)) => Moment::At(parsed.to_timestamp().map_err(wrong)?.to_zoned(zone)),
        (Some(_), None) => Moment::At(in_zone(parsed.to_datetime().map_err(wrong)?, &zone)?),
    };
    Ok(moment.to_string())
}
