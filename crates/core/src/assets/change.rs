//! Making, changing and deleting assets.

use baigong_model::{
    Error, Permission, Result, Secret,
    ids::{DepartmentId, RobotId},
};
use baigong_store::{
    asset_accesses as access_rows, assets as rows, audits, departments as department_rows, entity::asset,
};
use futures_util::FutureExt;
use serde_json::json;

use super::{AssetKind, access, place};
use crate::{
    Caller, Platform, departments,
    grants::{self, Granted},
    lists::Table,
    names,
    sm2_transport::{self, Purpose},
};

/// An asset to be made.
#[derive(Debug, Clone)]
pub struct NewAsset {
    /// Its department.
    pub department_id: DepartmentId,
    /// Its name, unique in the department.
    pub name: String,
    /// What its value looks like.
    pub kind: AssetKind,
    /// The value as text; that of a secret one may come encrypted, see `sm2_transport`.
    pub value: Secret<String>,
    /// Whether every robot may have it.
    pub is_global: bool,
    /// The robots that may have it otherwise.
    pub robot_ids: Vec<RobotId>,
    /// A remark.
    pub remark: Option<String>,
    /// Whether robots read its value as an expression.
    pub is_expression: bool,
    /// Whether robots may change it.
    pub is_client_editable: bool,
}

/// What an update changes; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct AssetChange {
    /// The name, unique in the department.
    pub name: Option<String>,
    /// The value, of the asset's kind.
    pub value: Option<Secret<String>>,
    /// Whether every robot may have it.
    pub is_global: Option<bool>,
    /// The robots that may have it otherwise.
    pub robot_ids: Option<Vec<RobotId>>,
    /// The remark.
    pub remark: Option<String>,
}

/// Makes an asset.
pub async fn create(platform: &Platform, caller: &Caller, input: NewAsset) -> Result<i64> {
    caller.need(Permission::AssetWrite)?;
    departments::live(platform, caller, input.department_id).await?;
    let name = names::name("assetName", &input.name)?;
    let value = value_of(platform, input.kind, &input.value).await?;
    let (robot_ids, now) = (grants::checked(input.robot_ids)?, platform.now());
    let mut row = asset::Model {
        id: 0,
        department_id: input.department_id,
        live_name: Some(format!("{}/{name}", input.department_id)),
        name,
        kind: input.kind.as_str().into(),
        value: String::new(),
        is_global: input.is_global,
        remark: names::remark(input.remark)?,
        is_expression: input.is_expression,
        is_client_editable: input.is_client_editable,
        created_by: caller.id(),
        created_at: now,
        deleted_at: None,
    };
    let (this, caller) = (platform.clone(), caller.clone());
    let created = platform.store.write(move |tx| {
        async move {
            department_rows::hold(tx, row.department_id).await?;
            let id = rows::next_id(tx).await?;
            (row.id, row.value) = (id, stored(&this, input.kind, id, &value));
            let department = row.department_id;
            let detail =
                json!({ "name": row.name, "kind": row.kind, "isGlobal": row.is_global, "robotIds": robot_ids });
            rows::insert(tx, row).await?;
            grants::give(tx, &caller, Granted::Asset, id, &robot_ids).await?;
            access_rows::insert_many(tx, &[access::by(&caller, id, access::CREATE, now)]).await?;
            let audit = caller.audit(now, "create", "asset", Some(id), Some(department), &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| id)
        }
        .boxed()
    });
    let id = created.await?;
    platform.counts.changed(Table::Assets);
    Ok(id)
}

/// Changes an asset. Its kind stays.
pub async fn update(platform: &Platform, caller: &Caller, id: i64, input: AssetChange) -> Result<()> {
    caller.need(Permission::AssetWrite)?;
    let asset = rows::find(&platform.store, caller.scope(), id).await?;
    let asset = asset.filter(|asset| asset.deleted_at.is_none()).ok_or_else(|| Error::not_found("asset", id))?;
    let kind = AssetKind::of(&asset.kind)?;
    let name = input.name.map(|name| names::name("assetName", &name)).transpose()?;
    let given = if kind.is_secret() { sm2_transport::changed(input.value) } else { input.value };
    let value = match &given {
        Some(value) => Some(stored(platform, kind, id, &value_of(platform, kind, value).await?)),
        None => None,
    };
    let robot_ids = input.robot_ids.map(grants::checked).transpose()?;
    let detail = json!({
        "name": name, "isValueChanged": value.is_some(), "isGlobal": input.is_global, "robotIds": robot_ids,
    });
    let changes = rows::Changes {
        name: name.map(|name| (name.clone(), format!("{}/{name}", asset.department_id))),
        value,
        is_global: input.is_global,
        remark: names::remark(input.remark)?.map(Some),
    };
    let (now, caller) = (platform.now(), caller.clone());
    let updated = platform.store.write(move |tx| {
        async move {
            let row = rows::find_live(tx, caller.scope(), id).await?.ok_or_else(|| Error::not_found("asset", id))?;
            rows::update(tx, id, changes).await?;
            if let Some(robot_ids) = robot_ids {
                grants::give(tx, &caller, Granted::Asset, id, &robot_ids).await?;
            }
            access_rows::insert_many(tx, &[access::by(&caller, id, access::EDIT, now)]).await?;
            let audit = caller.audit(now, "update", "asset", Some(id), Some(row.department_id), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    updated.await?;
    platform.counts.changed(Table::Assets);
    Ok(())
}

/// Deletes an asset: flows do not find it any more.
pub async fn delete(platform: &Platform, caller: &Caller, id: i64) -> Result<()> {
    caller.need(Permission::AssetWrite)?;
    let (now, caller) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            let row = rows::find_live(tx, caller.scope(), id).await?.ok_or_else(|| Error::not_found("asset", id))?;
            rows::delete(tx, id, now).await?;
            let detail = json!({ "name": row.name });
            let audit = caller.audit(now, "delete", "asset", Some(id), Some(row.department_id), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    deleted.await?;
    platform.counts.changed(Table::Assets);
    Ok(())
}

/// The value as it came, checked. A secret one may be hexadecimal itself: only a whole document counts as encrypted.
async fn value_of(platform: &Platform, kind: AssetKind, value: &Secret<String>) -> Result<Secret<String>> {
    const FIELD: &str = "assetValue";
    let opened = match (kind.is_secret(), sm2_transport::is_envelope(value)) {
        (true, true) => sm2_transport::read_field(platform, FIELD, value, Purpose::Asset).await?,
        (true, false) if !platform.config.allow_plain_passwords => {
            return Err(sm2_transport::must_be_encrypted(FIELD));
        }
        _ => value.clone(),
    };
    kind.checked(opened.expose()).map(Secret::new)
}

/// The value as it is kept.
fn stored(platform: &Platform, kind: AssetKind, id: i64, value: &Secret<String>) -> String {
    match kind.is_secret() {
        true => platform.keys.seal(&*platform.random, place(&id.to_string()), value.expose().as_bytes()),
        false => value.expose().clone(),
    }
}
