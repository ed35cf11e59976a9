//! Folders of files (T/TSAC 002-2025, 5.5): each department has a tree of its own. Every change of a tree waits for the one
//! before it, so that two moves cannot make a ring, and what was looked at is still so at the commit.

pub(crate) use baigong_model::folder_path::{self as path, FolderPath, name};

use baigong_model::{
    Error, PageOf, Permission, Result,
    ids::{DepartmentId, UserId},
};
use baigong_store::{Tx, audits, departments as department_rows, entity::folder, folders as rows};
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::{
    Caller, Platform, departments,
    lists::{ListInput, Table},
};

/// The field that names a path.
const FIELD: &str = "folderPath";

/// Makes the folder at `path` of a department, and those above it that are missing.
pub async fn create(platform: &Platform, caller: &Caller, department: DepartmentId, path: &str) -> Result<i64> {
    caller.need(Permission::FileWrite)?;
    departments::live(platform, caller, department).await?;
    let path = FolderPath::read(FIELD, path)?;
    let (now, caller) = (platform.now(), caller.clone());
    let created = platform.store.write(move |tx| {
        async move {
            rows::lock(tx, department).await?;
            if !rows::at(tx, department, &[path.text()]).await?.is_empty() || path.names().is_empty() {
                return Err(Error::already_exists("folder", path.text()));
            }
            let id = ensure(tx, department, &path, caller.id(), now).await?.id;
            let detail = json!({ "path": path.text() });
            let audit = caller.audit(now, "create", "folder", Some(id), Some(department), &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| id)
        }
        .boxed()
    });
    let id = created.await?;
    platform.counts.changed(Table::Folders);
    Ok(id)
}

/// The folder at `path`, made with all those above it that are missing. The tree must be locked.
pub(crate) async fn ensure(
    tx: &Tx,
    department: DepartmentId,
    path: &FolderPath,
    owner: UserId,
    now: i64,
) -> Result<folder::Model> {
    department_rows::hold(tx, department).await?;
    let way: Vec<String> = (0..=path.names().len()).map(|count| path.upto(count)).collect();
    let mut found = rows::at(tx, department, &way).await?;
    let mut last: Option<folder::Model> = None;
    for (depth, path_text) in way.into_iter().enumerate() {
        if let Some(place) = found.iter().position(|row| row.path == path_text) {
            last = Some(found.swap_remove(place));
            continue;
        }
        let name = depth.checked_sub(1).map(|place| path.names()[place].clone()).unwrap_or_default();
        let mut row = folder::Model {
            id: 0,
            department_id: department,
            parent_id: last.map(|parent| parent.id),
            name,
            live_path: Some(rows::live_path(department, &path_text)),
            path: path_text,
            created_by: owner,
            created_at: now,
            deleted_at: None,
        };
        row.id = rows::insert(tx, row.clone()).await?;
        last = Some(row);
    }
    last.ok_or_else(|| Error::internal("a path without a folder"))
}

/// Gives a folder another name.
pub async fn rename(platform: &Platform, caller: &Caller, id: i64, name: &str) -> Result<()> {
    let change = Change::Rename(path::name("folderName", name)?);
    apply(platform, caller, id, change).await.map(drop)
}

/// Puts a folder, with everything in it, into the folder at `into` of the same department.
pub async fn move_into(platform: &Platform, caller: &Caller, id: i64, into: &str) -> Result<()> {
    let change = Change::Move(FolderPath::read(FIELD, into)?.text());
    apply(platform, caller, id, change).await.map(drop)
}

/// Deletes a folder: an empty one, or with `recursive` everything in it too. Answers how many files were deleted.
pub async fn delete(platform: &Platform, caller: &Caller, id: i64, recursive: bool) -> Result<u64> {
    apply(platform, caller, id, Change::Delete { recursive }).await
}

/// A change of a tree around one of its folders.
enum Change {
    Rename(String),
    Move(String),
    Delete { recursive: bool },
}

/// Makes the change of the live folder `id`, with its audit row. Answers how many files it deleted.
async fn apply(platform: &Platform, caller: &Caller, id: i64, change: Change) -> Result<u64> {
    caller.need(Permission::FileWrite)?;
    let action = match change {
        Change::Rename(_) => "rename",
        Change::Move(_) => "move",
        Change::Delete { .. } => "delete",
    };
    let (now, caller) = (platform.now(), caller.clone());
    let applied = platform.store.write(move |tx| {
        async move {
            let find = async || {
                let folder = rows::find_live(tx, caller.scope(), id).await?;
                folder.ok_or_else(|| Error::not_found("folder", id))
            };
            let department = find().await?.department_id;
            rows::lock(tx, department).await?;
            // Again: whoever had the lock before may have moved or deleted it.
            let folder = find().await?;
            let (detail, files) = match change {
                Change::Rename(name) => (rename_in(tx, &folder, &name).await?, 0),
                Change::Move(into) => (move_in(tx, &folder, &into).await?, 0),
                Change::Delete { recursive } => {
                    let files = delete_in(tx, &caller, &folder, recursive, now).await?;
                    (json!({ "path": folder.path, "files": files }), files)
                }
            };
            let audit = caller.audit(now, action, "folder", Some(id), Some(department), &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| files)
        }
        .boxed()
    });
    let files = applied.await?;
    platform.counts.changed(Table::Folders);
    platform.counts.changed(Table::Files);
    Ok(files)
}

async fn rename_in(tx: &Tx, folder: &folder::Model, name: &str) -> Result<Value> {
    let parent = folder.parent_id.ok_or_else(root_stays)?;
    let above = folder.path.rsplit_once('/').map_or("", |(above, _)| above);
    let path = path::below(if above.is_empty() { path::ROOT } else { above }, name);
    relocate(tx, folder, parent, name, &path).await
}

async fn move_in(tx: &Tx, folder: &folder::Model, into: &str) -> Result<Value> {
    folder.parent_id.ok_or_else(root_stays)?;
    if into == folder.path || into.starts_with(&format!("{}/", folder.path)) {
        return Err(Error::conflict("a folder cannot be put into itself"));
    }
    let target = rows::at(tx, folder.department_id, &[into.to_owned()]).await?.into_iter().next();
    let target = target.ok_or_else(|| Error::not_found("folder", into))?;
    relocate(tx, folder, target.id, &folder.name, &path::below(&target.path, &folder.name)).await
}

async fn delete_in(tx: &Tx, caller: &Caller, folder: &folder::Model, recursive: bool, now: i64) -> Result<u64> {
    folder.parent_id.ok_or_else(root_stays)?;
    let (department, path) = (folder.department_id, folder.path.as_str());
    if !recursive && !rows::is_empty(tx, folder.id).await? {
        return Err(Error::conflict("the folder is not empty: empty it, or delete it with all that is in it"));
    }
    for (department, owner) in rows::owners(tx, department, path).await? {
        if !caller.scope().sees(department, owner) {
            return Err(Error::conflict("the folder holds what others have made"));
        }
    }
    rows::delete_subtree(tx, department, path, now).await
}

async fn relocate(tx: &Tx, folder: &folder::Model, parent: i64, name: &str, path: &str) -> Result<Value> {
    let detail = json!({ "from": folder.path, "to": path });
    if path == folder.path {
        return Ok(detail);
    }
    let reach = rows::extent(tx, folder.department_id, &folder.path).await?;
    let count = |text: &str| text.chars().count();
    let slashes = |text: &str| text.matches('/').count();
    let longest = usize::try_from(reach.longest).unwrap_or(usize::MAX) - count(&folder.path) + count(path);
    let deepest = usize::try_from(reach.deepest).unwrap_or(usize::MAX) - slashes(&folder.path) + slashes(path);
    path::bounded(FIELD, deepest, longest)?;
    if !rows::at(tx, folder.department_id, &[path.to_owned()]).await?.is_empty() {
        return Err(Error::already_exists("folder", path));
    }
    rows::move_subtree(tx, folder, parent, name, path).await.map(|()| detail)
}

fn root_stays() -> Error {
    Error::conflict("the root folder of a department stays where it is")
}

/// A page of folders, oldest first; with `parent`, of those in it alone.
pub async fn list(
    platform: &Platform,
    caller: &Caller,
    input: &ListInput,
    parent: Option<i64>,
) -> Result<PageOf<folder::Model>> {
    caller.need(Permission::FileRead)?;
    let (filter, now) = (input.filter(platform, caller).await?, platform.now());
    let store = &platform.store;
    if let Some(parent) = parent {
        let found = rows::find(store, caller.scope(), parent).await?;
        found.ok_or_else(|| Error::not_found("folder", parent))?;
    }
    let key = (Table::Folders, filter.clone(), parent);
    let total = platform.counts.total(now, key, || rows::count(store, &filter, parent)).await?;
    Ok(PageOf { rows: rows::list(store, &filter, parent, input.page).await?, total })
}

#[cfg(test)]
mod tests;
