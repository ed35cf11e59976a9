//! Changing users (T/TSAC 002-2025, 6.2.3.3). A new password ends every session of the user.

use baigong_model::{
    Error, Permission, Result, Secret,
    ids::{DepartmentId, RoleId, UserId},
};
use baigong_store::{
    Tx, audits, departments as department_rows, entity::user, roles, take_turn, tokens, users as rows,
};
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
    /// A remark; an empty one is taken away.
    pub remark: Option<String>,
    /// Their role.
    pub role_id: Option<RoleId>,
    /// Their department.
    pub department_id: Option<DepartmentId>,
    /// The password that they have, where it is to be proven.
    pub old_password: Option<Secret<String>>,
}

/// Changes a user whose rights are not beyond the caller's own.
pub async fn update(platform: &Platform, caller: &Caller, id: UserId, change: Change) -> Result<()> {
    caller.need(Permission::EmployeeWrite)?;
    let row = rows::Change {
        name: change.name.map(|name| names::name("employeeName", &name)).transpose()?,
        username: change.username.map(|name| names::name("username", &name)).transpose()?,
        email: checked(change.email, names::email)?,
        mobile: checked(change.mobile, names::mobile)?,
        remark: names::remark(change.remark)?,
        role_id: None,
        department_id: None,
    };
    // Before a password is hashed, which is dear.
    let known = rows::find(&platform.store, caller.scope(), id).await?.filter(|user| user.deleted_at.is_none());
    let known = known.ok_or_else(|| Error::not_found("employee", id))?;
    if let Some(old) = &change.old_password {
        accounts::check_password(platform, caller, id, old).await?;
    }
    let role_id = change.role_id.filter(|role| *role != known.role_id);
    let department_id = change.department_id.filter(|department| *department != known.department_id);
    if role_id.is_some() {
        caller.need(Permission::RoleWrite)?;
    }
    if let Some(department) = department_id {
        departments::live(platform, caller, department).await?;
    }
    let row = rows::Change { role_id, department_id, ..row };
    let is_moved = role_id.is_some() || department_id.is_some();
    let username = row.username.as_deref().unwrap_or(&known.username);
    let password_hash = hashed(platform, username, change.password).await?;
    let tree = departments::tree(platform).await?;
    let (now, caller, is_new_password) = (platform.now(), caller.clone(), password_hash.is_some());
    let updated = platform.store.write(move |tx| {
        async move {
            if is_moved {
                take_turn(tx).await?;
            }
            let user =
                rows::find_live(tx, caller.scope(), id).await?.ok_or_else(|| Error::not_found("employee", id))?;
            policy::need_over(tx, &caller, &tree, &user).await?;
            if is_moved {
                check_place(tx, &caller, &tree, &user, &row).await?;
                tokens::revoke_all(tx, id).await?;
            }
            let detail = json!({
                "name": row.name, "username": row.username, "email": row.email.is_some(),
                "mobile": row.mobile.is_some(), "password": password_hash.is_some(),
                "roleId": row.role_id, "departmentId": row.department_id,
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
    if is_new_password || is_moved {
        accounts::end_sessions(platform, id);
    }
    platform.counts.changed(Table::Users);
    Ok(())
}

/// Fails unless the caller holds all that the user will, and an administrator is left.
async fn check_place(
    tx: &Tx,
    caller: &Caller,
    tree: &departments::Tree,
    user: &user::Model,
    change: &rows::Change,
) -> Result<()> {
    let (role, department) =
        (change.role_id.unwrap_or(user.role_id), change.department_id.unwrap_or(user.department_id));
    department_rows::hold(tx, department).await?;
    let role = roles::hold(tx, role).await?.ok_or_else(|| Error::not_found("role", role))?;
    policy::Power::of((&role).into(), user.id, department, tree).need_within(caller)?;
    match role.id == user.role_id {
        true => Ok(()),
        false => policy::need_another_administrator(tx, user).await,
    }
}

/// An address that is given, checked; an empty one stays empty, to take the old one away.
fn checked(text: Option<String>, check: fn(Option<String>) -> Result<Option<String>>) -> Result<Option<String>> {
    match text {
        Some(text) => Ok(Some(check(Some(text))?.unwrap_or_default())),
        None => Ok(None),
    }
}

async fn hashed(platform: &Platform, username: &str, password: Option<Secret<String>>) -> Result<Option<String>> {
    let Some(password) = sm2_transport::changed(password) else { return Ok(None) };
    let password = sm2_transport::read_field(platform, "password", &password, Purpose::EmployeePassword).await?;
    passwords::check_users("password", username, &password)?;
    platform.passwords.hash(&platform.random, password).await.map(Some)
}
