//! Where a caller belongs, for what they make without naming a department, and for names that several departments have.

use baigong_model::{Error, Result, ids::DepartmentId};
use baigong_store::{Scope, users};

use crate::{Caller, Platform};

/// The caller's own department; the root for the platform itself.
pub async fn home(platform: &Platform, caller: &Caller) -> Result<DepartmentId> {
    let user = match caller.user_id {
        Some(id) => users::find(&platform.store, &Scope::All, id).await?,
        None => None,
    };
    match user {
        Some(user) => Ok(user.department_id),
        None => {
            let tree = super::tree(platform).await?;
            let root = tree.parents_first().next().map(|row| row.id);
            root.ok_or_else(|| Error::internal("there is no department"))
        }
    }
}

/// The topmost department that the caller sees.
pub async fn top(platform: &Platform, caller: &Caller) -> Result<DepartmentId> {
    let tree = super::tree(platform).await?;
    let top = tree.parents_first().find(|row| row.deleted_at.is_none() && caller.scope().covers(row.id));
    top.map(|row| row.id).ok_or_else(|| Error::not_found("department", 0))
}

/// Of things of one name, those that the caller sees: the only one, or that of their own department.
pub async fn nearest(
    platform: &Platform,
    caller: &Caller,
    (kind, name): (&'static str, &str),
    found: impl Iterator<Item = (i64, DepartmentId)>,
) -> Result<i64> {
    let found: Vec<(i64, DepartmentId)> = found.collect();
    match found.as_slice() {
        [] => Err(Error::not_found(kind, name)),
        [(id, _)] => Ok(*id),
        several => {
            let home = home(platform, caller).await?;
            let own = several.iter().find(|(_, department)| *department == home).map(|(id, _)| *id);
            own.ok_or_else(|| {
                Error::conflict(format!("several departments have a {kind} \"{name}\": name it by its id"))
            })
        }
    }
}
