//! Making, changing and deleting applications. They hand power to programs, so that people do it, and nobody hands over
//! more than they hold.

use std::collections::BTreeSet;

use baigong_model::{
    Error, Permission, Result,
    ids::{ApplicationId, DepartmentId, RobotId, UserId},
};
use baigong_store::{
    Scope, Tx, applications as rows, audits, departments as department_rows, entity::application, users,
};
use futures_util::FutureExt;
use serde_json::{Value, json};

use super::{
    bounds::{ALL, networks},
    key::{self, NewSecret},
};
use crate::{
    Caller, Platform, accounts,
    departments::{self, Tree},
    grants::{self, Granted},
    names, policy, roles,
};

/// The longest description, in letters.
const MAX_DESCRIPTION: usize = 1000;

/// An application to be made.
#[derive(Debug, Clone, Default)]
pub struct NewApplication {
    /// Its department; the caller's own when absent.
    pub department_id: Option<DepartmentId>,
    /// Its name, unique in the department.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
}

/// What is to be changed; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
}

/// What an application may do and see.
#[derive(Debug, Clone, Default)]
pub struct Scopes {
    /// The words of its permissions; `*` for all that its owner holds.
    pub permissions: Vec<String>,
    /// The only departments it sees; absent, all that its owner sees.
    pub departments: Option<Vec<DepartmentId>>,
}

/// Makes an application that may do what the caller may; the secret is shown this once.
pub async fn create(platform: &Platform, caller: &Caller, input: NewApplication) -> Result<(ApplicationId, NewSecret)> {
    let owner_id = writer(caller)?;
    let owner = users::find(&platform.store, &Scope::All, owner_id).await?.ok_or(Error::Unauthenticated)?;
    let department_id = input.department_id.unwrap_or(owner.department_id);
    departments::live(platform, caller, department_id).await?;
    let (name, now) = (names::name("name", &input.name)?, platform.now());
    let made = NewSecret::make(platform);
    let row = application::Model {
        id: 0,
        department_id,
        owner_id,
        live_name: Some(format!("{department_id}/{name}")),
        name,
        description: names::limited("description", input.description, MAX_DESCRIPTION)?,
        access_key_id: made.access_key_id.clone(),
        secret_hash: key::hash(&made.secret),
        old_secret_hash: None,
        old_secret_until: None,
        permissions: ALL.into(),
        departments: None,
        allowed_addresses: String::new(),
        denied_addresses: String::new(),
        created_by: owner_id,
        created_at: now,
        deleted_at: None,
    };
    let caller = caller.clone();
    let created = platform.store.write(move |tx| {
        async move {
            department_rows::hold(tx, department_id).await?;
            let detail = json!({ "name": row.name, "accessKeyId": row.access_key_id });
            let id = rows::insert(tx, row).await?;
            let audit = caller.audit(now, "create", "application", Some(id), Some(department_id), &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| id)
        }
        .boxed()
    });
    Ok((created.await?, made))
}

/// Changes what an application is called.
pub async fn update(platform: &Platform, caller: &Caller, id: ApplicationId, input: Change) -> Result<()> {
    let name = input.name.map(|name| names::name("name", &name)).transpose()?;
    let description = names::limited("description", input.description, MAX_DESCRIPTION)?;
    changed(platform, caller, id, "update", move |row| {
        if let Some(name) = name {
            row.live_name = Some(format!("{}/{name}", row.department_id));
            row.name = name;
        }
        row.description = description.or(row.description.take());
        json!({ "name": row.name })
    })
    .await
}

/// Changes from where an application may come.
pub async fn set_addresses(
    platform: &Platform,
    caller: &Caller,
    id: ApplicationId,
    (allowed, denied): (Vec<String>, Vec<String>),
) -> Result<()> {
    let (allowed, denied) = (networks("allowed", &allowed)?, networks("denied", &denied)?);
    changed(platform, caller, id, "set-addresses", move |row| {
        (row.allowed_addresses, row.denied_addresses) = (allowed, denied);
        json!({ "allowedAddresses": row.allowed_addresses, "deniedAddresses": row.denied_addresses })
    })
    .await
}

/// Changes what an application may do and see: nothing that the caller does not hold, and all that its owner holds only where
/// the caller holds that too.
pub async fn set_scopes(platform: &Platform, caller: &Caller, id: ApplicationId, scopes: Scopes) -> Result<()> {
    writer(caller)?;
    let is_all = scopes.permissions.iter().any(|word| word == ALL);
    let permissions = if is_all { ALL.to_owned() } else { roles::words_of(&scopes.permissions)? };
    if !is_all {
        policy::need_permissions(caller, policy::permissions(&permissions))?;
    }
    let tree = departments::tree(platform).await?;
    let departments = scopes.departments.map(|it| listed(caller, &tree, it)).transpose()?;
    let owners = is_all || departments.is_none();
    let (now, caller) = (platform.now(), caller.clone());
    let done = platform.store.write(move |tx| {
        async move {
            let mut row = live(tx, &caller, id).await?;
            if owners {
                let owner = users::find_live(tx, &Scope::All, row.owner_id).await?;
                let owner = owner.ok_or_else(|| Error::conflict("its owner is deleted: give it a new secret first"))?;
                policy::need_over(tx, &caller, &tree, &owner).await?;
            }
            (row.permissions, row.departments) = (permissions, departments);
            let detail = json!({ "permissions": row.permissions, "departments": row.departments });
            written(tx, &caller, row, "set-scopes", &detail, now).await
        }
        .boxed()
    });
    done.await?;
    accounts::roles_changed(platform);
    Ok(())
}

/// Has the application list exactly these robots, which the caller must see.
pub async fn set_robots(platform: &Platform, caller: &Caller, id: ApplicationId, robots: Vec<RobotId>) -> Result<()> {
    writer(caller)?;
    let (robots, now, caller) = (grants::checked(robots)?, platform.now(), caller.clone());
    let done = platform.store.write(move |tx| {
        async move {
            let row = live(tx, &caller, id).await?;
            grants::give(tx, &caller, Granted::Application, id, &robots).await?;
            let detail = json!({ "robotIds": robots });
            let audit = caller.audit(now, "set-robots", "application", Some(id), Some(row.department_id), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    done.await
}

/// Deletes an application: its tokens and its key pair are good for nothing at once.
pub async fn delete(platform: &Platform, caller: &Caller, id: ApplicationId) -> Result<()> {
    writer(caller)?;
    let (now, caller) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            let row = live(tx, &caller, id).await?;
            rows::delete(tx, id, now).await?;
            let detail = json!({ "name": row.name, "accessKeyId": row.access_key_id });
            let audit = caller.audit(now, "delete", "application", Some(id), Some(row.department_id), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    deleted.await?;
    accounts::end_application(platform, id);
    Ok(())
}

/// Whoever may make and change applications: people with the permission.
pub(super) fn writer(caller: &Caller) -> Result<UserId> {
    caller.need(Permission::ApplicationWrite)?;
    caller.need_person()?;
    caller.user_id.ok_or(Error::Unauthenticated)
}

/// The live application `id`, locked until the end of the write.
pub(super) async fn live(tx: &Tx, caller: &Caller, id: ApplicationId) -> Result<application::Model> {
    rows::find_live(tx, caller.scope(), id).await?.ok_or_else(|| Error::not_found("application", id))
}

/// Stores a changed application with its audit row.
pub(super) async fn written(
    tx: &Tx,
    caller: &Caller,
    row: application::Model,
    action: &'static str,
    detail: &Value,
    now: i64,
) -> Result<()> {
    let audit = caller.audit(now, action, "application", Some(row.id), Some(row.department_id), detail);
    rows::update(tx, row).await?;
    audits::insert_many(tx, &[audit]).await
}

async fn changed(
    platform: &Platform,
    caller: &Caller,
    id: ApplicationId,
    action: &'static str,
    change: impl FnOnce(&mut application::Model) -> Value + Send + 'static,
) -> Result<()> {
    writer(caller)?;
    let (now, caller) = (platform.now(), caller.clone());
    let done = platform.store.write(move |tx| {
        async move {
            let mut row = live(tx, &caller, id).await?;
            let detail = change(&mut row);
            written(tx, &caller, row, action, &detail, now).await
        }
        .boxed()
    });
    done.await?;
    accounts::roles_changed(platform);
    Ok(())
}

fn listed(caller: &Caller, tree: &Tree, departments: Vec<DepartmentId>) -> Result<String> {
    let departments: BTreeSet<DepartmentId> = departments.into_iter().collect();
    if departments.is_empty() {
        return Err(Error::invalid("departmentIds", "must name a department, or be left out for those of the owner"));
    }
    for department in &departments {
        caller.need_department(*department)?;
        if !tree.has(*department) {
            return Err(Error::not_found("department", department));
        }
    }
    Ok(roles::joined(departments.iter()))
}
