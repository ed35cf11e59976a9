//! Users as people keep them (T/TSAC 002-2025, 6.2.3). How they sign in is in `accounts`.

use baigong_model::{
    Error, PageOf, Permission, Result, Secret,
    ids::{DepartmentId, UserId},
};
use baigong_store::{audits, entity::user, roles, users as rows};
use futures_util::FutureExt;
use serde_json::json;

use crate::{
    Caller, Platform, departments,
    lists::{ListInput, Table},
    names, passwords, sm2_transport,
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
    /// Whether too many wrong passwords keep them out at the moment.
    pub is_locked: bool,
    /// Whether they are deleted.
    pub is_deleted: bool,
}

impl Employee {
    fn of(row: user::Model, now: i64) -> Self {
        Self {
            id: row.id,
            name: row.name,
            username: row.username,
            department_id: row.department_id,
            email: row.email,
            mobile: row.mobile,
            is_locked: row.locked_until.is_some_and(|until| until > now),
            is_deleted: row.deleted_at.is_some(),
        }
    }
}

/// Makes a user with the role of an operator.
pub async fn create(platform: &Platform, caller: &Caller, input: NewEmployee) -> Result<UserId> {
    caller.need(Permission::EmployeeWrite)?;
    departments::live(platform, caller, input.department_id).await?;
    let name = names::name("employeeName", &input.name)?;
    let username = names::name("username", &input.username)?;
    let (email, mobile) = (names::email(input.email)?, names::mobile(input.mobile)?);
    let password = sm2_transport::read_field(platform, "password", &input.password, Purpose::EmployeePassword).await?;
    passwords::check("password", &password)?;
    let role = roles::find_by_name(&platform.store, OPERATOR).await?;
    let role_id = role.ok_or_else(|| Error::internal("the role operator is missing"))?.id;
    let password_hash = platform.passwords.hash(&platform.random, password).await?;
    let now = platform.now();
    let row = user::Model {
        id: 0,
        department_id: input.department_id,
        role_id,
        name,
        live_username: Some(username.clone()),
        username,
        password_hash,
        email,
        mobile,
        failures: 0,
        failures_since: None,
        locked_until: None,
        created_at: now,
        deleted_at: None,
    };
    let caller = caller.clone();
    let created = platform.store.write(move |tx| {
        async move {
            let detail = json!({ "name": row.name, "username": row.username, "role": OPERATOR });
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

/// The user `id`, deleted or not.
pub async fn query(platform: &Platform, caller: &Caller, id: UserId) -> Result<Employee> {
    caller.need(Permission::EmployeeRead)?;
    let row = rows::find(&platform.store, caller.scope(), id).await?;
    row.map(|row| Employee::of(row, platform.now())).ok_or_else(|| Error::not_found("employee", id))
}

/// A page of users, oldest first.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<Employee>> {
    caller.need(Permission::EmployeeRead)?;
    let (filter, now) = (input.filter(platform, caller).await?, platform.now());
    let store = &platform.store;
    let total =
        platform.counts.total(now, (Table::Users, filter.clone(), None), || rows::count(store, &filter)).await?;
    let rows = rows::list(store, &filter, input.page).await?;
    Ok(PageOf { rows: rows.into_iter().map(|row| Employee::of(row, now)).collect(), total })
}
