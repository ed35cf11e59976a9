//! Files (T/TSAC 002-2025, 6.2.14): kept in folders, in versions, some under a password that a download needs.

mod center;
mod change;
mod content;
mod lock;
mod retention;
mod shared;

pub use center::{CenterFile, hand_in, in_center, may_see, open};
pub use change::{FileChange, NewFile, create, delete, update};
pub use content::open_version;
pub(crate) use lock::Guesses;
pub use retention::{remove_deleted, sweep};
pub use shared::{Shared, SharedFile, open_shared, share, shared};

use baigong_model::{Error, PageOf, Permission, Result, Secret};
use baigong_store::{
    entity::{file, file_version},
    files as rows, folders as folder_rows,
};

use crate::{
    Caller, Platform,
    downloads::DownloadKind,
    lists::{ListInput, Table},
};

/// A file and where it lies.
#[derive(Debug, Clone)]
pub struct FileDetails {
    /// The file.
    pub file: file::Model,
    /// The folder's path.
    pub folder_path: String,
    /// What an address has to lead to, and its id; none for a file that is deleted.
    pub download: Option<(DownloadKind, i64)>,
}

/// The file `id`, deleted or not. With the right `password`, as it came over the wire, a protected file's address needs none
/// any more; a wrong one is answered as if there were no such file.
pub async fn query(
    platform: &Platform,
    caller: &Caller,
    id: i64,
    password: Option<&Secret<String>>,
) -> Result<FileDetails> {
    let (file, kind) = accessed(platform, caller, id, password).await?;
    let version = rows::version(&platform.store, id, file.version).await?;
    let download = version.filter(|_| file.deleted_at.is_none()).map(|version| (kind, version.id));
    let mut paths = folder_rows::paths(&platform.store, vec![file.folder_id]).await?;
    Ok(FileDetails { folder_path: paths.remove(&file.folder_id).unwrap_or_default(), file, download })
}

/// The versions of a file, newest first, and what their addresses lead to.
pub async fn versions(
    platform: &Platform,
    caller: &Caller,
    id: i64,
    password: Option<&Secret<String>>,
) -> Result<(file::Model, DownloadKind, Vec<file_version::Model>)> {
    let (file, kind) = accessed(platform, caller, id, password).await?;
    Ok((file, kind, rows::versions(&platform.store, id).await?))
}

async fn accessed(
    platform: &Platform,
    caller: &Caller,
    id: i64,
    password: Option<&Secret<String>>,
) -> Result<(file::Model, DownloadKind)> {
    caller.need(Permission::FileRead)?;
    let file = rows::find(&platform.store, caller.scope(), id).await?;
    let file = file.ok_or_else(|| Error::not_found("file", id))?;
    let kind = match (&file.password_hash, password) {
        (None, _) => DownloadKind::File,
        (Some(_), None) => DownloadKind::LockedFile,
        (Some(_), Some(password)) => {
            lock::need(platform, &file, Some(password)).await?;
            DownloadKind::File
        }
    };
    Ok((file, kind))
}

/// A page of files with the paths of their folders, oldest first; with `folder`, of those in it alone.
pub async fn list(
    platform: &Platform,
    caller: &Caller,
    input: &ListInput,
    folder: Option<i64>,
) -> Result<PageOf<(file::Model, String)>> {
    caller.need(Permission::FileRead)?;
    let (filter, now) = (input.filter(platform, caller).await?, platform.now());
    let store = &platform.store;
    if let Some(folder) = folder {
        let found = folder_rows::find(store, caller.scope(), folder).await?;
        found.ok_or_else(|| Error::not_found("folder", folder))?;
    }
    let key = (Table::Files, filter.clone(), folder);
    let total = platform.counts.total(now, key, || rows::count(store, &filter, folder)).await?;
    let files = rows::list(store, &filter, folder, input.page).await?;
    let mut ids: Vec<i64> = files.iter().map(|file| file.folder_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let paths = folder_rows::paths(store, ids).await?;
    let placed = files.into_iter().map(|file| {
        let path = paths.get(&file.folder_id).cloned().unwrap_or_default();
        (file, path)
    });
    Ok(PageOf { rows: placed.collect(), total })
}

#[cfg(test)]
mod tests;
