//! 文件管理 (3.12): files that users share under their own name.

use axum::{body::Body, response::Response};
use baigong_api_kit::{Nothing, Upload, attachment};
use baigong_core::{Platform, files};
use baigong_model::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    agent::id_of,
    asset::is_yes,
    wire::{PageQuery, Rows},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileQuery {
    #[serde(flatten)]
    page: PageQuery,
    /// 用户 id: only what they share
    user_id: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SharedFile {
    /// 文件名称
    file_name: String,
    /// 文件大小
    file_size: String,
    /// 文件 id
    file_id: String,
    /// 创建时间
    create_time: i64,
    /// 文件全路径
    file_all_path: String,
    /// 文件描述, as the example writes it: its tag
    file_desc: String,
    /// 标签 (extension)
    file_tag: String,
}

pub(crate) async fn list(platform: Platform, caller: Caller, query: FileQuery) -> Result<Rows<SharedFile>> {
    let page = files::shared(&platform, &caller, query.user_id, query.page.page()?).await?;
    Ok(page
        .map(|shared| SharedFile {
            file_all_path: format!("{}/{}", shared.folder_path, shared.file.name),
            file_name: shared.file.name,
            file_size: readable(shared.size),
            file_id: shared.file.id.to_string(),
            create_time: shared.file.created_at,
            file_desc: shared.file.tag.clone().unwrap_or_default(),
            file_tag: shared.file.tag.unwrap_or_default(),
        })
        .into())
}

/// A size as people read it: `5M`.
fn readable(bytes: i64) -> String {
    let units = [("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)];
    match units.iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => format!("{}{name}", (bytes + unit / 2) / unit),
        None => format!("{bytes}B"),
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileUpload {
    /// 是否覆盖: yes or no
    is_overwrite: Option<String>,
    /// 标签
    file_tag: Option<String>,
    /// 用户 id
    user_id: i64,
}

pub(crate) async fn upload(platform: Platform, caller: Caller, body: FileUpload, file: Upload) -> Result<Nothing> {
    let name = file.name.as_deref().and_then(|name| name.rsplit(['/', '\\']).next()).filter(|name| !name.is_empty());
    let shared = files::Shared {
        user_id: body.user_id,
        name: name.ok_or_else(|| Error::invalid("uploadFile", "must have a file name"))?.to_owned(),
        replaces: is_yes("isOverwrite", body.is_overwrite.as_deref())?,
        tag: body.file_tag,
        upload: file.path.to_path_buf(),
    };
    files::share(&platform, &caller, shared).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileDownload {
    /// 文件名
    file_name: String,
    /// 用户 id
    user_id: i64,
}

pub(crate) async fn download(platform: Platform, caller: Caller, query: FileDownload) -> Result<Response> {
    let download = files::open_shared(&platform, &caller, query.user_id, &query.file_name).await?;
    Ok(attachment(Body::from_stream(download.body), "application/octet-stream", &download.name))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct FileDelete {
    /// 文件 id
    id: String,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: FileDelete) -> Result<Nothing> {
    files::delete(&platform, &caller, id_of(&body.id, "file")?).await?;
    Ok(Nothing {})
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn sizes_are_readable() {
        for (bytes, text) in [(0, "0B"), (1023, "1023B"), (1024, "1K"), (5 << 20, "5M"), (3 << 30, "3G")] {
            assert_eq!(readable(bytes), text);
        }
    }
}
