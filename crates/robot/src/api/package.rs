//! 流程包 (6.3.3): versions of what processes run.

use baigong_api_kit::{Nothing, Upload};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    dialect::{Caller, Served},
    wire::ListQuery,
};
use crate::own::packages;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PackageCreate {
    /// 流程包名称
    package_name: String,
    /// 流程包版本
    package_version: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PackageCreated {
    /// 流程包 ID
    package_id: i64,
}

pub(crate) async fn create(
    Served(robot): Served,
    _: Caller,
    body: PackageCreate,
    file: Upload,
) -> Result<PackageCreated> {
    let (name, version) = (body.package_name, body.package_version);
    let new = packages::NewPackage { name, version, file: file.path.to_path_buf() };
    Ok(PackageCreated { package_id: packages::create(&robot, new).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PackageDelete {
    /// 流程包 ID
    package_id: i64,
}

pub(crate) async fn delete(Served(robot): Served, _: Caller, body: PackageDelete) -> Result<Nothing> {
    packages::delete(&robot, body.package_id).await.map(|()| Nothing {})
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct PackageList {
    /// 流程包列表
    packages: Vec<Package>,
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
    /// 流程包本地路径; of a deleted version it may be gone
    package_path: String,
    /// 是否删除
    is_deleted: bool,
}

pub(crate) async fn query(Served(robot): Served, _: Caller, body: ListQuery) -> Result<PackageList> {
    let page = packages::list(&robot, body.page()?, body.with_deleted(), body.keyword()).await?;
    let page = page.map(|row| Package {
        package_path: packages::zip_of(&robot, &row.sha256).display().to_string(),
        package_name: row.name,
        package_id: row.id,
        package_version: row.version,
        is_deleted: row.deleted_at.is_some(),
    });
    Ok(PackageList { packages: page.rows, total: page.total })
}
