//! Who may give what to whom. A role is power; nobody gives power that they do not hold themselves, takes it from somebody
//! who holds more, or leaves the platform without an administrator.

use std::{collections::BTreeSet, sync::Arc};

use baigong_model::{
    DataScope, Error, PermissionSet, Result,
    ids::{DepartmentId, UserId},
};
use baigong_store::{
    Scope, Tx,
    entity::{role, user},
    roles, users,
};

use crate::{Caller, departments::Tree};

/// What a role gives to one user.
#[derive(Debug, Clone)]
pub(crate) struct Power {
    /// What they may do.
    pub(crate) permissions: PermissionSet,
    /// Which rows they see.
    pub(crate) scope: Scope,
}

/// A role in the words it is stored in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoredRole<'r> {
    pub(crate) permissions: &'r str,
    pub(crate) data_scope: &'r str,
    pub(crate) departments: &'r str,
}

impl<'r> From<&'r role::Model> for StoredRole<'r> {
    fn from(row: &'r role::Model) -> Self {
        Self { permissions: &row.permissions, data_scope: &row.data_scope, departments: &row.departments }
    }
}

impl Power {
    /// What `role` gives to `user` of `department`. Words that this version does not know give nothing.
    pub(crate) fn of(role: StoredRole<'_>, user: UserId, department: DepartmentId, tree: &Tree) -> Self {
        let departments = |some: BTreeSet<DepartmentId>| Scope::Departments(Arc::new(some));
        let scope = match role.data_scope.parse() {
            Ok(DataScope::All) => Scope::All,
            Ok(DataScope::Custom) => departments(listed(role.departments).collect()),
            Ok(DataScope::Department) => departments([department].into()),
            Ok(DataScope::DepartmentAndBelow) => departments(tree.subtree(department)),
            Ok(DataScope::Own) | Err(()) => Scope::own(user, department),
        };
        Self { permissions: permissions(role.permissions), scope }
    }

    /// Fails unless `caller` holds all of it.
    pub(crate) fn need_within(&self, caller: &Caller) -> Result<()> {
        need_permissions(caller, self.permissions)?;
        if is_within(&self.scope, caller.scope()) { Ok(()) } else { Err(too_wide()) }
    }
}

/// Fails, naming the first that is missing, unless `caller` holds all of `permissions`.
pub(crate) fn need_permissions(caller: &Caller, permissions: PermissionSet) -> Result<()> {
    match permissions.beyond(caller.permissions()) {
        Some(missing) => Err(Error::Forbidden(missing.to_string())),
        None => Ok(()),
    }
}

/// The permissions of a role as it stores them.
pub(crate) fn permissions(words: &str) -> PermissionSet {
    match words {
        "*" => PermissionSet::all(),
        words => words.split_whitespace().filter_map(|word| word.parse().ok()).collect(),
    }
}

/// The departments of a role as it stores them.
pub(crate) fn listed(departments: &str) -> impl Iterator<Item = DepartmentId> {
    departments.split_whitespace().filter_map(|id| id.parse().ok())
}

/// Whether whoever sees `outer` sees all of `inner`. What a user will make themselves belongs to whoever sees their department.
pub(crate) fn is_within(inner: &Scope, outer: &Scope) -> bool {
    match (inner, outer) {
        (_, Scope::All) => true,
        (Scope::Departments(inner), Scope::Departments(outer)) => inner.is_subset(outer),
        (Scope::Own(own), outer) => outer.covers(own.home),
        (Scope::All, _) | (Scope::Departments(_), Scope::Own(_)) => false,
    }
}

pub(crate) fn too_wide() -> Error {
    Error::Forbidden("a data scope that holds what is given".into())
}

/// Fails unless `caller` holds all that `user` does: whoever changes a user's password or role, or deletes them, must be
/// able to do whatever they can.
pub(crate) async fn need_over(tx: &Tx, caller: &Caller, tree: &Tree, user: &user::Model) -> Result<()> {
    let role = roles::hold(tx, user.role_id).await?.ok_or_else(|| Error::internal("a user's role is missing"))?;
    Power::of((&role).into(), user.id, user.department_id, tree).need_within(caller)
}

/// Fails if `user` is the last administrator. To be asked after [`baigong_store::take_turn`]: two administrators must not
/// remove each other at the same time.
pub(crate) async fn need_another_administrator(tx: &Tx, user: &user::Model) -> Result<()> {
    let administrators = users::administrators(tx).await?;
    if administrators == [user.id] {
        return Err(Error::Conflict("this is the last administrator: make another one first".into()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(departments: &[i64]) -> Scope {
        Scope::Departments(Arc::new(departments.iter().copied().collect()))
    }

    #[test]
    fn a_scope_is_within_another_only_where_nothing_of_it_lies_outside() {
        let own = Scope::own(7, 1);
        for (inner, outer, expected) in [
            (&Scope::All, &Scope::All, true),
            (&some(&[1]), &Scope::All, true),
            (&Scope::All, &some(&[1]), false),
            (&some(&[1]), &some(&[1, 2]), true),
            (&some(&[1, 3]), &some(&[1, 2]), false),
            (&own, &some(&[1]), true),
            (&own, &some(&[2]), false),
            (&own, &own, true),
            (&some(&[1]), &own, false),
            (&some(&[]), &own, false),
        ] {
            assert_eq!(is_within(inner, outer), expected, "{inner:?} in {outer:?}");
        }
    }
}
