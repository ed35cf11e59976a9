//! Roles (extension): named sets of permissions and how far they reach. What may be given by whom is in `policy`.

use std::collections::HashMap;

use baigong_model::{
    DataScope, Error, PageOf, Permission, PermissionSet, Result,
    ids::{DepartmentId, RoleId, UserId},
};
use baigong_store::{Scope, Tx, audits, entity::role, roles as rows, take_turn, tokens, users};
use futures_util::FutureExt;
use serde_json::json;

use crate::{
    Caller, Platform, accounts,
    departments::{self, Tree},
    lists::ListInput,
    names, policy,
    policy::Power,
};

/// What a role is to be. In a change, what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct RoleInput {
    /// Its name, unique.
    pub name: Option<String>,
    /// The words of its permissions.
    pub permissions: Option<Vec<String>>,
    /// The word of its data scope.
    pub data_scope: Option<String>,
    /// The departments of the data scope "custom".
    pub departments: Option<Vec<DepartmentId>>,
    /// A remark.
    pub remark: Option<String>,
}

/// Makes a role of permissions that the caller holds.
pub async fn create(platform: &Platform, caller: &Caller, input: RoleInput) -> Result<RoleId> {
    caller.need(Permission::RoleWrite)?;
    let now = platform.now();
    let mut row = role::Model {
        id: 0,
        name: String::new(),
        live_name: None,
        permissions: String::new(),
        data_scope: DataScope::Own.as_str().into(),
        departments: String::new(),
        is_built_in: false,
        remark: None,
        created_by: caller.id(),
        created_at: now,
        deleted_at: None,
    };
    let tree = departments::tree(platform).await?;
    apply(&mut row, input)?;
    check(&row, caller, &tree)?;
    let caller = caller.clone();
    let created = platform.store.write(move |tx| {
        async move {
            let detail = detail(&row);
            let id = rows::insert(tx, row).await?;
            audits::insert_many(tx, &[caller.audit(now, "create", "role", Some(id), None, &detail)]).await.map(|()| id)
        }
        .boxed()
    });
    created.await
}

/// Changes a role of which the caller holds all, before and after, for everybody who has it.
pub async fn update(platform: &Platform, caller: &Caller, id: RoleId, input: RoleInput) -> Result<()> {
    caller.need(Permission::RoleWrite)?;
    let (now, caller, tree) = (platform.now(), caller.clone(), departments::tree(platform).await?);
    let updated = platform.store.write(move |tx| {
        async move {
            let before = own(tx, id, "a built-in role stays as it is: make one of your own").await?;
            let mut row = before.clone();
            apply(&mut row, input)?;
            for role in [&before, &row] {
                check(role, &caller, &tree)?;
                check_holders(tx, role, &caller, &tree).await?;
            }
            let detail = detail(&row);
            rows::update(tx, row).await?;
            audits::insert_many(tx, &[caller.audit(now, "update", "role", Some(id), None, &detail)]).await
        }
        .boxed()
    });
    updated.await?;
    accounts::roles_changed(platform);
    Ok(())
}

/// Deletes a role that nobody has.
pub async fn delete(platform: &Platform, caller: &Caller, id: RoleId) -> Result<()> {
    caller.need(Permission::RoleWrite)?;
    let (now, caller, tree) = (platform.now(), caller.clone(), departments::tree(platform).await?);
    let deleted = platform.store.write(move |tx| {
        async move {
            let row = own(tx, id, "a built-in role cannot be deleted").await?;
            check(&row, &caller, &tree)?;
            if rows::is_held(tx, id).await? {
                return Err(Error::Conflict("users have this role: give them another one first".into()));
            }
            rows::delete(tx, id, now).await?;
            let audit = caller.audit(now, "delete", "role", Some(id), None, &json!({ "name": row.name }));
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    deleted.await
}

/// The role `id`, deleted or not.
pub async fn query(platform: &Platform, caller: &Caller, id: RoleId) -> Result<role::Model> {
    caller.need(Permission::RoleRead)?;
    rows::find(&platform.store, id).await?.ok_or_else(|| Error::not_found("role", id))
}

/// A page of roles, oldest first; a department in `input` changes nothing.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<role::Model>> {
    caller.need(Permission::RoleRead)?;
    let filter = input.filter(platform, caller).await?;
    let total = rows::count(&platform.store, &filter).await?;
    Ok(PageOf { rows: rows::list(&platform.store, &filter, input.page).await?, total })
}

/// What a role allows.
#[must_use]
pub fn permissions_of(role: &role::Model) -> PermissionSet {
    policy::permissions(&role.permissions)
}

/// The departments that a role lists.
#[must_use]
pub fn departments_of(role: &role::Model) -> Vec<DepartmentId> {
    policy::listed(&role.departments).collect()
}

/// Gives a user another role: nothing that the caller does not hold, to nobody who holds more. Their tokens are taken back.
pub async fn assign(platform: &Platform, caller: &Caller, user: UserId, role: RoleId) -> Result<()> {
    caller.need(Permission::RoleWrite)?;
    let (now, caller, tree) = (platform.now(), caller.clone(), departments::tree(platform).await?);
    let assigned = platform.store.write(move |tx| {
        async move {
            take_turn(tx).await?;
            let holder = users::find_live(tx, caller.scope(), user).await?;
            let holder = holder.ok_or_else(|| Error::not_found("employee", user))?;
            let role = rows::hold(tx, role).await?.ok_or_else(|| Error::not_found("role", role))?;
            policy::need_over(tx, &caller, &tree, &holder).await?;
            Power::of((&role).into(), user, holder.department_id, &tree).need_within(&caller)?;
            if role.id != holder.role_id {
                policy::need_another_administrator(tx, &holder).await?;
                users::set_role(tx, user, role.id).await?;
                tokens::revoke_all(tx, user).await?;
            }
            let (detail, department) = (json!({ "role": role.name }), Some(holder.department_id));
            let audit = caller.audit(now, "assign-role", "employee", Some(user), department, &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| role.id != holder.role_id)
        }
        .boxed()
    });
    if assigned.await? {
        accounts::end_sessions(platform, user);
    }
    Ok(())
}

/// The names of roles, deleted ones too, by id: whoever sees a user may know what their role is called.
pub async fn names(platform: &Platform) -> Result<HashMap<RoleId, String>> {
    rows::names(&platform.store).await
}

/// A live role that is not the platform's, to be changed; with what is said of one that is.
async fn own(tx: &Tx, id: RoleId, otherwise: &str) -> Result<role::Model> {
    let row = rows::lock(tx, id).await?.ok_or_else(|| Error::not_found("role", id))?;
    if row.is_built_in { Err(Error::conflict(otherwise)) } else { Ok(row) }
}

fn apply(row: &mut role::Model, input: RoleInput) -> Result<()> {
    if let Some(name) = input.name {
        row.name = names::name("roleName", &name)?;
        row.live_name = Some(row.name.clone());
    }
    if let Some(words) = input.permissions {
        row.permissions = words_of(&words)?;
    }
    if let Some(scope) = input.data_scope {
        let reason = "must be all, custom, department, department-and-below or self";
        let scope: DataScope = scope.parse().map_err(|()| Error::invalid("dataScope", reason))?;
        row.data_scope = scope.as_str().into();
    }
    if let Some(departments) = input.departments {
        let departments: std::collections::BTreeSet<DepartmentId> = departments.into_iter().collect();
        row.departments = joined(departments.iter());
    }
    if row.data_scope != DataScope::Custom.as_str() {
        row.departments.clear();
    } else if row.departments.is_empty() {
        return Err(Error::invalid("depIds", "must name the departments of the data scope custom"));
    }
    if input.remark.is_some() {
        row.remark = names::remark(input.remark)?;
    }
    Ok(())
}

/// The words as they are stored, each known and once.
pub(crate) fn words_of(words: &[String]) -> Result<String> {
    let known = words.iter().map(|word| {
        word.parse::<Permission>()
            .map_err(|()| Error::invalid("permissions", format!("\"{word}\" is not a permission")))
    });
    let known: PermissionSet = known.collect::<Result<Vec<_>>>()?.into_iter().collect();
    Ok(joined(known.iter()))
}

/// Words with blanks between.
pub(crate) fn joined(items: impl Iterator<Item = impl ToString>) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(" ")
}

/// Fails unless the caller holds what the role gives, as far as that does not depend on who has it.
fn check(role: &role::Model, caller: &Caller, tree: &Tree) -> Result<()> {
    for department in policy::listed(&role.departments) {
        caller.need_department(department)?;
        if !tree.has(department) {
            return Err(Error::not_found("department", department));
        }
    }
    policy::need_permissions(caller, policy::permissions(&role.permissions))?;
    let reaches = match role.data_scope.parse() {
        Ok(DataScope::All) => *caller.scope() == Scope::All,
        Ok(DataScope::Department | DataScope::DepartmentAndBelow) => !matches!(caller.scope(), Scope::Own(_)),
        Ok(DataScope::Custom | DataScope::Own) | Err(()) => true,
    };
    if reaches { Ok(()) } else { Err(policy::too_wide()) }
}

/// The same for what depends on who has it: the departments of its holders.
async fn check_holders(tx: &Tx, role: &role::Model, caller: &Caller, tree: &Tree) -> Result<()> {
    for department in rows::departments_of_holders(tx, role.id).await? {
        Power::of(role.into(), 0, department, tree).need_within(caller)?;
    }
    Ok(())
}

fn detail(row: &role::Model) -> serde_json::Value {
    json!({ "name": row.name, "permissions": row.permissions, "dataScope": row.data_scope, "departments": row.departments })
}

#[cfg(test)]
mod tests;
