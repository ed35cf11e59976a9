//! `date.now`: the moment it is.

use baigong_flow::{ActionContext, ActionError};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Moment, show, zone};
use crate::support::trouble::internal;

/// How to show it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// How to write it, such as %Y-%m-%d or %Y%m%d%H%M%S; 2026-11-21T20:03:00+08:00 when left empty.
    format: Option<String>,
    /// The time zone; Asia/Shanghai when left empty.
    zone: Option<String>,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<String, ActionError> {
    let zone = zone(parameters.zone.as_deref())?;
    let now = Timestamp::from_millisecond(context.clock.now()).map_err(|error| internal(error.to_string()))?;
    let moment = Moment::At(now.to_zoned(zone.clone()));
    parameters.format.map_or_else(|| Ok(moment.to_string()), |format| show(&moment, &format, &zone))
}
