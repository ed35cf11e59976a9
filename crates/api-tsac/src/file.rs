//! 文件 (6.2.14): files in folders, in versions.

use baigong_api_kit::{Nothing, Upload};
use baigong_core::{Platform, files};
use baigong_model::{Result, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller, download,
    wire::{self, ListQuery},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileCreate {
    /// 部门 ID
    dep_id: i64,
    /// 文件夹路径: /对账/2026; made where it is missing
    folder_path: String,
    /// 文件名称
    file_name: String,
    /// 文件的访问密码（密文）: for the purpose "file"; a download needs it
    file_password: Option<Secret<String>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileCreated {
    /// 文件 ID
    file_id: i64,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: FileCreate, file: Upload) -> Result<FileCreated> {
    let new = files::NewFile {
        department_id: body.dep_id,
        folder_path: body.folder_path,
        name: body.file_name,
        password: body.file_password,
        upload: file.path.to_path_buf(),
        tag: None,
        owner_id: None,
    };
    Ok(FileCreated { file_id: files::create(&platform, &caller, new).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileUpdate {
    /// 文件 ID
    file_id: i64,
    /// 文件夹路径
    folder_path: Option<String>,
    /// 文件名称
    file_name: Option<String>,
    /// 文件的访问密码（密文）: needed where the file has one, set where it has none
    file_password: Option<Secret<String>>,
    /// 新的访问密码（密文） (extension): in place of the one it has; "" takes it off
    new_file_password: Option<Secret<String>>,
}

pub(crate) async fn update(
    platform: Platform,
    caller: Caller,
    body: FileUpdate,
    file: Option<Upload>,
) -> Result<Nothing> {
    let change = files::FileChange {
        folder_path: body.folder_path,
        name: body.file_name,
        password: body.file_password,
        new_password: body.new_file_password,
        upload: file.as_ref().map(|file| file.path.to_path_buf()),
        ..Default::default()
    };
    files::update(&platform, &caller, body.file_id, change).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileDelete {
    /// 文件 ID
    file_id: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: FileDelete) -> Result<Nothing> {
    files::delete(&platform, &caller, body.file_id).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileQuery {
    /// 文件 ID
    pub(crate) file_id: i64,
    /// 文件的访问密码（密文） (extension): with it the address of a protected file needs none any more
    pub(crate) file_password: Option<Secret<String>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileDetails {
    /// 文件名称
    file_name: String,
    /// 文件在管理平台的下载地址: signed, good for a short time; that of a protected file wants the header file-password;
    /// "" for a deleted file
    url: String,
    /// 是否删除
    is_deleted: bool,
    /// 部门 ID
    dep_id: i64,
    /// 文件夹路径
    folder_path: String,
    /// 文件更新时间, yyyy-MM-dd HH:mm:ss
    update_time: String,
    /// 版本号 (extension)
    version: i64,
    /// 是否有访问密码 (extension)
    is_protected: bool,
    /// 文件夹 ID (extension)
    folder_id: i64,
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: FileQuery) -> Result<FileDetails> {
    let found = files::query(&platform, &caller, body.file_id, body.file_password.as_ref()).await?;
    let url = found.download.map(|(kind, id)| download::address(&platform, &caller, kind, id));
    Ok(FileDetails {
        url: url.unwrap_or_default(),
        is_deleted: found.file.deleted_at.is_some(),
        dep_id: found.file.department_id,
        folder_path: found.folder_path,
        update_time: wire::time(&platform, found.file.updated_at),
        version: found.file.version,
        is_protected: found.file.password_hash.is_some(),
        folder_id: found.file.folder_id,
        file_name: found.file.name,
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileListQuery {
    #[serde(flatten)]
    rows: ListQuery,
    /// 文件夹 ID (extension): only the files that lie in it
    folder_id: Option<i64>,
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
    /// 文件夹路径
    folder_path: String,
    /// 部门 ID
    dep_id: i64,
    /// 是否删除
    is_deleted: bool,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: FileListQuery) -> Result<FileList> {
    let page = files::list(&platform, &caller, &body.rows.input()?, body.folder_id).await?;
    let page = page.map(|(file, folder_path)| File {
        file_id: file.id,
        file_name: file.name,
        folder_path,
        dep_id: file.department_id,
        is_deleted: file.deleted_at.is_some(),
    });
    Ok(FileList { files: page.rows, total: page.total })
}
