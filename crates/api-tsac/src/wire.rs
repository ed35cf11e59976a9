//! What several resources share on the wire: times, parameters, and which page of a list is wanted.

use baigong_core::{Platform, lists::ListInput};
use baigong_model::{Error, LogLevel, Page, Result};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const TIME: &str = "%Y-%m-%d %H:%M:%S";

/// `yyyy-MM-dd HH:mm:ss` in the server's zone.
pub(crate) fn time(platform: &Platform, milliseconds: i64) -> String {
    show(&platform.config.time_zone, milliseconds)
}

/// The same of a time that may not have come yet: a field that is printed as text is always sent as text.
pub(crate) fn time_or_empty(platform: &Platform, milliseconds: Option<i64>) -> String {
    milliseconds.map(|it| time(platform, it)).unwrap_or_default()
}

/// The milliseconds since the epoch of `text`, as it stands in `field`; none for an empty text.
pub(crate) fn parse_time(platform: &Platform, field: &str, text: Option<&str>) -> Result<Option<i64>> {
    let read = |text| read(&platform.config.time_zone, text);
    text.filter(|text| !text.is_empty())
        .map(|text| read(text).ok_or_else(|| Error::InvalidTime { field: field.to_owned() }))
        .transpose()
}

fn show(zone: &TimeZone, milliseconds: i64) -> String {
    let at = Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    at.to_zoned(zone.clone()).strftime(TIME).to_string()
}

fn read(zone: &TimeZone, text: &str) -> Option<i64> {
    let time = DateTime::strptime(TIME, text).ok()?;
    // strptime takes "2026-1-1" too; what is printed is asked for.
    let is_as_printed = time.strftime(TIME).to_string() == text;
    is_as_printed.then(|| time.to_zoned(zone.clone()).ok().map(|it| it.timestamp().as_millisecond()))?
}

/// How long something has lasted: `hours:minutes:seconds`.
pub(crate) fn duration(milliseconds: i64) -> String {
    let seconds = milliseconds.max(0) / 1000;
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// What stands for a password in an answer.
pub(crate) const HIDDEN: &str = "******";

/// The level of a `logLevel` field.
pub(crate) fn log_level(text: Option<&str>) -> Result<Option<LogLevel>> {
    let read =
        |text: &str| text.parse().map_err(|()| Error::invalid("logLevel", "must be trace, debug, info, warn or error"));
    text.filter(|text| !text.is_empty()).map(read).transpose()
}

/// Parameters as they are stored.
pub(crate) fn stored_parameters(text: &str) -> Result<Vec<Parameter>> {
    serde_json::from_str(text).map_err(Error::internal)
}

/// A parameter of a task: both parts are text, whatever its type in the flow.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Parameter {
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

/// Which rows of a list, and which page of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListQuery {
    /// 部门 ID: that department and all below; everything the caller may see when absent
    pub(crate) dep_id: Option<i64>,
    /// 页码, from 1
    pub(crate) page_num: Option<i64>,
    /// 每页条目数, 1 to 1000, 100 when absent
    pub(crate) page_size: Option<i64>,
    /// 关键字 (extension): a part of the name
    pub(crate) keyword: Option<String>,
    /// 是否包含已删除 (extension): deleted rows too
    pub(crate) include_deleted: Option<bool>,
}

impl ListQuery {
    /// As the operations take it.
    pub(crate) fn input(self) -> Result<ListInput> {
        Ok(ListInput {
            department_id: self.dep_id,
            keyword: self.keyword,
            include_deleted: self.include_deleted.unwrap_or(false),
            page: Page::new(self.page_num, self.page_size)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_and_read_in_the_servers_zone() {
        let shanghai = TimeZone::get("Asia/Shanghai").unwrap();
        assert_eq!(show(&shanghai, 1_795_305_600_999), "2026-11-22 08:00:00");
        assert_eq!(read(&shanghai, "2026-11-22 08:00:00"), Some(1_795_305_600_000));
        for wrong in
            ["2026-11-22", "2026-11-22T08:00:00", "2026-1-2 8:00:00", "2026-02-30 08:00:00", "", "2026-11-22 08:00:00 "]
        {
            assert_eq!(read(&shanghai, wrong), None, "{wrong:?}");
        }
    }
}
