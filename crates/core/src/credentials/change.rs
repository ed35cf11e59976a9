//! Making, changing and deleting credentials.

use baigong_model::{
    Error, Permission, Result, Secret,
    ids::{DepartmentId, RobotId},
};
use baigong_store::{audits, credentials as rows, departments as department_rows, entity::credential};
use futures_util::FutureExt;
use serde_json::json;

use super::place;
use crate::{
    Caller, Platform, departments,
    grants::{self, Granted},
    lists::Table,
    names, passwords,
    sm2_transport::{self, Purpose},
};

/// A credential to be made.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// Its department.
    pub department_id: DepartmentId,
    /// Its name, unique in the department.
    pub name: String,
    /// The account.
    pub username: String,
    /// The account's password as it came over the wire, see `sm2_transport`.
    pub password: Secret<String>,
    /// Whether every robot may have it.
    pub is_global: bool,
    /// The robots that may have it otherwise.
    pub robot_ids: Vec<RobotId>,
    /// A remark.
    pub remark: Option<String>,
}

/// What an update changes; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct CredentialChange {
    /// The name, unique in the department.
    pub name: Option<String>,
    /// The account.
    pub username: Option<String>,
    /// The account's password as it came over the wire.
    pub password: Option<Secret<String>>,
    /// Whether every robot may have it.
    pub is_global: Option<bool>,
    /// The robots that may have it otherwise.
    pub robot_ids: Option<Vec<RobotId>>,
    /// The remark.
    pub remark: Option<String>,
}

/// Makes a credential.
pub async fn create(platform: &Platform, caller: &Caller, input: NewCredential) -> Result<i64> {
    caller.need(Permission::CredentialWrite)?;
    departments::live(platform, caller, input.department_id).await?;
    let name = names::name("credentialName", &input.name)?;
    let password = read(platform, &input.password).await?;
    let (robot_ids, now) = (grants::checked(input.robot_ids)?, platform.now());
    let mut row = credential::Model {
        id: 0,
        department_id: input.department_id,
        live_name: Some(format!("{}/{name}", input.department_id)),
        name,
        username: names::name("credentialUsername", &input.username)?,
        password: String::new(),
        is_global: input.is_global,
        remark: names::remark(input.remark)?,
        created_by: caller.id(),
        created_at: now,
        deleted_at: None,
    };
    let (this, caller) = (platform.clone(), caller.clone());
    let created = platform.store.write(move |tx| {
        async move {
            department_rows::hold(tx, row.department_id).await?;
            let id = rows::next_id(tx).await?;
            (row.id, row.password) = (id, sealed(&this, id, &password));
            let (detail, department) =
                (json!({ "name": row.name, "isGlobal": row.is_global, "robotIds": robot_ids }), row.department_id);
            rows::insert(tx, row).await?;
            grants::give(tx, &caller, Granted::Credential, id, &robot_ids).await?;
            let audit = caller.audit(now, "create", "credential", Some(id), Some(department), &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| id)
        }
        .boxed()
    });
    let id = created.await?;
    platform.counts.changed(Table::Credentials);
    Ok(id)
}

/// Changes a credential.
pub async fn update(platform: &Platform, caller: &Caller, id: i64, input: CredentialChange) -> Result<()> {
    caller.need(Permission::CredentialWrite)?;
    let found = rows::find(&platform.store, caller.scope(), id).await?;
    let found = found.filter(|row| row.deleted_at.is_none()).ok_or_else(|| Error::not_found("credential", id))?;
    let name = input.name.map(|name| names::name("credentialName", &name)).transpose()?;
    let username = input.username.map(|name| names::name("credentialUsername", &name)).transpose()?;
    let password = match &sm2_transport::changed(input.password) {
        Some(password) => Some(sealed(platform, id, &read(platform, password).await?)),
        None => None,
    };
    let robot_ids = input.robot_ids.map(grants::checked).transpose()?;
    let detail = json!({
        "name": name, "isUsernameChanged": username.is_some(), "isPasswordChanged": password.is_some(),
        "isGlobal": input.is_global, "robotIds": robot_ids,
    });
    let changes = rows::Changes {
        name: name.map(|name| (name.clone(), format!("{}/{name}", found.department_id))),
        username,
        password,
        is_global: input.is_global,
        remark: names::remark(input.remark)?.map(Some),
    };
    let (now, caller) = (platform.now(), caller.clone());
    let updated = platform.store.write(move |tx| {
        async move {
            let row = rows::find_live(tx, caller.scope(), id).await?;
            let row = row.ok_or_else(|| Error::not_found("credential", id))?;
            rows::update(tx, id, changes).await?;
            if let Some(robot_ids) = robot_ids {
                grants::give(tx, &caller, Granted::Credential, id, &robot_ids).await?;
            }
            let audit = caller.audit(now, "update", "credential", Some(id), Some(row.department_id), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    updated.await?;
    platform.counts.changed(Table::Credentials);
    Ok(())
}

/// Deletes a credential: flows do not find it any more.
pub async fn delete(platform: &Platform, caller: &Caller, id: i64) -> Result<()> {
    caller.need(Permission::CredentialWrite)?;
    let (now, caller) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            let row = rows::find_live(tx, caller.scope(), id).await?;
            let row = row.ok_or_else(|| Error::not_found("credential", id))?;
            rows::delete(tx, id, now).await?;
            let detail = json!({ "name": row.name });
            let audit = caller.audit(now, "delete", "credential", Some(id), Some(row.department_id), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    deleted.await?;
    platform.counts.changed(Table::Credentials);
    Ok(())
}

async fn read(platform: &Platform, password: &Secret<String>) -> Result<Secret<String>> {
    const FIELD: &str = "credentialPassword";
    let password = sm2_transport::read_field(platform, FIELD, password, Purpose::CredentialPassword).await?;
    passwords::check(FIELD, &password).map(|()| password)
}

fn sealed(platform: &Platform, id: i64, password: &Secret<String>) -> String {
    platform.keys.seal(&*platform.random, place(&id.to_string()), password.expose().as_bytes())
}
