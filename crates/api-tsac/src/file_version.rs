//! 文件版本 (extension): every upload of a file, for whoever needs an older one.

use baigong_core::{Platform, files};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{Caller, download, file::FileQuery, wire};

#[derive(Serialize, JsonSchema)]
pub(crate) struct FileVersionList {
    /// 版本列表, newest first
    versions: Vec<FileVersion>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FileVersion {
    /// 版本号, from 1
    version: i64,
    /// 大小, in bytes
    size: i64,
    /// SHA-256, hexadecimal
    sha256: String,
    /// 上传时间, yyyy-MM-dd HH:mm:ss
    created_time: String,
    /// 下载地址: as in file/query; "" where the bytes are removed
    url: String,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: FileQuery) -> Result<FileVersionList> {
    let (file, kind, versions) = files::versions(&platform, &caller, body.file_id, body.file_password.as_ref()).await?;
    let version = |row: baigong_core::rows::file_version::Model| {
        let can_be_fetched = row.blob_key.is_some() && file.deleted_at.is_none();
        FileVersion {
            url: if can_be_fetched { download::address(&platform, &caller, kind, row.id) } else { String::new() },
            version: row.number,
            size: row.size,
            sha256: row.sha256,
            created_time: wire::time(&platform, row.created_at),
        }
    };
    Ok(FileVersionList { versions: versions.into_iter().map(version).collect() })
}
