//! Credentials (T/TSAC 002-2025, 6.2.12): accounts of other systems. Their passwords are sealed; they leave the platform
//! sealed to a robot, or encrypted to the registered key of a user who may see them.

mod change;
mod reveal;

pub use change::{CredentialChange, NewCredential, create, delete, update};
pub use reveal::{RegisteredKey, register_key, unregister_key};

use baigong_model::{
    Error, PageOf, Permission, Result, Secret,
    ids::{DepartmentId, RobotId},
};
use baigong_store::{credentials as rows, entity::credential};

use crate::{
    Caller, Platform, departments,
    grants::{self, Granted, Offer},
    keys::Place,
    lists::{self, ListInput, Table},
};

/// A credential and who gets it.
#[derive(Debug, Clone)]
pub struct CredentialDetails {
    /// The credential. Its password is empty here.
    pub credential: credential::Model,
    /// The robots it is given to.
    pub robot_ids: Vec<RobotId>,
    /// The password, encrypted to the caller's registered key; none where the caller may not see it or has no key.
    pub password: Option<String>,
}

/// The credential `id`, deleted or not. A password that is shown leaves a row in the audit.
pub async fn query(platform: &Platform, caller: &Caller, id: i64) -> Result<CredentialDetails> {
    caller.need(Permission::CredentialRead)?;
    let credential = rows::find(&platform.store, caller.scope(), id).await?;
    let mut credential = credential.ok_or_else(|| Error::not_found("credential", id))?;
    let password = reveal::password(platform, caller, &credential).await?;
    credential.password.clear();
    let robot_ids = grants::robots_of(platform, Granted::Credential, id).await?;
    Ok(CredentialDetails { credential, robot_ids, password })
}

/// A page of credentials, oldest first.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<credential::Model>> {
    caller.need(Permission::CredentialRead)?;
    let filter = input.filter(platform, caller).await?;
    lists::page(platform, Table::Credentials, &filter, input.page, rows::count, rows::list).await
}

/// The live credential called `name` for a task of `department` on `robot`.
pub(crate) async fn for_robot(
    platform: &Platform,
    department: DepartmentId,
    robot: RobotId,
    name: &str,
) -> Result<credential::Model> {
    let way = departments::tree(platform).await?.upwards(department);
    let mut found = rows::named(&platform.store, &way, name).await?;
    let offer =
        |row: &credential::Model| Offer { id: row.id, department_id: row.department_id, is_global: row.is_global };
    let offers: Vec<Offer> = found.iter().map(offer).collect();
    match grants::choose(platform, Granted::Credential, department, robot, &offers).await? {
        Some(place) => Ok(found.swap_remove(place)),
        None => Err(grants::refused("credential", name, !found.is_empty())),
    }
}

/// The password.
pub(crate) fn open(platform: &Platform, credential: &credential::Model) -> Result<Secret<Vec<u8>>> {
    platform.keys.open(place(&credential.id.to_string()), &credential.password)
}

fn place(id: &str) -> Place<'_> {
    Place { table: "credential", row: id, column: "password" }
}

#[cfg(test)]
mod tests;
