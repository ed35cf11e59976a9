//! 任务录屏 (6.3.7.2): the recordings of a task that lie on this robot.

use baigong_model::Result;
use baigong_robot_store::entity::recording;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    dialect::{Caller, Served},
    wire,
};
use crate::own::tasks;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VideoQuery {
    /// 任务 ID: a number, or the same as text
    #[schemars(schema_with = "wire::id")]
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
    /// 录屏结束时间, yyyy-MM-dd HH:mm:ss; "" while it is made
    video_end_time: String,
    /// 录屏文件的本地路径
    video_path: String,
    /// 大小 (extension), in bytes
    size: i64,
    /// 录屏状态 (extension)
    state: String,
}

pub(crate) async fn query(Served(robot): Served, _: Caller, body: VideoQuery) -> Result<VideoList> {
    let (_, recordings) = tasks::query(&robot, body.task_id).await?;
    let video = |row: recording::Model| Video {
        record_file_id: row.id,
        video_start_time: wire::time(&robot, row.started_at),
        video_end_time: wire::time_or_empty(&robot, row.ended_at),
        video_path: row.path,
        size: row.size,
        state: row.state,
    };
    Ok(VideoList { record_file_infos: recordings.into_iter().map(video).collect() })
}
