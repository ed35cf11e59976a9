//! Users as people keep them (T/TSAC 002-2025, 6.2.3). How they sign in is in `accounts`.

mod delete;
mod update;

pub use delete::delete;
pub use update::{Change, update};

use baigong_model::{
    Error, PageOf, Permission, Result, Secret,
    ids::{DepartmentId, RoleId, UserId},
};
use baigong_store::{
    Tx, audits, departments as department_rows,
    entity::{role, user},
    roles, users as rows,
};
use futures_util::FutureExt;
use serde_json::json;

use crate::{
    Caller, Platform, departments,
    lists::{self, ListInput, Table},
    names, passwords,
    policy::Power,
    sm2_transport,
    sm2_transport::Purpose,
};

/// The role of users made through the interfaces.
pub(crate) const OPERATOR: &str = "operator";

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewEmployee {
    /// Their name.
    pub name: String,
    /// What they sign in with, unique.
    pub username: String,
    /// Their password as it came over the wire, see `sm2_transport`.
    pub password: Secret<String>,
    /// Their department.
    pub department_id: DepartmentId,
    /// Their e-mail.
    pub email: Option<String>,
    /// Their phone.
    pub mobile: Option<String>,
    /// What they may do; an operator's role unless said.
    pub role_id: Option<RoleId>,
    /// A remark.
    pub remark: Option<String>,
}

/// A user as others see them: without the password's hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Employee {
    /// Their id.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// What they sign in with.
    pub username: String,
    /// Their department.
    pub department_id: DepartmentId,
    /// Their e-mail.
    pub email: Option<String>,
    /// Their phone.
    pub mobile: Option<String>,
    /// Their role.
    pub role_id: RoleId,
    /// A remark.
    pub remark: Option<String>,
    /// When they were made.
    pub created_at: i64,
    /// Whether too many wrong passwords keep them out at the moment.
    pub is_locked: bool,
    /// Whether they are deleted.
    pub is_deleted: bool,
}

impl Employee {
    pub(crate) fn of(row: user::Model, now: i64) -> Self {
        Self {
            id: row.id,
            name: row.name,
            username: row.username,
            department_id: row.department_id,
            email: row.email,
            mobile: row.mobile,
            role_id: row.role_id,
            remark: row.remark,
            created_at: row.created_at,
            is_locked: row.locked_until.is_some_and(|until| until > now),
            is_deleted: row.deleted_at.is_some(),
        }
    }
}

/// Makes a user with a role of which the caller holds all.
pub async fn create(platform: &Platform, caller: &Caller, input: NewEmployee) -> Result<UserId> {
    caller.need(Permission::EmployeeWrite)?;
    if input.role_id.is_some() {
        caller.need(Permission::RoleWrite)?;
    }
    departments::live(platform, caller, input.department_id).await?;
    let name = names::name("employeeName", &input.name)?;
    let username = names::name("username", &input.username)?;
    let (email, mobile) = (names::email(input.email)?, names::mobile(input.mobile)?);
    let password = sm2_transport::read_field(platform, "password", &input.password, Purpose::EmployeePassword).await?;
    passwords::check_users("password", &username, &password)?;
    let password_hash = platform.passwords.hash(&platform.random, password).await?;
    let now = platform.now();
    let mut row = user::Model {
        id: 0,
        department_id: input.department_id,
        role_id: 0,
        name,
        live_username: Some(username.clone()),
        username,
        password_hash,
        email,
        mobile,
        remark: names::remark(input.remark)?,
        failures: 0,
        failures_since: None,
        locked_until: None,
        created_at: now,
        deleted_at: None,
    };
    let (caller, tree) = (caller.clone(), departments::tree(platform).await?);
    let created = platform.store.write(move |tx| {
        async move {
            department_rows::hold(tx, row.department_id).await?;
            let role = role_of(tx, input.role_id).await?;
            Power::of((&role).into(), 0, row.department_id, &tree).need_within(&caller)?;
            row.role_id = role.id;
            let detail = json!({ "name": row.name, "username": row.username, "role": role.name });
            let department = row.department_id;
            let id = rows::insert(tx, row).await?;
            let audit = caller.audit(now, "create", "employee", Some(id), Some(department), &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| id)
        }
        .boxed()
    });
    let id = created.await?;
    platform.counts.changed(Table::Users);
    Ok(id)
}

/// The role asked for, else an operator's. Nobody deletes it until the transaction ends.
async fn role_of(tx: &Tx, id: Option<RoleId>) -> Result<role::Model> {
    match id {
        Some(id) => roles::hold(tx, id).await?.ok_or_else(|| Error::not_found("role", id)),
        None => roles::hold_by_name(tx, OPERATOR).await?.ok_or_else(|| Error::internal("the role operator is missing")),
    }
}

/// The user `id`, deleted or not.
pub async fn query(platform: &Platform, caller: &Caller, id: UserId) -> Result<Employee> {
    caller.need(Permission::EmployeeRead)?;
    let row = rows::find(&platform.store, caller.scope(), id).await?;
    row.map(|row| Employee::of(row, platform.now())).ok_or_else(|| Error::not_found("employee", id))
}

/// The live user who signs in as `username`.
pub async fn by_username(platform: &Platform, caller: &Caller, username: &str) -> Result<Employee> {
    caller.need(Permission::EmployeeRead)?;
    let row = rows::find_by_username(&platform.store, username).await?;
    let row = row.filter(|row| caller.scope().sees(row.department_id, row.id));
    row.map(|row| Employee::of(row, platform.now())).ok_or_else(|| Error::not_found("employee", username))
}

/// A page of users, oldest first.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<Employee>> {
    caller.need(Permission::EmployeeRead)?;
    let (filter, now) = (input.filter(platform, caller).await?, platform.now());
    let page = lists::page(platform, Table::Users, &filter, input.page, rows::count, rows::list).await?;
    Ok(page.map(|row| Employee::of(row, now)))
}

#[cfg(test)]
mod tests;
