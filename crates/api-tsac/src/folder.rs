//! 文件夹 (extension, after 5.5): where files lie. Each department has a tree of its own, whose root is "/".

use baigong_api_kit::Nothing;
use baigong_core::{Platform, folders};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, wire::ListQuery};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FolderCreate {
    /// 部门 ID
    dep_id: i64,
    /// 文件夹路径: /对账/2026; the folders above are made where they are missing
    folder_path: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FolderCreated {
    /// 文件夹 ID
    folder_id: i64,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: FolderCreate) -> Result<FolderCreated> {
    Ok(FolderCreated { folder_id: folders::create(&platform, &caller, body.dep_id, &body.folder_path).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FolderRename {
    /// 文件夹 ID
    folder_id: i64,
    /// 文件夹名称
    folder_name: String,
}

pub(crate) async fn rename(platform: Platform, caller: Caller, body: FolderRename) -> Result<Nothing> {
    folders::rename(&platform, &caller, body.folder_id, &body.folder_name).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FolderMove {
    /// 文件夹 ID
    folder_id: i64,
    /// 目标文件夹路径: the folder it is put into, of the same department
    folder_path: String,
}

pub(crate) async fn move_into(platform: Platform, caller: Caller, body: FolderMove) -> Result<Nothing> {
    folders::move_into(&platform, &caller, body.folder_id, &body.folder_path).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FolderDelete {
    /// 文件夹 ID
    folder_id: i64,
    /// 是否连同内容删除: a folder that is not empty is deleted only so
    recursive: Option<bool>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FolderDeleted {
    /// 删除的文件数
    file_count: u64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: FolderDelete) -> Result<FolderDeleted> {
    let recursive = body.recursive.unwrap_or(false);
    Ok(FolderDeleted { file_count: folders::delete(&platform, &caller, body.folder_id, recursive).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FolderListQuery {
    #[serde(flatten)]
    rows: ListQuery,
    /// 上级文件夹 ID: only the folders that lie in it
    parent_id: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct FolderList {
    /// 文件夹列表
    folders: Vec<Folder>,
    /// 总数
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Folder {
    /// 文件夹 ID
    folder_id: i64,
    /// 文件夹名称
    folder_name: String,
    /// 文件夹路径
    folder_path: String,
    /// 上级文件夹 ID
    parent_id: i64,
    /// 部门 ID
    dep_id: i64,
    /// 是否删除
    is_deleted: bool,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: FolderListQuery) -> Result<FolderList> {
    let page = folders::list(&platform, &caller, &body.rows.input()?, body.parent_id).await?.map(|row| Folder {
        folder_id: row.id,
        folder_name: row.name,
        folder_path: row.path,
        parent_id: row.parent_id.unwrap_or_default(),
        dep_id: row.department_id,
        is_deleted: row.deleted_at.is_some(),
    });
    Ok(FolderList { folders: page.rows, total: page.total })
}
