//! Days from and to files.

use axum::response::Response;
use baigong_api_kit::Upload;
use baigong_core::{
    Platform,
    calendars::{self, Import, Mode},
};
use baigong_model::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, download};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CalendarImport {
    /// 日历 ID: the calendar that gets the days; absent for a new one
    calendar_id: Option<i64>,
    /// 日历名称: of a new calendar; absent where calendarId is given
    calendar_name: Option<String>,
    /// 导入方式: replace (when absent) all days of the calendar, or add to them
    mode: Option<String>,
    /// 文件编码: utf-8, gbk, gb18030, …; found out when absent
    encoding: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CalendarImported {
    /// 日历 ID
    calendar_id: i64,
    /// 导入天数
    count: usize,
}

pub(crate) async fn import(
    platform: Platform,
    caller: Caller,
    body: CalendarImport,
    file: Upload,
) -> Result<CalendarImported> {
    let mode = match body.mode.as_deref().unwrap_or("replace") {
        "replace" => Mode::Replace,
        "add" => Mode::Add,
        _ => return Err(Error::invalid("mode", "must be replace or add")),
    };
    let import = Import {
        calendar_id: body.calendar_id,
        name: body.calendar_name,
        mode,
        file: file.path.to_path_buf(),
        file_name: file.name.clone().unwrap_or_else(|| "upload".into()),
        encoding: body.encoding.filter(|encoding| !encoding.is_empty()),
    };
    let imported = calendars::import(&platform, &caller, import).await?;
    Ok(CalendarImported { calendar_id: imported.calendar_id, count: imported.days })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CalendarExport {
    /// 日历 ID
    calendar_id: i64,
    /// 文件格式: csv (when absent) or xlsx
    format: Option<String>,
    /// 是否带 BOM: the mark by which Excel knows UTF-8, true when absent
    bom: Option<bool>,
}

pub(crate) async fn export(platform: Platform, caller: Caller, body: CalendarExport) -> Result<Response> {
    let (format, kind) = download::table_format(body.format.as_deref(), body.bom)?;
    let file = calendars::export(&platform, &caller, body.calendar_id, format).await?;
    Ok(download::attachment(file.bytes.into(), kind, &file.name))
}
