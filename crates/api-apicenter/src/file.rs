//! 文件中心 (3.6): files that applications hand in, and all others that the caller sees. Ids are sent as text.

use axum::{body::Body, response::Response};
use baigong_api_kit::{Upload, attachment};
use baigong_core::{
    ListInput, Platform, downloads, employees,
    files::{self, CenterFile},
};
use baigong_model::{Error, Page, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{Data, Paged, time},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileAdd {
    /// 操作人工号: whose file it is; the caller's own when absent
    user_name: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct File {
    /// 创建人: 上传用户工号
    create_by: String,
    /// 创建时间
    create_time: String,
    /// 文件 id
    id: String,
    /// 文件名
    fname: String,
    /// 文件访问路径: signed, good for a short time
    furl: String,
    /// 文件类型: what its name ends with
    ftype: String,
}

impl File {
    fn of(platform: &Platform, caller: &Caller, it: CenterFile) -> Self {
        let (kind, version) = it.download;
        let address = downloads::address(platform, kind, version, downloads::VALID_FOR);
        Self {
            create_by: it.owner,
            create_time: time(platform, it.file.created_at),
            id: it.file.id.to_string(),
            furl: format!("{}{address}", caller.base),
            ftype: it.file.name.rsplit_once('.').map(|(_, end)| end.to_owned()).unwrap_or_default(),
            fname: it.file.name,
        }
    }
}

pub(crate) async fn add(platform: Platform, caller: Caller, body: FileAdd, file: Upload) -> Result<Data<File>> {
    let name = file.name.as_deref().and_then(|name| name.rsplit(['/', '\\']).next()).unwrap_or_default().to_owned();
    let owner = match body.user_name.filter(|name| !name.is_empty()) {
        Some(name) => Some(employees::by_username(&platform, &caller, &name).await?.id),
        None => None,
    };
    let made = files::hand_in(&platform, &caller, name, (owner, file.path.to_path_buf())).await?;
    Ok(Data::of(File::of(&platform, &caller, made)))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct FileNamed {
    /// 文件 id
    id: String,
}

impl FileNamed {
    fn id(&self) -> Result<i64> {
        self.id.trim().parse().map_err(|_| Error::not_found("file", &self.id))
    }
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: FileNamed) -> Result<Data<()>> {
    files::delete(&platform, &caller, body.id()?).await?;
    Ok(Data::of(()))
}

pub(crate) async fn download(platform: Platform, caller: Caller, body: FileNamed) -> Result<Response> {
    let file = files::open(&platform, &caller, body.id()?).await?;
    Ok(attachment(Body::from_stream(file.body), "application/octet-stream", &file.name))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileList {
    /// 当前页, from 1
    page_num: i64,
    /// 每页数量, 1 to 1000
    page_size: i64,
    /// 文件名: a part of it
    fname: Option<String>,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: FileList) -> Result<Paged<File>> {
    let page = Page::new(Some(body.page_num), Some(body.page_size))?;
    let input = ListInput { keyword: body.fname, ..ListInput::all(page) };
    let found = files::in_center(&platform, &caller, &input).await?;
    Ok(Paged::of(page, found.map(|it| File::of(&platform, &caller, it))).saying("查询成功"))
}

pub(crate) async fn exist(platform: Platform, caller: Caller, body: FileNamed) -> Result<Data<()>> {
    let file = files::query(&platform, &caller, body.id()?, None).await?.file;
    if file.deleted_at.is_some() { Err(Error::not_found("file", file.id)) } else { Ok(Data::of(())) }
}

/// Whoever may not see a file is not told whether there is one.
pub(crate) async fn has_permission(platform: Platform, caller: Caller, body: FileNamed) -> Result<Data<()>> {
    let may = match body.id() {
        Ok(id) => files::may_see(&platform, &caller, id).await?,
        Err(_) => false,
    };
    if may { Ok(Data::of(())) } else { Err(Error::conflict("the file may not be seen")) }
}
