//! 文件 (6.3.6): files in the robot's folder of files.

use baigong_api_kit::{Nothing, Upload};
use baigong_model::{Result, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    dialect::{Caller, Served},
    wire::{self, ListQuery},
};
use crate::own::files;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileCreate {
    /// 文件夹路径: /对账/2026, in the robot's folder of files; made where it is missing
    folder_path: String,
    /// 文件名称
    file_name: String,
    /// 文件的访问密码（密文）: a change needs it
    file_password: Option<Secret<String>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileCreated {
    /// 文件 ID, as text here
    file_id: String,
}

pub(crate) async fn create(Served(robot): Served, _: Caller, body: FileCreate, file: Upload) -> Result<FileCreated> {
    let new = files::NewFile {
        folder_path: body.folder_path,
        name: body.file_name,
        password: body.file_password,
        upload: file.path.to_path_buf(),
    };
    Ok(FileCreated { file_id: files::create(&robot, new).await?.to_string() })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileId {
    /// 文件 ID: a number, or the same as text
    #[schemars(schema_with = "wire::id")]
    file_id: i64,
}

pub(crate) async fn delete(Served(robot): Served, _: Caller, body: FileId) -> Result<Nothing> {
    files::delete(&robot, body.file_id).await.map(|()| Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileUpdate {
    /// 文件 ID: a number, or the same as text
    #[schemars(schema_with = "wire::id")]
    file_id: i64,
    /// 文件夹路径
    folder_path: String,
    /// 文件名称
    file_name: Option<String>,
    /// 文件的访问密码（密文）: needed where the file has one, set where it has none
    file_password: Option<Secret<String>>,
    /// 新的访问密码（密文） (extension): in place of the one it has; "" takes it off
    new_file_password: Option<Secret<String>>,
}

pub(crate) async fn update(
    Served(robot): Served,
    _: Caller,
    body: FileUpdate,
    file: Option<Upload>,
) -> Result<Nothing> {
    let change = files::FileChange {
        folder_path: body.folder_path,
        name: body.file_name,
        password: body.file_password,
        new_password: body.new_file_password,
        upload: file.as_ref().map(|file| file.path.to_path_buf()),
    };
    files::update(&robot, body.file_id, change).await.map(|()| Nothing {})
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileDetails {
    /// 文件名称
    file_name: String,
    /// 文件夹路径
    folder_path: String,
    /// 文件更新时间, yyyy-MM-dd HH:mm:ss
    update_time: String,
    /// 是否删除 (extension)
    is_deleted: bool,
    /// 大小 (extension), in bytes
    size: i64,
    /// 是否有访问密码 (extension)
    is_protected: bool,
}

pub(crate) async fn query(Served(robot): Served, _: Caller, body: FileId) -> Result<FileDetails> {
    let file = files::query(&robot, body.file_id).await?;
    Ok(FileDetails {
        update_time: wire::time(&robot, file.updated_at),
        is_deleted: file.deleted_at.is_some(),
        is_protected: file.password_hash.is_some(),
        size: file.size,
        file_name: file.name,
        folder_path: file.folder_path,
    })
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct FileList {
    /// 文件列表
    files: Vec<File>,
    /// 总数 (extension)
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct File {
    /// 文件 ID
    file_id: i64,
    /// 文件名称
    file_name: String,
    /// 是否删除
    is_deleted: bool,
    /// 文件夹路径 (extension)
    folder_path: String,
}

pub(crate) async fn list(Served(robot): Served, _: Caller, body: ListQuery) -> Result<FileList> {
    let page = files::list(&robot, body.page()?, body.with_deleted(), body.keyword()).await?;
    let page = page.map(|file| File {
        file_id: file.id,
        file_name: file.name,
        is_deleted: file.deleted_at.is_some(),
        folder_path: file.folder_path,
    });
    Ok(FileList { files: page.rows, total: page.total })
}
