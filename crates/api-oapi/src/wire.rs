//! What several resources share on the wire: pages, times, answers that say nothing.

use baigong_core::{ListInput, Platform};
use baigong_model::{Error, Page, PageOf, Result};
use baigong_tsac_kit::wire as shared;
pub(crate) use baigong_tsac_kit::wire::HIDDEN;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which page of a list.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
pub(crate) struct PageQuery {
    /// 页数, from 1
    #[schemars(range(min = 1, max = 9_007_199_254_740_991_i64))]
    page: i64,
    /// 每页记录数, 1 to 1000
    #[schemars(range(min = 1, max = 1000))]
    size: i64,
}

impl PageQuery {
    /// As the operations take it.
    pub(crate) fn page(self) -> Result<Page> {
        page(Some(self.page), Some(self.size))
    }

    /// As lists take it.
    pub(crate) fn input(self, keyword: Option<String>) -> Result<ListInput> {
        Ok(ListInput { keyword, ..ListInput::all(self.page()?) })
    }
}

/// A page under the names of this dialect.
pub(crate) fn page(number: Option<i64>, size: Option<i64>) -> Result<Page> {
    Page::new(number, size).map_err(|error| match error {
        Error::Invalid { field, reason } if field == "pageSize" => Error::Invalid { field: "size".into(), reason },
        Error::Invalid { reason, .. } => Error::Invalid { field: "page".into(), reason },
        other => other,
    })
}

/// A page of rows.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Rows<T> {
    /// 总记录数
    total: u64,
    /// 分页信息
    items: Vec<T>,
}

impl<T> From<PageOf<T>> for Rows<T> {
    fn from(page: PageOf<T>) -> Self {
        Self { total: page.total, items: page.rows }
    }
}

/// `yyyy-MM-dd HH:mm:ss` in the server's zone.
pub(crate) fn time(platform: &Platform, milliseconds: i64) -> String {
    shared::show_time(&platform.config.time_zone, milliseconds)
}

/// The same of a time that may not have come.
pub(crate) fn time_or_empty(platform: &Platform, milliseconds: Option<i64>) -> String {
    milliseconds.map(|at| time(platform, at)).unwrap_or_default()
}

/// The milliseconds of `text`, which is such a time or the milliseconds themselves.
pub(crate) fn parse_time(platform: &Platform, field: &str, text: Option<&str>) -> Result<Option<i64>> {
    match text.map(str::trim) {
        Some(text) if text.len() > 10 && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().map(Some).map_err(|_| Error::InvalidTime { field: field.to_owned() })
        }
        text => shared::parse_time(&platform.config.time_zone, field, text),
    }
}

/// The last millisecond of a span of time: where a day or a second is given, all of it is meant.
pub(crate) fn parse_end(platform: &Platform, field: &str, text: Option<&str>) -> Result<Option<i64>> {
    let end = text.map(str::trim).filter(|text| is_day(text)).map(|day| format!("{day} 23:59:59"));
    let is_exact = text.is_some_and(|text| text.trim().bytes().all(|byte| byte.is_ascii_digit()));
    let end = parse_time(platform, field, end.as_deref().or(text))?;
    Ok(end.map(|at| if is_exact { at } else { at.saturating_add(999) }))
}

/// The beginning of such a span.
pub(crate) fn parse_start(platform: &Platform, field: &str, text: Option<&str>) -> Result<Option<i64>> {
    let start = text.map(str::trim).filter(|text| is_day(text)).map(|day| format!("{day} 00:00:00"));
    parse_time(platform, field, start.as_deref().or(text))
}

fn is_day(text: &str) -> bool {
    text.len() == 10 && text.contains('-')
}

/// Fails, saying that it is missing, unless one of two fields is there.
pub(crate) fn either<A, B>(one: Option<A>, other: Option<B>, names: &str) -> Result<(Option<A>, Option<B>)> {
    match (one, other) {
        (None, None) => Err(Error::invalid(names, crate::codes::MISSING)),
        given => Ok(given),
    }
}

/// Words with dashes around each and commas between: `-a-,-b-`.
pub(crate) fn dashed<T: std::fmt::Display>(words: impl IntoIterator<Item = T>) -> String {
    words.into_iter().map(|word| format!("-{word}-")).collect::<Vec<_>>().join(",")
}

/// What stands for every robot.
pub(crate) const EVERY_ROBOT: &str = "-all-";
