//! Machines that robots run on (T/TSAC 002-2025, 6.2.9). They belong to no department: who may see machines sees all.

use baigong_model::{Error, PageOf, Permission, Result, ids::MachineId};
use baigong_store::{ListFilter, Scope, audits, entity::machine, machines as rows};
use futures_util::FutureExt;
use serde_json::json;

use crate::{
    Caller, Platform,
    lists::{ListInput, Table},
    names,
};

/// A machine to be made.
#[derive(Debug, Clone)]
pub struct NewMachine {
    /// Its name, unique.
    pub name: String,
    /// A remark.
    pub remark: Option<String>,
}

/// Makes a machine.
pub async fn create(platform: &Platform, caller: &Caller, input: NewMachine) -> Result<MachineId> {
    caller.need(Permission::MachineWrite)?;
    let name = names::name("machineName", &input.name)?;
    let now = platform.now();
    let remark = names::remark(input.remark)?;
    let row = machine::Model { id: 0, live_name: Some(name.clone()), name, remark, created_at: now, deleted_at: None };
    let caller = caller.clone();
    let created = platform.store.write(move |tx| {
        async move {
            let detail = json!({ "name": row.name });
            let id = rows::insert(tx, row).await?;
            let audit = caller.audit(now, "create", "machine", Some(id), None, &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| id)
        }
        .boxed()
    });
    let id = created.await?;
    platform.counts.changed(Table::Machines);
    Ok(id)
}

/// The machine `id`, deleted or not.
pub async fn query(platform: &Platform, caller: &Caller, id: MachineId) -> Result<machine::Model> {
    caller.need(Permission::MachineRead)?;
    rows::find(&platform.store, id).await?.ok_or_else(|| Error::not_found("machine", id))
}

/// A page of machines, oldest first; a department in `input` changes nothing.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<machine::Model>> {
    caller.need(Permission::MachineRead)?;
    let filter =
        ListFilter { scope: Scope::All, keyword: input.keyword.clone(), include_deleted: input.include_deleted };
    let (store, now) = (&platform.store, platform.now());
    let key = (Table::Machines, filter.clone(), None);
    let total = platform.counts.total(now, key, || rows::count(store, &filter)).await?;
    Ok(PageOf { rows: rows::list(store, &filter, input.page).await?, total })
}
