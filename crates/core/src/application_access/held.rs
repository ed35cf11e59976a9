//! What a user has in an application: their roles, where, for which departments, and what these allow.

use std::collections::{BTreeSet, HashMap};

use baigong_model::{DataScope, Permission, Result, ids::DepartmentId};
use baigong_store::{
    application_access::{menus, roles as rows, users},
    entity::{application_menu, application_role},
};

use super::{
    reader,
    roles::{once, unknown},
};
use crate::{
    Caller, Platform, departments,
    departments::Tree,
    employees::{self, Employee},
    policy,
};

/// A role that a user has in a department.
#[derive(Debug, Clone)]
pub struct Held {
    /// The role.
    pub role: application_role::Model,
    /// Where they have it.
    pub department_id: DepartmentId,
    /// The departments that it is for there: all of them where the role's data scope is "all", and none where it is "self".
    pub departments: Vec<DepartmentId>,
    /// The words of the permissions that its menus ask for, each once.
    pub permissions: Vec<String>,
}

/// A user and what they have in the application.
pub async fn held(platform: &Platform, caller: &Caller, username: &str) -> Result<(Employee, Vec<Held>)> {
    let application = reader(caller)?;
    let user = employees::by_username(platform, caller, username).await?;
    let given = users::of_user(&platform.store, application, user.id).await?;
    let ids: Vec<i64> = given.iter().map(|it| it.role_id).collect::<BTreeSet<_>>().into_iter().collect();
    let roles = rows::by_ids(&platform.store, application, &ids).await?;
    let roles: HashMap<i64, _> = roles.into_iter().map(|role| (role.id, role)).collect();
    let links: BTreeSet<(i64, i64)> = rows::menus(&platform.store, &ids).await?.into_iter().collect();
    let menus = menus::all(&platform.store, application).await?;
    let tree = departments::tree(platform).await?;
    let held = given.into_iter().filter_map(|it| {
        let role = roles.get(&it.role_id)?.clone();
        let words = menus.iter().filter(|menu| links.contains(&(role.id, menu.id))).map(|menu| menu.permission.clone());
        let (departments, permissions) = (reach(&role, it.department_id, &tree), once(words));
        Some(Held { role, department_id: it.department_id, departments, permissions })
    });
    Ok((user, held.collect()))
}

/// The departments that a role is for where somebody has it in `department`.
fn reach(role: &application_role::Model, department: DepartmentId, tree: &Tree) -> Vec<DepartmentId> {
    let ids: Vec<DepartmentId> = match role.data_scope.parse() {
        Ok(DataScope::Custom) => policy::listed(&role.departments).collect(),
        Ok(DataScope::Department) => vec![department],
        Ok(DataScope::DepartmentAndBelow) => tree.subtree(department).into_iter().collect(),
        Ok(DataScope::All | DataScope::Own) | Err(()) => Vec::new(),
    };
    ids.into_iter().filter(|id| tree.is_live(*id)).collect()
}

/// The menus that a user's roles open, each once, in the order they are shown in.
pub async fn open_menus(platform: &Platform, caller: &Caller, username: &str) -> Result<Vec<application_menu::Model>> {
    let application = reader(caller)?;
    let user = employees::by_username(platform, caller, username).await?;
    let given = users::of_user(&platform.store, application, user.id).await?;
    let ids: Vec<i64> = given.iter().map(|it| it.role_id).collect::<BTreeSet<_>>().into_iter().collect();
    let open: BTreeSet<i64> = rows::menus(&platform.store, &ids).await?.into_iter().map(|(_, menu)| menu).collect();
    let menus = menus::all(&platform.store, application).await?;
    Ok(menus.into_iter().filter(|menu| open.contains(&menu.id)).collect())
}

/// Whether a user has the role that programs know by `key`, in any department.
pub async fn has_role(platform: &Platform, caller: &Caller, username: &str, key: &str) -> Result<bool> {
    let application = reader(caller)?;
    caller.need(Permission::EmployeeRead)?;
    let role = rows::by_key(&platform.store, application, key).await?.ok_or_else(|| unknown(key))?;
    let user = employees::by_username(platform, caller, username).await?;
    let given = users::of_user(&platform.store, application, user.id).await?;
    Ok(given.iter().any(|it| it.role_id == role.id))
}
