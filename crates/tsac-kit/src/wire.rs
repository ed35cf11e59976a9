//! Times, levels, parameters and states on the wire.

use baigong_model::{Error, LogLevel, Result, TaskState};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const TIME: &str = "%Y-%m-%d %H:%M:%S";
/// What stands for a password in an answer.
pub const HIDDEN: &str = "******";
/// The last second that the printed form can show: what never ends.
pub const NEVER: &str = "9999-12-31 23:59:59";

/// Milliseconds since the epoch as `yyyy-MM-dd HH:mm:ss` in `zone`.
#[must_use]
pub fn show_time(zone: &TimeZone, milliseconds: i64) -> String {
    let at = Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    at.to_zoned(zone.clone()).strftime(TIME).to_string()
}

/// The milliseconds since the epoch of `text`, as it stands in `field`; none for an empty text.
pub fn parse_time(zone: &TimeZone, field: &str, text: Option<&str>) -> Result<Option<i64>> {
    text.filter(|text| !text.is_empty())
        .map(|text| read_time(zone, text).ok_or_else(|| Error::InvalidTime { field: field.to_owned() }))
        .transpose()
}

fn read_time(zone: &TimeZone, text: &str) -> Option<i64> {
    let time = DateTime::strptime(TIME, text).ok()?;
    // strptime takes "2026-1-1" too; what is printed is asked for.
    let is_as_printed = time.strftime(TIME).to_string() == text;
    is_as_printed.then(|| time.to_zoned(zone.clone()).ok().map(|it| it.timestamp().as_millisecond()))?
}

/// How long something has lasted: `hours:minutes:seconds`.
#[must_use]
pub fn duration(milliseconds: i64) -> String {
    let seconds = milliseconds.max(0) / 1000;
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// The level of a `logLevel` field.
pub fn log_level(text: Option<&str>) -> Result<Option<LogLevel>> {
    let read =
        |text: &str| text.parse().map_err(|()| Error::invalid("logLevel", "must be trace, debug, info, warn or error"));
    text.filter(|text| !text.is_empty()).map(read).transpose()
}

/// 任务状态: 0-成功 1-失败 2-进行中 3-已取消 4-暂停. What waits and what runs are both "in progress".
#[must_use]
pub fn task_status(state: TaskState) -> i32 {
    match state {
        TaskState::Succeeded => 0,
        TaskState::Failed | TaskState::WaitExpired | TaskState::RunExpired | TaskState::Lost => 1,
        TaskState::Queued | TaskState::Assigned | TaskState::Running | TaskState::Stopping => 2,
        TaskState::Cancelled => 3,
        TaskState::Paused => 4,
    }
}

/// Parameters as they are stored.
pub fn stored_parameters(text: &str) -> Result<Vec<Parameter>> {
    serde_json::from_str(text).map_err(Error::internal)
}

/// A parameter of a task: both parts are text, whatever its type in the flow.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Parameter {
    /// 参数名
    name: String,
    /// 参数值; "" when absent
    #[serde(default)]
    value: String,
}

impl From<Parameter> for baigong_model::Parameter {
    fn from(parameter: Parameter) -> Self {
        Self::new(parameter.name, parameter.value)
    }
}

impl From<baigong_model::Parameter> for Parameter {
    fn from(parameter: baigong_model::Parameter) -> Self {
        Self { name: parameter.name, value: parameter.value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_and_read_in_the_servers_zone() {
        let shanghai = TimeZone::get("Asia/Shanghai").unwrap();
        assert_eq!(show_time(&shanghai, 1_795_305_600_999), "2026-11-22 08:00:00");
        assert_eq!(read_time(&shanghai, "2026-11-22 08:00:00"), Some(1_795_305_600_000));
        for wrong in
            ["2026-11-22", "2026-11-22T08:00:00", "2026-1-2 8:00:00", "2026-02-30 08:00:00", "", "2026-11-22 08:00:00 "]
        {
            assert_eq!(read_time(&shanghai, wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn every_state_has_the_standards_number() {
        assert_eq!(TaskState::ALL.map(task_status), [2, 2, 2, 4, 2, 0, 1, 3, 1, 1, 1]);
    }
}
