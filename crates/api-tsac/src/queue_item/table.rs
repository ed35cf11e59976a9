//! Items from and to files. An export is the answer itself, so that a plain `curl -o` with the token keeps it.

use axum::{body::Body, response::Response};
use baigong_api_kit::Upload;
use baigong_core::{
    Platform,
    queue_items::{self, Import},
};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::list::Which;
use crate::{
    Caller, download,
    wire::{parse_time, time},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemImport {
    /// 数据队列 ID
    queue_id: i64,
    /// 文件编码: utf-8, gbk, gb18030, …; found out when absent
    encoding: Option<String>,
    /// 是否保密: store the data of all rows sealed
    secret: Option<bool>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Imported {
    /// 导入条数
    count: usize,
    /// 数据 ID 列表, in the order of the rows
    item_ids: Vec<i64>,
}

pub(crate) async fn import(platform: Platform, caller: Caller, body: ItemImport, file: Upload) -> Result<Imported> {
    let table = Import {
        file: &file.path,
        name: file.name.as_deref().unwrap_or("upload"),
        encoding: body.encoding.as_deref().filter(|it| !it.is_empty()),
        is_secret: body.secret.unwrap_or(false),
    };
    // Workbooks keep times as 2026-11-21T08:30:00, and days without one.
    let time = |text: &str| {
        let text = text.replacen('T', " ", 1);
        let text = if text.len() == 10 { format!("{text} 00:00:00") } else { text };
        parse_time(&platform, "time", Some(&text)).ok().flatten()
    };
    let item_ids = queue_items::import(&platform, &caller, body.queue_id, table, &time).await?;
    Ok(Imported { count: item_ids.len(), item_ids })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemExport {
    /// 数据队列 ID
    queue_id: i64,
    /// 文件格式: csv (when absent) or xlsx
    format: Option<String>,
    /// 是否带 BOM: the mark by which Excel knows UTF-8, true when absent
    bom: Option<bool>,
    #[serde(flatten)]
    which: Which,
}

pub(crate) async fn export(platform: Platform, caller: Caller, body: ItemExport) -> Result<Response> {
    let (format, kind) = download::table_format(body.format.as_deref(), body.bom)?;
    let filter = body.which.filter(&platform)?;
    let file = queue_items::export(&platform, &caller, body.queue_id, &filter, format, time).await?;
    Ok(download::attachment(Body::from_stream(file.body), kind, &file.name))
}
