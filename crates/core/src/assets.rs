//! Assets (T/TSAC 002-2025, 6.2.13): named values for flows.

use baigong_model::{Error, PageOf, Permission, Result, ids::DepartmentId};
use baigong_store::{assets as rows, audits, entity::asset};
use futures_util::FutureExt;
use serde_json::json;

use crate::{
    Caller, Platform, departments,
    lists::{ListInput, Table},
    names,
};

/// The largest value, in bytes.
const MAX_VALUE: usize = 256 * 1024;

/// What an asset's text has to look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssetKind {
    /// Any text.
    Text,
    /// A decimal number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A JSON object.
    Hash,
}

impl AssetKind {
    /// The word that is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Hash => "hash",
        }
    }

    fn accepts(self, text: &str) -> bool {
        match self {
            Self::Text => true,
            Self::Number => text.parse::<serde_json::Number>().is_ok(),
            Self::Boolean => matches!(text, "true" | "false"),
            Self::Hash => serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_ok(),
        }
    }
}

/// An asset to be made.
#[derive(Debug, Clone)]
pub struct NewAsset {
    /// Its department.
    pub department_id: DepartmentId,
    /// Its name, unique in the department.
    pub name: String,
    /// What its value looks like.
    pub kind: AssetKind,
    /// The value as text.
    pub value: String,
    /// A remark.
    pub remark: Option<String>,
}

/// Makes an asset.
pub async fn create(platform: &Platform, caller: &Caller, input: NewAsset) -> Result<i64> {
    caller.need(Permission::AssetWrite)?;
    departments::live(platform, caller, input.department_id).await?;
    let name = names::name("assetName", &input.name)?;
    if input.value.len() > MAX_VALUE || input.value.contains('\0') || !input.kind.accepts(&input.value) {
        let reason = format!("must be a {} of at most {MAX_VALUE} bytes", input.kind.as_str());
        return Err(Error::invalid("assetValue", reason));
    }
    let now = platform.now();
    let row = asset::Model {
        id: 0,
        department_id: input.department_id,
        live_name: Some(format!("{}/{name}", input.department_id)),
        name,
        kind: input.kind.as_str().into(),
        value: input.value,
        remark: names::remark(input.remark)?,
        created_by: caller.id(),
        created_at: now,
        deleted_at: None,
    };
    let caller = caller.clone();
    let created = platform.store.write(move |tx| {
        async move {
            let (detail, department) = (json!({ "name": row.name, "kind": row.kind }), row.department_id);
            let id = rows::insert(tx, row).await?;
            let audit = caller.audit(now, "create", "asset", Some(id), Some(department), &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| id)
        }
        .boxed()
    });
    let id = created.await?;
    platform.counts.changed(Table::Assets);
    Ok(id)
}

/// The asset `id`, deleted or not.
pub async fn query(platform: &Platform, caller: &Caller, id: i64) -> Result<asset::Model> {
    caller.need(Permission::AssetRead)?;
    rows::find(&platform.store, caller.scope(), id).await?.ok_or_else(|| Error::not_found("asset", id))
}

/// A page of assets, oldest first.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<asset::Model>> {
    caller.need(Permission::AssetRead)?;
    let (filter, now) = (input.filter(platform, caller).await?, platform.now());
    let store = &platform.store;
    let key = (Table::Assets, filter.clone(), None);
    let total = platform.counts.total(now, key, || rows::count(store, &filter)).await?;
    Ok(PageOf { rows: rows::list(store, &filter, input.page).await?, total })
}

/// The live asset called `name` for a task of `department`: its own, else that of the nearest department above.
pub async fn for_department(platform: &Platform, department: DepartmentId, name: &str) -> Result<asset::Model> {
    let way = departments::tree(platform).await?.upwards(department);
    let mut found = rows::named(&platform.store, &way, name).await?;
    found.sort_by_key(|asset| way.iter().position(|department| *department == asset.department_id));
    found.into_iter().next().ok_or_else(|| Error::not_found("asset", name))
}
