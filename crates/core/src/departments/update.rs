//! Renaming and moving departments (T/TSAC 002-2025, 6.2.2.3).

use baigong_model::{Error, Permission, Result, ids::DepartmentId};
use baigong_store::{
    audits,
    departments::{self as rows, For},
};
use futures_util::FutureExt;
use serde_json::json;

use super::Tree;
use crate::{Caller, Platform, names};

/// What is to be changed of a department; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its name, unique among its siblings.
    pub name: Option<String>,
    /// The department above.
    pub parent_id: Option<DepartmentId>,
}

/// Renames a department, moves it with everything below it, or both. It never ends up below itself, however many are
/// moved at once.
pub async fn update(platform: &Platform, caller: &Caller, id: DepartmentId, change: Change) -> Result<()> {
    caller.need(Permission::DepartmentWrite)?;
    let name = change.name.map(|name| names::name("depName", &name)).transpose()?;
    let (now, caller) = (platform.now(), caller.clone());
    let updated = platform.store.write(move |tx| {
        async move {
            rows::lock_all(tx, For::Moving).await?;
            let tree = Tree::of(rows::all_in(tx).await?, 0);
            let before = tree.get(id).filter(|row| row.deleted_at.is_none() && caller.scope().covers(id));
            let before = before.ok_or_else(|| Error::not_found("department", id))?;
            let parent_id = change.parent_id.unwrap_or(before.parent_id);
            if parent_id != before.parent_id {
                check_move(&tree, &caller, id, parent_id)?;
            }
            let name = name.unwrap_or_else(|| before.name.clone());
            rows::update(tx, id, &name, parent_id).await?;
            let detail = json!({
                "name": name, "parentId": parent_id, "before": { "name": before.name, "parentId": before.parent_id },
            });
            let audit = caller.audit(now, "update", "department", Some(id), Some(id), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    updated.await?;
    platform.departments.changed();
    Ok(())
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
