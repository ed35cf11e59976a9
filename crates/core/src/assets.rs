//! Assets (T/TSAC 002-2025, 6.2.13): named values for flows.

pub(crate) mod access;
mod change;
mod kind;
mod named;

pub use access::{ACTIONS, AccessFilter, accesses};
pub use change::{AssetChange, NewAsset, create, delete, update};
pub use kind::AssetKind;
pub use named::{by_id_or_name, by_name};

use std::collections::HashMap;

use baigong_model::{
    Error, PageOf, Permission, Result, Secret,
    ids::{DepartmentId, RobotId},
};
use baigong_store::{assets as rows, entity::asset, grants as grant_rows};

use crate::{
    Caller, Platform, departments,
    grants::{self, Granted, Offer},
    keys::Place,
    lists::{self, ListInput, Table},
};

/// An asset and who gets it.
#[derive(Debug, Clone)]
pub struct AssetDetails {
    /// The asset. The value of a secret one is empty here.
    pub asset: asset::Model,
    /// What its value looks like.
    pub kind: AssetKind,
    /// The robots it is given to.
    pub robot_ids: Vec<RobotId>,
}

/// The asset `id`, deleted or not.
pub async fn query(platform: &Platform, caller: &Caller, id: i64) -> Result<AssetDetails> {
    caller.need(Permission::AssetRead)?;
    let asset = rows::find(&platform.store, caller.scope(), id).await?;
    let mut asset = asset.ok_or_else(|| Error::not_found("asset", id))?;
    let kind = AssetKind::of(&asset.kind)?;
    access::read(platform, caller, std::slice::from_ref(&asset)).await?;
    if kind.is_secret() {
        asset.value.clear();
    }
    Ok(AssetDetails { robot_ids: grants::robots_of(platform, Granted::Asset, id).await?, asset, kind })
}

/// A page of assets, oldest first. The values of secret ones are sealed.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<asset::Model>> {
    caller.need(Permission::AssetRead)?;
    let filter = input.filter(platform, caller).await?;
    let page = lists::page(platform, Table::Assets, &filter, input.page, rows::count, rows::list).await?;
    access::read(platform, caller, &page.rows).await?;
    Ok(page)
}

/// Whether the asset's value is for robots only.
#[must_use]
pub fn is_secret(asset: &asset::Model) -> bool {
    asset.kind == AssetKind::Hash.as_str()
}

/// The robots that each of the assets is given to, by the asset's id; the caller sees the assets.
pub async fn robots_of(platform: &Platform, assets: &[asset::Model]) -> Result<HashMap<i64, Vec<RobotId>>> {
    let ids: Vec<i64> = assets.iter().map(|asset| asset.id).collect();
    grant_rows::robots(&platform.store, Granted::Asset, &ids).await
}

/// The live asset called `name` for a task of `department` on `robot`.
pub(crate) async fn for_robot(
    platform: &Platform,
    department: DepartmentId,
    robot: RobotId,
    name: &str,
) -> Result<asset::Model> {
    let way = departments::tree(platform).await?.upwards(department);
    let mut found = rows::named(&platform.store, &way, name).await?;
    let offer = |row: &asset::Model| Offer { id: row.id, department_id: row.department_id, is_global: row.is_global };
    let offers: Vec<Offer> = found.iter().map(offer).collect();
    match grants::choose(platform, Granted::Asset, department, robot, &offers).await? {
        Some(place) => Ok(found.swap_remove(place)),
        None => Err(grants::refused("asset", name, !found.is_empty())),
    }
}

/// The value of a secret asset.
pub(crate) fn open(platform: &Platform, asset: &asset::Model) -> Result<Secret<Vec<u8>>> {
    platform.keys.open(place(&asset.id.to_string()), &asset.value)
}

fn place(id: &str) -> Place<'_> {
    Place { table: "asset", row: id, column: "value" }
}

#[cfg(test)]
mod tests;
