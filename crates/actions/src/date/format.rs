//! `date.format`: a day or moment, written in another way.

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{read, show, zone};

/// What to write.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The date: what a date action gave, or a usual form such as 20261121.
    date: String,
    /// How to write it: %Y year, %m month, %d day, %H hour, %M minute, %S second, %A weekday; such as %Y年%m月%d日.
    format: String,
    /// The time zone; Asia/Shanghai when left empty.
    zone: Option<String>,
}

pub(crate) async fn run(_: ActionContext, parameters: Parameters) -> Result<String, ActionError> {
    let zone = zone(parameters.zone.as_deref())?;
    show(&read(&parameters.date, &zone)?, &parameters.format, &zone)
}
