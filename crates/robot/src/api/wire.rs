//! What several resources share on the wire: times in the robot's zone, ids that may come as text, and pages of lists.

use baigong_model::{Page, Result};
use baigong_tsac_kit::wire;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::robot::Robot;

/// `yyyy-MM-dd HH:mm:ss` in the robot's zone.
pub(super) fn time(robot: &Robot, milliseconds: i64) -> String {
    wire::show_time(&robot.options.time_zone, milliseconds)
}

/// The same of a time that may not have come yet.
pub(super) fn time_or_empty(robot: &Robot, milliseconds: Option<i64>) -> String {
    milliseconds.map(|it| time(robot, it)).unwrap_or_default()
}

/// An id that the standard prints as a number here and as text there: both are taken.
pub(super) fn id(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "format": "int64", "x-also-text": true })
}

/// Which page of a list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListQuery {
    /// 页码, from 1
    page_num: Option<i64>,
    /// 每页条目数, 1 to 1000, 100 when absent
    page_size: Option<i64>,
    /// 关键字 (extension): a part of the name
    keyword: Option<String>,
    /// 是否包含已删除 (extension): deleted rows too
    include_deleted: Option<bool>,
}

impl ListQuery {
    /// The page.
    pub(super) fn page(&self) -> Result<Page> {
        Page::new(self.page_num, self.page_size)
    }

    /// Whether deleted rows are wanted too.
    pub(super) fn with_deleted(&self) -> bool {
        self.include_deleted.unwrap_or(false)
    }

    /// The word to search for.
    pub(super) fn keyword(&self) -> Option<&str> {
        self.keyword.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }
}
