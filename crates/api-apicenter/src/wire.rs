//! The answers: one thing, or a page of a list; and the numbers by which data scopes are known.

use baigong_core::{ListInput, Platform};
use baigong_model::{DataScope, Error, Page, PageOf, Result};
use baigong_tsac_kit::wire as shared;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The usual length of a page.
const PAGE_SIZE: i64 = 100;

/// An answer that carries one thing.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Data<T> {
    /// 返回标识: 0 正常
    #[schemars(extend("const" = 0))]
    code: i32,
    /// 操作信息
    msg: &'static str,
    /// 返回数据
    data: T,
}

impl<T> Data<T> {
    /// What was asked for.
    pub(crate) fn of(data: T) -> Self {
        Self { code: 0, msg: "请求成功", data }
    }

    /// What was done.
    pub(crate) fn done(data: T) -> Self {
        Self { code: 0, msg: "操作成功", data }
    }
}

/// An answer that carries a page of a list.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Paged<T> {
    /// 返回标识: 0 正常
    #[schemars(extend("const" = 0))]
    code: i32,
    /// 操作信息
    msg: Option<String>,
    /// 总数量
    total: u64,
    /// 返回数据
    rows: Vec<T>,
    /// 总页数
    page_num: u64,
    /// 每页数量
    page_size: u64,
    /// 当前页
    curr_page: u64,
}

impl<T> Paged<T> {
    /// The same with words in `msg`.
    pub(crate) fn saying(self, msg: &str) -> Self {
        Self { msg: Some(msg.to_owned()), ..self }
    }

    /// The page that was asked for.
    pub(crate) fn of(page: Page, found: PageOf<T>) -> Self {
        Self {
            code: 0,
            msg: None,
            total: found.total,
            rows: found.rows,
            page_num: found.total.div_ceil(page.size()),
            page_size: page.size(),
            curr_page: page.offset() / page.size() + 1,
        }
    }
}

/// `yyyy-MM-dd HH:mm:ss` in the server's zone.
pub(crate) fn time(platform: &Platform, milliseconds: i64) -> String {
    shared::show_time(&platform.config.time_zone, milliseconds)
}

/// The milliseconds since the epoch of `text`, as it stands in `field`; none for an empty text.
pub(crate) fn parse_time(platform: &Platform, field: &str, text: Option<&str>) -> Result<Option<i64>> {
    shared::parse_time(&platform.config.time_zone, field, text)
}

/// The first millisecond that `text` names, which may be a day.
pub(crate) fn beginning(platform: &Platform, field: &str, text: Option<&str>) -> Result<Option<i64>> {
    match text.map(str::trim).filter(|text| is_day(text)) {
        Some(day) => parse_time(platform, field, Some(&format!("{day} 00:00:00"))),
        None => parse_time(platform, field, text),
    }
}

/// The millisecond after the second or the day that `text` names.
pub(crate) fn end(platform: &Platform, field: &str, text: Option<&str>) -> Result<Option<i64>> {
    let last = match text.map(str::trim).filter(|text| is_day(text)) {
        Some(day) => parse_time(platform, field, Some(&format!("{day} 23:59:59")))?,
        None => parse_time(platform, field, text)?,
    };
    Ok(last.map(|second| second + 1000))
}

fn is_day(text: &str) -> bool {
    text.len() == "yyyy-MM-dd".len()
}

/// Which page of a list.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageQuery {
    /// 当前页, from 1
    page_num: Option<i64>,
    /// 每页数量, 1 to 1000, 100 when absent
    page_size: Option<i64>,
}

impl PageQuery {
    /// As the operations take it.
    pub(crate) fn page(&self) -> Result<Page> {
        Page::new(self.page_num, Some(self.page_size.unwrap_or(PAGE_SIZE)))
    }

    /// A whole list by page.
    pub(crate) fn input(&self) -> Result<ListInput> {
        self.page().map(ListInput::all)
    }
}

/// 数据范围: 1 全部数据权限, 2 自定义数据权限, 3 部门数据权限, 4 部门及以下数据权限, 5 个人数据权限.
const SCOPES: [(&str, DataScope); 5] = [
    ("1", DataScope::All),
    ("2", DataScope::Custom),
    ("3", DataScope::Department),
    ("4", DataScope::DepartmentAndBelow),
    ("5", DataScope::Own),
];

/// The data scope with this number.
pub(crate) fn data_scope(number: &str) -> Result<DataScope> {
    let found = SCOPES.iter().find(|(known, _)| *known == number.trim());
    found.map(|(_, scope)| *scope).ok_or_else(|| Error::invalid("dataScope", "must be 1, 2, 3, 4 or 5"))
}

/// The number of a data scope as it is stored.
pub(crate) fn data_scope_number(word: &str) -> &'static str {
    let found = SCOPES.iter().find(|(_, scope)| scope.as_str() == word);
    found.map_or("5", |(number, _)| number)
}
