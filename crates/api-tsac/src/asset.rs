//! 资产 (6.2.13): named values for flows.

use baigong_api_kit::Nothing;
use baigong_core::{
    Platform,
    assets::{self, AssetKind},
};
use baigong_model::{Result, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{HIDDEN, ListQuery},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssetCreate {
    /// 资产名称
    asset_name: String,
    /// 资产内容
    asset_value: Secret<String>,
    /// 资产数据类型: 0-文本 1-布尔 2-数值 3-密值 (extension: a key or a hash, shown to nobody and given to robots)
    #[schemars(range(min = 0, max = 3))]
    data_type: i64,
    /// 是否全局
    is_global: bool,
    /// 机器人 ID 组: those that may have it where it is not global
    #[serde(default)]
    robot_ids: Vec<i64>,
    /// 部门 ID
    dep_id: i64,
    /// 备注: text, whatever is printed
    remark: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssetCreated {
    /// 资产 ID
    asset_id: i64,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: AssetCreate) -> Result<AssetCreated> {
    let new = assets::NewAsset {
        department_id: body.dep_id,
        name: body.asset_name,
        kind: AssetKind::of_number(body.data_type)?,
        value: body.asset_value,
        is_global: body.is_global,
        robot_ids: body.robot_ids,
        remark: body.remark,
        is_expression: false,
        is_client_editable: false,
    };
    Ok(AssetCreated { asset_id: assets::create(&platform, &caller, new).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssetUpdate {
    /// 资产 ID
    asset_id: i64,
    /// 资产名称
    asset_name: Option<String>,
    /// 资产内容; of a secret asset ****** leaves the one there is
    asset_value: Option<Secret<String>>,
    /// 是否全局
    is_global: Option<bool>,
    /// 机器人 ID 组: those that may have it where it is not global
    robot_ids: Option<Vec<i64>>,
    /// 备注
    remark: Option<String>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: AssetUpdate) -> Result<Nothing> {
    let change = assets::AssetChange {
        name: body.asset_name,
        value: body.asset_value,
        is_global: body.is_global,
        robot_ids: body.robot_ids,
        remark: body.remark,
    };
    assets::update(&platform, &caller, body.asset_id, change).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssetId {
    /// 资产 ID
    asset_id: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: AssetId) -> Result<Nothing> {
    assets::delete(&platform, &caller, body.asset_id).await?;
    Ok(Nothing {})
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssetDetails {
    /// 资产名称
    asset_name: String,
    /// 资产内容: ****** where it is a secret
    asset_value: String,
    /// 资产数据类型: 0-文本 1-布尔 2-数值 3-密值 (extension)
    data_type: i64,
    /// 是否全局
    is_global: bool,
    /// 机器人 ID 组
    robot_ids: Vec<i64>,
    /// 备注: text, whatever is printed
    remark: String,
    /// 是否删除
    is_deleted: bool,
    /// 部门 ID
    dep_id: i64,
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: AssetId) -> Result<AssetDetails> {
    let assets::AssetDetails { asset, kind, robot_ids } = assets::query(&platform, &caller, body.asset_id).await?;
    Ok(AssetDetails {
        asset_name: asset.name,
        asset_value: if kind.is_secret() { HIDDEN.into() } else { asset.value },
        data_type: kind.number(),
        is_global: asset.is_global,
        robot_ids,
        remark: asset.remark.unwrap_or_default(),
        is_deleted: asset.deleted_at.is_some(),
        dep_id: asset.department_id,
    })
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct AssetList {
    /// 资产列表
    assets: Vec<Asset>,
    /// 总数 (extension)
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Asset {
    /// 资产 ID
    asset_id: i64,
    /// 资产名称
    asset_name: String,
    /// 部门 ID
    dep_id: i64,
    /// 是否删除
    is_deleted: bool,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: ListQuery) -> Result<AssetList> {
    let page = assets::list(&platform, &caller, &body.input()?).await?.map(|row| Asset {
        asset_id: row.id,
        asset_name: row.name,
        dep_id: row.department_id,
        is_deleted: row.deleted_at.is_some(),
    });
    Ok(AssetList { assets: page.rows, total: page.total })
}
