//! 任务产物 (extension): the files a task left behind.

use baigong_core::{Platform, artifacts, downloads::DownloadKind};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, download, wire};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ArtifactQuery {
    /// 任务 ID
    task_id: i64,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct ArtifactList {
    /// 产物列表
    artifacts: Vec<Artifact>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    /// 产物 ID
    artifact_id: i64,
    /// 文件名: its path below the artifacts folder
    name: String,
    /// 大小, in bytes
    size: i64,
    /// SHA-256, hexadecimal
    sha256: String,
    /// 产生时间, yyyy-MM-dd HH:mm:ss
    created_time: String,
    /// 下载地址: signed, good for a short time
    url: String,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: ArtifactQuery) -> Result<ArtifactList> {
    let rows = artifacts::list(&platform, &caller, body.task_id).await?;
    let artifact = |row: baigong_core::rows::artifact::Model| Artifact {
        url: download::address(&platform, &caller, DownloadKind::Artifact, row.id),
        artifact_id: row.id,
        name: row.name,
        size: row.size,
        sha256: row.sha256,
        created_time: wire::time(&platform, row.created_at),
    };
    Ok(ArtifactList { artifacts: rows.into_iter().map(artifact).collect() })
}
