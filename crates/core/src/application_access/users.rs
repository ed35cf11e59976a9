//! Giving the platform's users roles of an application, and taking them away.

use std::collections::{BTreeMap, BTreeSet};

use baigong_model::{
    Error, Result,
    ids::{DepartmentId, UserId},
};
use baigong_store::{
    application_access::users as rows, departments as department_rows, entity::application_user, users,
};
use futures_util::FutureExt;
use serde_json::json;

use super::{Writing, roles::need_roles, write};
use crate::{Caller, Platform};

/// That a user has a role in a department.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Authorization {
    /// The role, of the application.
    pub role_id: i64,
    /// Who has it.
    pub user_id: UserId,
    /// Where they have it.
    pub department_id: DepartmentId,
}

/// Gives users roles in departments, all of which the caller must see. What they have already stays.
pub async fn authorize(platform: &Platform, caller: &Caller, wanted: Vec<Authorization>) -> Result<()> {
    write(platform, caller, wanted.len(), |writing| {
        async move {
            need_all(&writing, &wanted).await?;
            let mut given = Vec::new();
            for it in wanted {
                let row = application_user::Model {
                    role_id: it.role_id,
                    user_id: it.user_id,
                    department_id: it.department_id,
                    application_id: writing.id(),
                    created_at: writing.now,
                };
                if rows::add(writing.tx, &row).await? {
                    given.push(it);
                }
            }
            note(&writing, "authorize", given).await
        }
        .boxed()
    })
    .await
}

/// Takes roles in departments from users, all of whom the caller must see; fails when somebody has not what is to be taken.
pub async fn withdraw(platform: &Platform, caller: &Caller, unwanted: Vec<Authorization>) -> Result<()> {
    write(platform, caller, unwanted.len(), |writing| {
        async move {
            let unwanted: BTreeSet<Authorization> = unwanted.into_iter().collect();
            let unwanted: Vec<Authorization> = unwanted.into_iter().collect();
            need_all(&writing, &unwanted).await?;
            for it in &unwanted {
                let id = writing.id();
                if !rows::remove(writing.tx, id, it.role_id, it.user_id, it.department_id).await? {
                    let place = format!("{}/{}/{}", it.user_id, it.department_id, it.role_id);
                    return Err(Error::not_found("authorization", place));
                }
            }
            note(&writing, "withdraw", unwanted).await
        }
        .boxed()
    })
    .await
}

/// Fails unless everything that is named is there and visible; it stays so until the end of the write.
async fn need_all(writing: &Writing<'_>, named: &[Authorization]) -> Result<()> {
    let ids = |of: fn(&Authorization) -> i64| named.iter().map(of).collect::<BTreeSet<i64>>();
    need_roles(writing, ids(|it| it.role_id).into_iter().collect()).await?;
    for department in ids(|it| it.department_id) {
        writing.caller.need_department(department)?;
        department_rows::hold(writing.tx, department).await?;
    }
    for user in ids(|it| it.user_id) {
        let found = users::find_live(writing.tx, writing.caller.scope(), user).await?;
        found.ok_or_else(|| Error::not_found("employee", user))?;
    }
    Ok(())
}

/// Writes one row down for each role.
async fn note(writing: &Writing<'_>, action: &'static str, changed: Vec<Authorization>) -> Result<()> {
    let mut by_role: BTreeMap<i64, Vec<Authorization>> = BTreeMap::new();
    for it in changed {
        by_role.entry(it.role_id).or_default().push(it);
    }
    for (role, changed) in by_role {
        let users: Vec<_> =
            changed.iter().map(|it| json!({ "userId": it.user_id, "departmentId": it.department_id })).collect();
        writing.note(action, "application role", role, &json!({ "users": users })).await?;
    }
    Ok(())
}
