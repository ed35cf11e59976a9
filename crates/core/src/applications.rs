//! Applications: API clients with a key pair. A token of one acts for its owner, and may do and see what both the owner and
//! the application may ([decision 50](../../../docs/decisions/0050-what-an-application-may.md)).

mod acting;
mod bounds;
mod change;
mod key;

pub use acting::acting;
pub use bounds::Addresses;
pub(crate) use bounds::bounded;
pub use change::{Change, NewApplication, Scopes, create, delete, set_addresses, set_robots, set_scopes, update};
pub use key::{NewSecret, rotate, sign_in, verify};

use std::collections::HashMap;

use baigong_model::{
    Error, PageOf, Permission, Result,
    ids::{ApplicationId, DepartmentId, RobotId},
};
use baigong_store::{Scope, applications as rows, entity::application};

use crate::{Caller, Platform, departments, lists::ListInput, policy};

/// A robot that an application lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRobot {
    /// Its id.
    pub id: RobotId,
    /// Its name.
    pub name: String,
}

/// The application `id`, deleted or not. The hashes of its secrets are taken out.
pub async fn query(platform: &Platform, caller: &Caller, id: ApplicationId) -> Result<application::Model> {
    caller.need(Permission::ApplicationRead)?;
    let row = rows::find(&platform.store, caller.scope(), id).await?;
    row.map(shown).ok_or_else(|| Error::not_found("application", id))
}

/// A page of applications, oldest first.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<application::Model>> {
    caller.need(Permission::ApplicationRead)?;
    let filter = input.filter(platform, caller).await?;
    let total = rows::count(&platform.store, &filter).await?;
    let rows = rows::list(&platform.store, &filter, input.page).await?;
    Ok(PageOf { rows: rows.into_iter().map(shown).collect(), total })
}

/// The live application with this key.
pub async fn by_key(platform: &Platform, caller: &Caller, access_key_id: &str) -> Result<application::Model> {
    caller.need(Permission::ApplicationRead)?;
    let row = rows::by_key(&platform.store, access_key_id).await?;
    let row = row.filter(|row| caller.scope().sees(row.department_id, row.created_by));
    row.map(shown).ok_or_else(|| Error::not_found("application", access_key_id))
}

/// The robots that the applications list, those that the caller sees, by application.
pub async fn robots(
    platform: &Platform,
    caller: &Caller,
    ids: &[ApplicationId],
) -> Result<HashMap<ApplicationId, Vec<ListedRobot>>> {
    let mut found: HashMap<ApplicationId, Vec<ListedRobot>> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    for row in rows::robots(&platform.store, caller.scope(), ids).await? {
        found.entry(row.application_id).or_default().push(ListedRobot { id: row.robot_id, name: row.name });
    }
    Ok(found)
}

/// Whether the caller may change the application now, and why not: what its lists say beside each is what enforces it.
pub fn may_change(caller: &Caller, row: &application::Model) -> Result<()> {
    change::writer(caller)?;
    match row.deleted_at {
        None => Ok(()),
        Some(_) => Err(Error::not_found("application", row.id)),
    }
}

/// The words of its permissions, or `*`; the departments that it is limited to; the networks it may and may not come from.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// The words of its permissions.
    pub permissions: Vec<String>,
    /// The only departments it sees; absent, all that its owner sees.
    pub departments: Option<Vec<DepartmentId>>,
    /// From where it may come; from everywhere when empty.
    pub allowed_addresses: Vec<String>,
    /// From where it may not.
    pub denied_addresses: Vec<String>,
}

/// Where what is made through an application belongs unless it is said: the application's department, or the caller's own
/// where they do not see that.
pub async fn home(platform: &Platform, caller: &Caller) -> Result<DepartmentId> {
    let id = caller.need_application()?;
    let row = rows::find(&platform.store, &Scope::All, id).await?;
    let row = row.ok_or_else(|| Error::not_found("application", id))?;
    match caller.scope().covers(row.department_id) {
        true => Ok(row.department_id),
        false => departments::home(platform, caller).await,
    }
}

/// What limits an application.
#[must_use]
pub fn limits_of(row: &application::Model) -> Limits {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    Limits {
        permissions: words(&row.permissions),
        departments: row.departments.as_deref().map(|ids| policy::listed(ids).collect()),
        allowed_addresses: words(&row.allowed_addresses),
        denied_addresses: words(&row.denied_addresses),
    }
}

fn shown(mut row: application::Model) -> application::Model {
    row.secret_hash.clear();
    row.old_secret_hash = None;
    row
}

#[cfg(test)]
mod tests;
