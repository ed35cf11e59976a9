//! Renaming and moving departments (T/TSAC 002-2025, 6.2.2.3).

use baigong_model::{Error, Result, ids::DepartmentId};
use baigong_store::{Tx, audits, departments as rows};
use serde_json::json;

use super::{Details, Tree, codes};
use crate::{Caller, Platform, names};

/// What is to be changed of a department; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its name, unique among its siblings.
    pub name: Option<String>,
    /// The department above.
    pub parent_id: Option<DepartmentId>,
    /// Its code, its place among its siblings, its remark.
    pub details: Details,
}

/// Renames a department, moves it with everything below it, or both. It never ends up below itself, however many are
/// moved at once.
pub async fn update(platform: &Platform, caller: &Caller, id: DepartmentId, change: Change) -> Result<()> {
    super::update_many(platform, caller, vec![(id, change)]).await
}

/// The change, as far as it can be checked without looking at the department.
pub(super) fn checked(change: Change) -> Result<Change> {
    let name = change.name.map(|name| names::name("depName", &name)).transpose()?;
    Ok(Change { name, details: codes::checked(change.details)?, ..change })
}

/// A checked change, made in a write for which all departments are locked.
pub(super) async fn update_one(tx: &Tx, caller: &Caller, id: DepartmentId, change: Change, now: i64) -> Result<()> {
    let tree = Tree::of(rows::all_in(tx).await?, 0);
    let before = tree.get(id).filter(|row| row.deleted_at.is_none() && caller.scope().covers(id));
    let before = before.ok_or_else(|| Error::not_found("department", id))?;
    let parent_id = change.parent_id.unwrap_or(before.parent_id);
    if parent_id != before.parent_id {
        check_move(&tree, caller, id, parent_id)?;
    }
    let name = change.name.unwrap_or_else(|| before.name.clone());
    codes::need_free(tx, parent_id, change.details.code.as_deref(), id).await?;
    rows::update(tx, id, &name, parent_id).await?;
    rows::describe(tx, id, &change.details).await?;
    let detail = json!({
        "name": name, "parentId": parent_id, "before": { "name": before.name, "parentId": before.parent_id },
    });
    let audit = caller.audit(now, "update", "department", Some(id), Some(id), &detail);
    audits::insert_many(tx, &[audit]).await
}

fn check_move(tree: &Tree, caller: &Caller, id: DepartmentId, parent_id: DepartmentId) -> Result<()> {
    if tree.is_root(id) {
        return Err(Error::conflict("the root department cannot be moved"));
    }
    if !tree.is_live(parent_id) || !caller.scope().covers(parent_id) {
        return Err(Error::not_found("department", parent_id));
    }
    if tree.upwards(parent_id).contains(&id) {
        return Err(Error::conflict("a department cannot be moved below itself"));
    }
    super::need_all(caller, &tree.subtree(id))
}
