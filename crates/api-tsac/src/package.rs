//! 流程包 (6.2.4): versions of process packages.

use baigong_api_kit::{Nothing, Upload};
use baigong_core::{Platform, downloads::DownloadKind, packages};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, download, wire::ListQuery};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PackageCreate {
    /// 流程包名称
    package_name: String,
    /// 流程包版本
    package_version: String,
    /// 部门 ID
    dep_id: i64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PackageCreated {
    /// 流程包 ID
    package_id: i64,
}

pub(crate) async fn create(
    platform: Platform,
    caller: Caller,
    body: PackageCreate,
    file: Upload,
) -> Result<PackageCreated> {
    let new = packages::NewPackage {
        department_id: body.dep_id,
        name: body.package_name,
        version: body.package_version,
        file: file.path.to_path_buf(),
    };
    Ok(PackageCreated { package_id: packages::create(&platform, &caller, new).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PackageDelete {
    /// 流程包 ID
    package_id: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: PackageDelete) -> Result<Nothing> {
    packages::delete(&platform, &caller, body.package_id).await?;
    Ok(Nothing {})
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PackageList {
    /// 流程包列表
    package_list: Vec<Package>,
    /// 总数 (extension)
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Package {
    /// 流程包名称
    package_name: String,
    /// 流程包 ID
    package_id: i64,
    /// 流程包版本
    package_version: String,
    /// 流程包下载地址: signed, good for a short time
    package_url: String,
    /// 部门 ID
    dep_id: i64,
    /// 是否删除
    is_deleted: bool,
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: ListQuery) -> Result<PackageList> {
    let page = packages::list(&platform, &caller, &body.input()?).await?.map(|row| Package {
        package_url: download::address(&platform, &caller, DownloadKind::Package, row.id),
        package_name: row.name,
        package_id: row.id,
        package_version: row.version,
        dep_id: row.department_id,
        is_deleted: row.deleted_at.is_some(),
    });
    Ok(PackageList { package_list: page.rows, total: page.total })
}
