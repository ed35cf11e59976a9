//! Deleting departments (T/TSAC 002-2025, 6.2.2.2).

use std::collections::BTreeSet;

use baigong_model::{Error, Result, ids::DepartmentId};
use baigong_store::{Scope, Tx, application_access, audits, departments as rows};
use serde_json::json;

use super::Tree;
use crate::{Caller, Platform};

/// Deletes a department with all below it. Refused while anything live belongs to any of them: nothing is ever left in
/// a department that is gone.
pub async fn delete(platform: &Platform, caller: &Caller, id: DepartmentId) -> Result<()> {
    super::delete_many(platform, caller, vec![id]).await
}

/// The same for a live department that the caller sees, in a write for which all departments are locked.
pub(super) async fn delete_one(tx: &Tx, caller: &Caller, tree: &Tree, id: DepartmentId, now: i64) -> Result<()> {
    if tree.is_root(id) {
        return Err(Error::conflict("the root department cannot be deleted"));
    }
    let with_all_below: BTreeSet<DepartmentId> = tree.subtree(id).into_iter().filter(|id| tree.is_live(*id)).collect();
    super::need_all(caller, &with_all_below)?;
    let ids: Vec<DepartmentId> = with_all_below.into_iter().collect();
    if let Some(held) = rows::what_is_in(tx, &ids).await? {
        return Err(Error::Conflict(match caller.scope() {
            // It may be somebody else's: its name is nothing to them.
            Scope::Own(_) => "the department is not empty".to_owned(),
            _ => format!("the department still has the {} \"{}\"", held.kind, held.name),
        }));
    }
    application_access::users::leave_departments(tx, &ids).await?;
    rows::delete(tx, &ids, now).await?;
    let audit = caller.audit(now, "delete", "department", Some(id), Some(id), &json!({ "departmentIds": ids }));
    audits::insert_many(tx, &[audit]).await
}
