//! The file center: files that applications hand in, each into a folder of its own so that every name is free. It shows all
//! files that the caller sees, whoever made them.

use std::path::PathBuf;

use baigong_model::{Error, PageOf, Permission, Result, ids::UserId};
use baigong_store::{entity::file, files as rows, users};

use super::{NewFile, create, list, open_version, query};
use crate::{
    Caller, ListInput, Platform, applications,
    downloads::{Download, DownloadKind},
};

/// Where the folders of the applications lie.
const ROOT: &str = "/applications";

/// A file, who made it, and what an address has to lead to.
#[derive(Debug, Clone)]
pub struct CenterFile {
    /// The file.
    pub file: file::Model,
    /// What the user signs in with whose it is.
    pub owner: String,
    /// What an address leads to, and its id.
    pub download: (DownloadKind, i64),
}

/// Stores an upload in the department of the application that the caller comes through, as a file of `owner`'s, or of the
/// caller's.
pub async fn hand_in(
    platform: &Platform,
    caller: &Caller,
    name: String,
    (owner_id, upload): (Option<UserId>, PathBuf),
) -> Result<CenterFile> {
    let department_id = applications::home(platform, caller).await?;
    let mut place = [0; 8];
    platform.random.fill(&mut place);
    let folder_path = format!("{ROOT}/{}/{}", caller.need_application()?, hex::encode(place));
    let new = NewFile { department_id, folder_path, name, password: None, upload, tag: None, owner_id };
    let id = create(platform, caller, new).await?;
    let file = rows::find(&platform.store, &baigong_store::Scope::All, id).await?;
    let file = file.ok_or_else(|| Error::not_found("file", id))?;
    shown(platform, vec![file]).await?.pop().ok_or_else(|| Error::not_found("file", id))
}

/// A page of the files that the caller sees.
pub async fn in_center(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<CenterFile>> {
    let found = list(platform, caller, input, None).await?;
    let files = found.rows.into_iter().map(|(file, _)| file).collect();
    Ok(PageOf { rows: shown(platform, files).await?, total: found.total })
}

async fn shown(platform: &Platform, files: Vec<file::Model>) -> Result<Vec<CenterFile>> {
    let ids: Vec<i64> = files.iter().map(|file| file.id).collect();
    let versions = rows::versions_in_force(&platform.store, &ids).await?;
    let owners: Vec<i64> = files.iter().map(|file| file.created_by).collect();
    let owners = users::usernames(&platform.store, &owners).await?;
    let shown = files.into_iter().map(|file| CenterFile {
        owner: owners.get(&file.created_by).cloned().unwrap_or_default(),
        download: (
            if file.password_hash.is_some() { DownloadKind::LockedFile } else { DownloadKind::File },
            versions.get(&file.id).copied().unwrap_or_default(),
        ),
        file,
    });
    Ok(shown.collect())
}

/// Whether the caller may have the bytes of the file `id`: they see it, and it wants no password.
pub async fn may_see(platform: &Platform, caller: &Caller, id: i64) -> Result<bool> {
    match query(platform, caller, id, None).await {
        Ok(details) => Ok(matches!(details.download, Some((DownloadKind::File, _)))),
        Err(Error::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The bytes of the file `id`. One that wants a password is not given without.
pub async fn open(platform: &Platform, caller: &Caller, id: i64) -> Result<Download> {
    caller.need(Permission::FileRead)?;
    match query(platform, caller, id, None).await?.download {
        Some((DownloadKind::File, version)) => open_version(platform, version, platform.now(), false, None).await,
        Some(_) => Err(Error::conflict("the file wants a password")),
        None => Err(Error::not_found("file", id)),
    }
}
