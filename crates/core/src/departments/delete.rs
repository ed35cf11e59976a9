//! Deleting departments (T/TSAC 002-2025, 6.2.2.2).

use std::collections::BTreeSet;

use baigong_model::{Error, Permission, Result, ids::DepartmentId};
use baigong_store::{
    Scope, audits,
    departments::{self as rows, For},
};
use futures_util::FutureExt;
use serde_json::json;

use super::Tree;
use crate::{Caller, Platform};

/// Deletes a department with all below it. Refused while anything live belongs to any of them: nothing is ever left in
/// a department that is gone.
pub async fn delete(platform: &Platform, caller: &Caller, id: DepartmentId) -> Result<()> {
    caller.need(Permission::DepartmentWrite)?;
    let (now, caller) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            rows::lock_all(tx, For::Deleting).await?;
            let tree = Tree::of(rows::all_in(tx).await?, 0);
            if !tree.is_live(id) || !caller.scope().covers(id) {
                return Err(Error::not_found("department", id));
            }
            if tree.is_root(id) {
                return Err(Error::conflict("the root department cannot be deleted"));
            }
            let with_all_below: BTreeSet<DepartmentId> =
                tree.subtree(id).into_iter().filter(|id| tree.is_live(*id)).collect();
            super::need_all(&caller, &with_all_below)?;
            let ids: Vec<DepartmentId> = with_all_below.into_iter().collect();
            if let Some(held) = rows::what_is_in(tx, &ids).await? {
                return Err(Error::Conflict(match caller.scope() {
                    // It may be somebody else's: its name is nothing to them.
                    Scope::Own(_) => "the department is not empty".to_owned(),
                    _ => format!("the department still has the {} \"{}\"", held.kind, held.name),
                }));
            }
            rows::delete(tx, &ids, now).await?;
            let detail = json!({ "departmentIds": ids });
            let audit = caller.audit(now, "delete", "department", Some(id), Some(id), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    deleted.await?;
    platform.departments.changed();
    Ok(())
}
