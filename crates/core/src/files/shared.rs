//! Files that users share under their own name: they lie in `/share/<user id>` of the user's department, where everybody who
//! sees files of that department finds them too.

use std::path::PathBuf;

use baigong_model::{Error, Page, PageOf, Permission, Result, ids::UserId};
use baigong_store::{entity::file, files as rows, folders as folder_rows, users};

use super::{FileChange, NewFile, create, open_version, update};
use crate::{Caller, ListInput, Platform, downloads::Download};

/// Where the folders of the users lie.
const ROOT: &str = "/share";

/// A file to be shared.
#[derive(Debug, Clone)]
pub struct Shared {
    /// Under whose name.
    pub user_id: UserId,
    /// Its name.
    pub name: String,
    /// Whether it takes the place of one of the same name, as a new version.
    pub replaces: bool,
    /// Words to find it by.
    pub tag: Option<String>,
    /// The upload, in a temporary file, which stays the caller's.
    pub upload: PathBuf,
}

/// A shared file in a list.
#[derive(Debug, Clone)]
pub struct SharedFile {
    /// The file.
    pub file: file::Model,
    /// Its size, in bytes.
    pub size: i64,
    /// Its folder's path.
    pub folder_path: String,
}

fn folder_of(user: UserId) -> String {
    format!("{ROOT}/{user}")
}

/// Shares a file; its id.
pub async fn share(platform: &Platform, caller: &Caller, input: Shared) -> Result<i64> {
    caller.need(Permission::FileWrite)?;
    let user = users::find(&platform.store, caller.scope(), input.user_id).await?;
    let user = user.filter(|user| user.deleted_at.is_none()).ok_or_else(|| Error::not_found("user", input.user_id))?;
    let there = named(platform, caller, input.user_id, &input.name).await?;
    match there {
        Some(file) if input.replaces => {
            let change = FileChange { upload: Some(input.upload), tag: input.tag, ..FileChange::default() };
            update(platform, caller, file.id, change).await.map(|()| file.id)
        }
        _ => {
            let new = NewFile {
                department_id: user.department_id,
                folder_path: folder_of(input.user_id),
                name: input.name,
                password: None,
                upload: input.upload,
                tag: input.tag,
                owner_id: None,
            };
            create(platform, caller, new).await
        }
    }
}

/// A page of what is shared, by one user or by all, oldest first.
pub async fn shared(
    platform: &Platform,
    caller: &Caller,
    user: Option<UserId>,
    page: Page,
) -> Result<PageOf<SharedFile>> {
    caller.need(Permission::FileRead)?;
    let which = placed(platform, caller, user, None).await?;
    let found = rows::placed(&platform.store, &which, page).await?;
    let sizes = rows::sizes(&platform.store, &found.rows.iter().map(|file| file.id).collect::<Vec<_>>()).await?;
    let paths = folder_rows::paths(&platform.store, found.rows.iter().map(|file| file.folder_id).collect()).await?;
    Ok(found.map(|file| SharedFile {
        size: sizes.get(&file.id).copied().unwrap_or_default(),
        folder_path: paths.get(&file.folder_id).cloned().unwrap_or_default(),
        file,
    }))
}

/// The bytes of what a user shares under a name. A file that wants a password is not given without.
pub async fn open_shared(platform: &Platform, caller: &Caller, user: UserId, name: &str) -> Result<Download> {
    caller.need(Permission::FileRead)?;
    let file = named(platform, caller, user, name).await?.filter(|file| file.password_hash.is_none());
    let file = file.ok_or_else(|| Error::not_found("file", name))?;
    let version = rows::version(&platform.store, file.id, file.version).await?;
    let version = version.ok_or_else(|| Error::not_found("file", name))?;
    open_version(platform, version.id, platform.now(), false, None).await
}

async fn named(platform: &Platform, caller: &Caller, user: UserId, name: &str) -> Result<Option<file::Model>> {
    let which = placed(platform, caller, Some(user), Some(name.to_owned())).await?;
    Ok(rows::placed(&platform.store, &which, Page::new(None, None)?).await?.rows.pop())
}

async fn placed(
    platform: &Platform,
    caller: &Caller,
    user: Option<UserId>,
    name: Option<String>,
) -> Result<rows::Placed> {
    let list = ListInput::all(Page::new(None, None)?).filter(platform, caller).await?;
    let path = user.map_or_else(|| ROOT.to_owned(), folder_of);
    Ok(rows::Placed { list, path, only_there: user.is_some(), name })
}
