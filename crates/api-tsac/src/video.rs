//! 任务录屏 (6.2.11.2): the recordings of a task.

use baigong_core::{
    Platform,
    downloads::{self, DownloadKind},
    recordings::{self, Recording},
};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, wire};

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
    /// 录屏文件下载地址: signed, good for a short time beyond the length of the recording; takes Range
    url: String,
    /// 大小 (extension), in bytes, of what is here
    size: i64,
    /// 是否结束 (extension): whether nothing more will come
    is_ended: bool,
    /// 是否完整 (extension): whether it was ended in order and nothing of it is lost
    is_complete: bool,
    /// 缺失时段 (extension): what is lost of it
    gaps: Vec<Gap>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Gap {
    /// 开始时间, yyyy-MM-dd HH:mm:ss
    start_time: String,
    /// 结束时间, yyyy-MM-dd HH:mm:ss
    end_time: String,
    /// 原因
    reason: String,
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: VideoQuery) -> Result<VideoList> {
    let recordings = recordings::list(&platform, &caller, body.task_id).await?;
    Ok(VideoList { record_file_infos: recordings.into_iter().map(|it| video(&platform, &caller, it)).collect() })
}

fn video(platform: &Platform, caller: &Caller, recording: Recording) -> Video {
    let is_complete = recording.is_complete();
    let Recording { row, size, gaps } = recording;
    // Whoever watches it from end to end asks for parts of it as long as it lasts.
    let valid_for = downloads::VALID_FOR + (row.ended_at - row.started_at);
    let time = |at| wire::time(platform, at);
    let gap = |gap: recordings::Gap| Gap {
        start_time: time(gap.started_at),
        end_time: time(gap.ended_at),
        reason: gap.reason,
    };
    Video {
        record_file_id: row.id,
        video_start_time: time(row.started_at),
        video_end_time: time(row.ended_at),
        url: format!("{}{}", caller.base, downloads::address(platform, DownloadKind::Recording, row.id, valid_for)),
        size,
        is_ended: row.chunks.is_some(),
        is_complete,
        gaps: gaps.into_iter().map(gap).collect(),
    }
}
