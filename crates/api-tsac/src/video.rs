//! 任务录屏 (6.2.11.2): the recordings of a task.

use baigong_core::{Platform, downloads::DownloadKind, recordings};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, download, wire};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VideoQuery {
    /// 任务 ID
    task_id: i64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VideoList {
    /// 录屏文件信息
    record_file_infos: Vec<Video>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Video {
    /// 录屏文件 ID
    record_file_id: i64,
    /// 录屏开始时间, yyyy-MM-dd HH:mm:ss
    video_start_time: String,
    /// 录屏结束时间, yyyy-MM-dd HH:mm:ss
    video_end_time: String,
    /// 录屏文件下载地址: signed, good for a short time
    url: String,
    /// 大小 (extension), in bytes
    size: i64,
    /// SHA-256 (extension), hexadecimal
    sha256: String,
    /// 是否完整 (extension): whether it was ended in order
    is_complete: bool,
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: VideoQuery) -> Result<VideoList> {
    let rows = recordings::list(&platform, &caller, body.task_id).await?;
    let video = |row: baigong_core::rows::recording::Model| Video {
        url: download::address(&platform, &caller, DownloadKind::Recording, row.id),
        record_file_id: row.id,
        video_start_time: wire::time(&platform, row.started_at),
        video_end_time: wire::time(&platform, row.ended_at),
        size: row.size,
        sha256: row.sha256,
        is_complete: row.is_complete,
    };
    Ok(VideoList { record_file_infos: rows.into_iter().map(video).collect() })
}
