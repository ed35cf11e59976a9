//! What several resources share on the wire: times in the platform's zone, and which page of a list is wanted.

use baigong_core::{Platform, lists::ListInput};
use baigong_model::{Page, Result};
use baigong_tsac_kit::wire as shared;
pub(crate) use baigong_tsac_kit::wire::{
    HIDDEN, NEVER, Parameter, duration, log_level, stored_parameters, task_status,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// `yyyy-MM-dd HH:mm:ss` in the server's zone.
pub(crate) fn time(platform: &Platform, milliseconds: i64) -> String {
    shared::show_time(&platform.config.time_zone, milliseconds)
}

/// The same of a time that may not have come yet: a field that is printed as text is always sent as text.
pub(crate) fn time_or_empty(platform: &Platform, milliseconds: Option<i64>) -> String {
    milliseconds.map(|it| time(platform, it)).unwrap_or_default()
}

/// The milliseconds since the epoch of `text`, as it stands in `field`; none for an empty text.
pub(crate) fn parse_time(platform: &Platform, field: &str, text: Option<&str>) -> Result<Option<i64>> {
    shared::parse_time(&platform.config.time_zone, field, text)
}

/// Which rows of a list, and which page of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListQuery {
    /// 部门 ID: that department and all below; everything the caller may see when absent
    pub(crate) dep_id: Option<i64>,
    /// 页码, from 1
    #[schemars(range(min = 1))]
    pub(crate) page_num: Option<i64>,
    /// 每页条目数, 1 to 1000, 100 when absent
    #[schemars(range(min = 1, max = 1000))]
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
