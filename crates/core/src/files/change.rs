//! Making, changing and deleting files. What an upload brings lies among the blobs before the row is written; where the
//! row then certainly is not there, the blob goes again.

use std::path::PathBuf;

use baigong_model::{
    Error, Permission, Result, Secret,
    ids::{DepartmentId, UserId},
};
use baigong_store::{Tx, audits, entity::file, files as rows, folders as folder_rows};
use futures_util::FutureExt;
use serde_json::{Value, json};

use super::{
    content::{self, Stored},
    lock,
};
use crate::{
    Caller, Platform, departments,
    folders::{self, FolderPath},
    lists::Table,
    names, packages,
};

/// So many versions of a file are kept; of more, the oldest go.
pub(super) const MOST_VERSIONS: i64 = 100;

/// The longest tag, in letters.
const MAX_TAG: usize = 256;

/// A file to be made.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// Its department.
    pub department_id: DepartmentId,
    /// The folder, made where it is missing.
    pub folder_path: String,
    /// Its name, unique in the folder.
    pub name: String,
    /// The password that a download shall need, as it came over the wire.
    pub password: Option<Secret<String>>,
    /// The upload, in a temporary file, which stays the caller's.
    pub upload: PathBuf,
    /// Words to find it by.
    pub tag: Option<String>,
    /// The user whose it counts as; the caller's own when absent.
    pub owner_id: Option<UserId>,
}

/// What an update changes; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct FileChange {
    /// The folder, made where it is missing.
    pub folder_path: Option<String>,
    /// The name, unique in the folder.
    pub name: Option<String>,
    /// The file's password: needed where it has one, set where it has none.
    pub password: Option<Secret<String>>,
    /// Another password in place of the one it has; an empty one takes it off.
    pub new_password: Option<Secret<String>>,
    /// The bytes of a new version, in a temporary file, which stays the caller's.
    pub upload: Option<PathBuf>,
    /// Words to find it by.
    pub tag: Option<String>,
}

/// Stores a file.
pub async fn create(platform: &Platform, caller: &Caller, input: NewFile) -> Result<i64> {
    caller.need(Permission::FileWrite)?;
    departments::live(platform, caller, input.department_id).await?;
    let path = FolderPath::read("folderPath", &input.folder_path)?;
    let name = folders::name("fileName", &input.name)?;
    let password_hash = match &input.password {
        Some(password) => lock::hash(platform, password).await?,
        None => None,
    };
    let stored = content::store(platform, &input.upload).await?;
    let (now, key) = (platform.now(), stored.blob_key.clone());
    let row = file::Model {
        id: 0,
        department_id: input.department_id,
        folder_id: 0,
        name,
        live_name: None,
        version: 1,
        password_at: password_hash.as_ref().map(|_| now),
        password_hash,
        tag: names::limited("fileTag", input.tag, MAX_TAG)?,
        created_by: input.owner_id.unwrap_or(caller.id()),
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    let caller = caller.clone();
    let created =
        platform.store.write(move |tx| async move { insert(tx, &caller, row, &path, stored, now).await }.boxed());
    let created = kept(platform, created.await, &key).await?;
    changed(platform);
    Ok(created)
}

async fn insert(
    tx: &Tx,
    caller: &Caller,
    mut row: file::Model,
    path: &FolderPath,
    stored: Stored,
    now: i64,
) -> Result<i64> {
    let department = row.department_id;
    folder_rows::lock(tx, department).await?;
    row.folder_id = folders::ensure(tx, department, path, caller.id(), now).await?.id;
    row.live_name = Some(rows::live_name(row.folder_id, &row.name));
    let detail = json!({
        "folderPath": path.text(), "name": row.name, "size": stored.size, "sha256": stored.sha256,
        "isProtected": row.password_hash.is_some(),
    });
    let id = rows::insert(tx, row).await?;
    rows::insert_version(tx, stored.version(id, 1, caller.id(), now)).await?;
    let audit = caller.audit(now, "create", "file", Some(id), Some(department), &detail);
    audits::insert_many(tx, &[audit]).await.map(|()| id)
}

/// Changes a file. One with a password wants it; a wrong one is answered as if there were no such file.
pub async fn update(platform: &Platform, caller: &Caller, id: i64, input: FileChange) -> Result<()> {
    caller.need(Permission::FileWrite)?;
    let path = input.folder_path.map(|path| FolderPath::read("folderPath", &path)).transpose()?;
    let name = input.name.map(|name| folders::name("fileName", &name)).transpose()?;
    let file = rows::find(&platform.store, caller.scope(), id).await?;
    let file = file.filter(|file| file.deleted_at.is_none()).ok_or_else(|| Error::not_found("file", id))?;
    lock::need(platform, &file, input.password.as_ref()).await?;
    let given = input.new_password.or(input.password.filter(|_| file.password_hash.is_none()));
    let password_hash = match &given {
        Some(password) => Some(lock::hash(platform, password).await?),
        None => None,
    };
    let stored = match &input.upload {
        Some(upload) => Some(content::store(platform, upload).await?),
        None => None,
    };
    let key = stored.as_ref().map(|stored| stored.blob_key.clone());
    let tag = names::limited("fileTag", input.tag, MAX_TAG)?;
    let change = Change { seen: file, path, name, password_hash, stored, tag };
    let (now, caller) = (platform.now(), caller.clone());
    let updated = platform.store.write(move |tx| async move { apply(tx, &caller, change, now).await }.boxed()).await;
    match key {
        Some(key) => kept(platform, updated, &key).await?,
        None => updated?,
    }
    changed(platform);
    Ok(())
}

/// An update after its checks.
struct Change {
    /// The file as it was when its password was asked for.
    seen: file::Model,
    path: Option<FolderPath>,
    name: Option<String>,
    password_hash: Option<Option<String>>,
    stored: Option<Stored>,
    tag: Option<String>,
}

async fn apply(tx: &Tx, caller: &Caller, change: Change, now: i64) -> Result<()> {
    let (id, department) = (change.seen.id, change.seen.department_id);
    folder_rows::lock(tx, department).await?;
    let file = rows::find_live(tx, caller.scope(), id).await?.ok_or_else(|| Error::not_found("file", id))?;
    if file.password_hash != change.seen.password_hash {
        return Err(Error::conflict("the file's password was changed meanwhile"));
    }
    let folder = match &change.path {
        Some(path) => folders::ensure(tx, department, path, caller.id(), now).await?.id,
        None => file.folder_id,
    };
    let is_moved = change.path.is_some() || change.name.is_some();
    let detail = described(&change);
    let name = change.name.unwrap_or(file.name);
    let number = file.version + 1;
    let changes = rows::Changes {
        place: is_moved.then_some((folder, name)),
        version: change.stored.as_ref().map(|_| number),
        password_hash: change.password_hash,
        tag: change.tag,
    };
    rows::update(tx, id, changes, now).await?;
    if let Some(stored) = change.stored {
        rows::insert_version(tx, stored.version(id, number, caller.id(), now)).await?;
        rows::drop_beyond(tx, id, number - MOST_VERSIONS).await?;
    }
    let audit = caller.audit(now, "update", "file", Some(id), Some(department), &detail);
    audits::insert_many(tx, &[audit]).await
}

fn described(change: &Change) -> Value {
    json!({
        "folderPath": change.path.as_ref().map(FolderPath::text), "name": change.name,
        "sha256": change.stored.as_ref().map(|stored| &stored.sha256), "isPasswordChanged": change.password_hash.is_some(),
    })
}

/// Deletes a file. Its bytes stay for a while; nobody can fetch them.
pub async fn delete(platform: &Platform, caller: &Caller, id: i64) -> Result<()> {
    caller.need(Permission::FileWrite)?;
    let (now, caller) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            let file = rows::find_live(tx, caller.scope(), id).await?.ok_or_else(|| Error::not_found("file", id))?;
            rows::delete(tx, id, now).await?;
            let detail = json!({ "name": file.name });
            let audit = caller.audit(now, "delete", "file", Some(id), Some(file.department_id), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    deleted.await?;
    changed(platform);
    Ok(())
}

/// What came of a write whose bytes lie under `key`: they go where its row certainly is not there.
async fn kept<T>(platform: &Platform, outcome: Result<T>, key: &str) -> Result<T> {
    if outcome.as_ref().is_err_and(packages::is_definite) {
        platform.blobs.delete(key).await?;
    }
    outcome
}

fn changed(platform: &Platform) {
    platform.counts.changed(Table::Files);
    platform.counts.changed(Table::Folders);
}
