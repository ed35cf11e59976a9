//! Machines that robots run on (T/TSAC 002-2025, 6.2.9). They belong to no department: who may see machines sees all.

mod readings;

pub use baigong_protocol::{Disk, MachineReading, Space};
pub use readings::{Reading, heard, keep_readings};
pub(crate) use readings::{Readings, greeted};

use baigong_model::{Error, PageOf, Permission, Result, ids::MachineId};
use baigong_store::{ListFilter, Scope, audits, entity::machine, machines as rows};
use futures_util::FutureExt;
use serde_json::json;

use crate::{
    Caller, Platform,
    lists::{self, ListInput, Table},
    names,
};

/// How long what a machine is doing is believed.
const TRUE_FOR: i64 = 10 * 60_000;

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

/// Changes what is given: the name, the remark.
pub async fn update(
    platform: &Platform,
    caller: &Caller,
    id: MachineId,
    name: Option<String>,
    remark: Option<String>,
) -> Result<()> {
    caller.need(Permission::MachineWrite)?;
    let name = name.map(|name| names::name("machineName", &name)).transpose()?;
    let remark = names::remark(remark)?;
    let (now, caller) = (platform.now(), caller.clone());
    let updated = platform.store.write(move |tx| {
        async move {
            let machine = rows::lock(tx, id).await?.ok_or_else(|| Error::not_found("machine", id))?;
            rows::update(tx, id, name.as_deref(), remark.as_deref()).await?;
            let detail = json!({ "name": name, "before": { "name": machine.name } });
            audits::insert_many(tx, &[caller.audit(now, "update", "machine", Some(id), None, &detail)]).await
        }
        .boxed()
    });
    updated.await?;
    platform.counts.changed(Table::Machines);
    Ok(())
}

/// Deletes a machine that no robot is on.
pub async fn delete(platform: &Platform, caller: &Caller, id: MachineId) -> Result<()> {
    caller.need(Permission::MachineWrite)?;
    let (now, caller) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            let machine = rows::lock(tx, id).await?.ok_or_else(|| Error::not_found("machine", id))?;
            match rows::robot_on(tx, caller.scope(), id).await? {
                Some(Some(robot)) => {
                    return Err(Error::Conflict(format!("the machine still has the robot \"{robot}\"")));
                }
                Some(None) => return Err(Error::conflict("the machine still has a robot of another department")),
                None => {}
            }
            rows::delete(tx, id, now).await?;
            let detail = json!({ "name": machine.name });
            audits::insert_many(tx, &[caller.audit(now, "delete", "machine", Some(id), None, &detail)]).await
        }
        .boxed()
    });
    deleted.await?;
    platform.counts.changed(Table::Machines);
    Ok(())
}

/// A machine and what it is doing.
#[derive(Debug, Clone)]
pub struct MachineDetails {
    /// The machine.
    pub machine: machine::Model,
    /// The last that was heard of it; without what it is doing where that is too long ago to be true.
    pub reading: Option<Reading>,
}

/// The machine `id`, deleted or not.
pub async fn query(platform: &Platform, caller: &Caller, id: MachineId) -> Result<MachineDetails> {
    caller.need(Permission::MachineRead)?;
    let machine = rows::find(&platform.store, id).await?.ok_or_else(|| Error::not_found("machine", id))?;
    let reading = readings::last(platform, id).await?.map(|reading| match platform.now() - reading.at > TRUE_FOR {
        true => Reading { doing: MachineReading::default(), ..reading },
        false => reading,
    });
    Ok(MachineDetails { machine, reading })
}

/// A page of machines, oldest first; a department in `input` changes nothing.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<machine::Model>> {
    caller.need(Permission::MachineRead)?;
    let filter = ListFilter {
        scope: Scope::All,
        keyword: names::keyword(input.keyword.as_deref())?,
        include_deleted: input.include_deleted,
    };
    lists::page(platform, Table::Machines, &filter, input.page, rows::count, rows::list).await
}

#[cfg(test)]
mod tests;
