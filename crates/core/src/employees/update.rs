//! Changing users (T/TSAC 002-2025, 6.2.3.3). A new password ends every session of the user.

use baigong_model::{Error, Permission, Result, Secret, ids::UserId};
use baigong_store::{audits, tokens, users as rows};
use futures_util::FutureExt;
use serde_json::json;

use crate::{
    Caller, Platform, accounts, departments, lists::Table, names, passwords, policy, sm2_transport,
    sm2_transport::Purpose,
};

/// What is to be changed of a user; what is absent stays. An empty e-mail or phone is taken away.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Their name.
    pub name: Option<String>,
    /// What they sign in with, unique.
    pub username: Option<String>,
    /// Their password as it came over the wire, see `sm2_transport`.
    pub password: Option<Secret<String>>,
    /// Their e-mail.
    pub email: Option<String>,
    /// Their phone.
    pub mobile: Option<String>,
}

/// Changes a user whose rights are not beyond the caller's own.
pub async fn update(platform: &Platform, caller: &Caller, id: UserId, change: Change) -> Result<()> {
    caller.need(Permission::EmployeeWrite)?;
    let row = rows::Change {
        name: change.name.map(|name| names::name("employeeName", &name)).transpose()?,
        username: change.username.map(|name| names::name("username", &name)).transpose()?,
        email: checked(change.email, names::email)?,
        mobile: checked(change.mobile, names::mobile)?,
    };
    // Before a password is hashed, which is dear.
    let known = rows::find(&platform.store, caller.scope(), id).await?.filter(|user| user.deleted_at.is_none());
    known.ok_or_else(|| Error::not_found("employee", id))?;
    let password_hash = hashed(platform, change.password).await?;
    let tree = departments::tree(platform).await?;
    let (now, caller, is_new_password) = (platform.now(), caller.clone(), password_hash.is_some());
    let updated = platform.store.write(move |tx| {
        async move {
            let user =
                rows::find_live(tx, caller.scope(), id).await?.ok_or_else(|| Error::not_found("employee", id))?;
            policy::need_over(tx, &caller, &tree, &user).await?;
            let detail = json!({
                "name": row.name, "username": row.username, "email": row.email.is_some(),
                "mobile": row.mobile.is_some(), "password": password_hash.is_some(),
            });
            rows::update(tx, id, row).await?;
            if let Some(hash) = &password_hash {
                rows::set_password(tx, id, hash).await?;
                tokens::revoke_all(tx, id).await?;
            }
            let audit = caller.audit(now, "update", "employee", Some(id), Some(user.department_id), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    updated.await?;
    if is_new_password {
        accounts::end_sessions(platform, id);
    }
    platform.counts.changed(Table::Users);
    Ok(())
}

/// An address that is given, checked; an empty one stays empty, to take the old one away.
fn checked(text: Option<String>, check: fn(Option<String>) -> Result<Option<String>>) -> Result<Option<String>> {
    match text {
        Some(text) => Ok(Some(check(Some(text))?.unwrap_or_default())),
        None => Ok(None),
    }
}

async fn hashed(platform: &Platform, password: Option<Secret<String>>) -> Result<Option<String>> {
    let Some(password) = sm2_transport::changed(password) else { return Ok(None) };
    let password = sm2_transport::read_field(platform, "password", &password, Purpose::EmployeePassword).await?;
    passwords::check("password", &password)?;
    platform.passwords.hash(&platform.random, password).await.map(Some)
}
