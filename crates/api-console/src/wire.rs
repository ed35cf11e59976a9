//! What several resources share on the wire: times, and which page of a list is wanted.

use baigong_core::lists::ListInput;
use baigong_model::{Page, Result};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// RFC 3339 in UTC, with milliseconds.
pub(crate) fn time(milliseconds: i64) -> String {
    let at = Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Which rows of a list, and which page of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListQuery {
    /// That department and all below; everything the caller may see when absent
    pub(crate) department_id: Option<i64>,
    /// From 1
    pub(crate) page: Option<i64>,
    /// 1 to 1000, 100 when absent
    pub(crate) page_size: Option<i64>,
    /// A part of the name
    pub(crate) keyword: Option<String>,
    /// Deleted rows too
    pub(crate) include_deleted: Option<bool>,
}

impl ListQuery {
    /// As the operations take it.
    pub(crate) fn input(self) -> Result<ListInput> {
        Ok(ListInput {
            department_id: self.department_id,
            keyword: self.keyword,
            include_deleted: self.include_deleted.unwrap_or(false),
            page: Page::new(self.page, self.page_size)?,
        })
    }
}

/// A page of a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Listed<T> {
    /// The rows
    pub(crate) items: Vec<T>,
    /// How many there are in all
    pub(crate) total: u64,
}

/// The id in the path.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Id {
    /// Its id
    pub(crate) id: i64,
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_are_utc_with_milliseconds() {
        assert_eq!(super::time(1_795_262_400_007), "2026-11-21T12:00:00.007Z");
    }
}
