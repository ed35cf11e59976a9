//! Files: versions, passwords, addresses, and what becomes of their bytes.

use baigong_model::Error;
use futures_util::TryStreamExt;

use super::*;
use crate::{
    downloads, folders,
    testing::{World, all, assert_not_found, on_both, on_one},
};

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn upload(world: &World, text: &str) -> std::path::PathBuf {
    let path = world.folder().join("upload");
    std::fs::write(&path, text).unwrap();
    path
}

fn new(world: &World, path: &str, name: &str, text: &str) -> NewFile {
    let upload = upload(world, text);
    NewFile {
        department_id: world.north,
        folder_path: path.into(),
        name: name.into(),
        password: None,
        upload,
        tag: None,
        owner_id: None,
    }
}

async fn fetch(world: &World, download: (DownloadKind, i64), password: Option<&str>) -> Result<String> {
    let address = downloads::address(&world.platform, download.0, download.1, downloads::VALID_FOR);
    fetch_by(world, &address, download, password).await
}

/// Fetches by an address that was given out before.
async fn fetch_by(world: &World, address: &str, it: (DownloadKind, i64), password: Option<&str>) -> Result<String> {
    let (expires, signature) = address.split_once("expires=").unwrap().1.split_once("&signature=").unwrap();
    let expires = expires.parse().unwrap();
    let password = password.map(secret);
    let found = downloads::open(&world.platform, it.0, it.1, (expires, signature), password.as_ref(), None).await?;
    let bytes: Vec<bytes::Bytes> = found.body.try_collect().await?;
    assert_eq!(found.size, bytes.iter().map(|part| part.len() as u64).sum::<u64>());
    Ok(String::from_utf8(bytes.concat()).unwrap())
}

async fn blobs(world: &World) -> usize {
    let keys: Vec<String> = world.platform.blobs.list("file").try_collect().await.unwrap();
    keys.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_stored_found_changed_and_deleted() {
    on_both(async |world| {
        let (platform, caller) = (&world.platform, &world.norths);
        let id = create(platform, caller, new(world, "对账/2026", "差异.xlsx", "one")).await.unwrap();
        let taken = create(platform, caller, new(world, "/对账/2026/", "差异.xlsx", "two")).await;
        assert!(matches!(taken, Err(Error::AlreadyExists { kind: "file", .. })), "{taken:?}");
        assert_eq!(blobs(world).await, 1, "the bytes of what was refused are gone");
        let found = query(platform, caller, id, None).await.unwrap();
        assert_eq!((found.folder_path.as_str(), found.file.version), ("/对账/2026", 1));
        assert_eq!(fetch(world, found.download.unwrap(), None).await.unwrap(), "one");
        world.clock.advance(5000);
        let change = FileChange { upload: Some(upload(world, "three")), ..FileChange::default() };
        update(platform, caller, id, change).await.unwrap();
        let change = FileChange { folder_path: Some("/".into()), name: Some("d.xlsx".into()), ..FileChange::default() };
        update(platform, caller, id, change).await.unwrap();
        let found = query(platform, caller, id, None).await.unwrap();
        assert_eq!((found.folder_path.as_str(), found.file.name.as_str(), found.file.version), ("/", "d.xlsx", 2));
        assert!(found.file.updated_at > found.file.created_at);
        let latest = found.download.unwrap();
        assert_eq!(fetch(world, latest, None).await.unwrap(), "three");
        let (_, kind, versions) = versions(platform, caller, id, None).await.unwrap();
        assert_eq!(versions.iter().map(|version| version.number).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(fetch(world, (kind, versions[1].id), None).await.unwrap(), "one");
        create(platform, caller, new(world, "/对账/2026", "差异.xlsx", "free again")).await.unwrap();
        delete(platform, caller, id).await.unwrap();
        assert_not_found(fetch(world, latest, None).await, "download of a deleted file");
        let found = query(platform, caller, id, None).await.unwrap();
        assert!(found.file.deleted_at.is_some() && found.download.is_none());
        assert_not_found(delete(platform, caller, id).await, "file/delete");
        assert_eq!(list(platform, caller, &all(), None).await.unwrap().total, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_another_department_do_not_exist() {
    on_both(async |world| {
        let (platform, stranger) = (&world.platform, &world.souths);
        let id = create(platform, &world.norths, new(world, "/a", "f", "x")).await.unwrap();
        let folder = query(platform, &world.norths, id, None).await.unwrap().file.folder_id;
        assert_not_found(create(platform, stranger, new(world, "/a", "g", "x")).await, "file/create");
        assert_not_found(query(platform, stranger, id, None).await, "file/query");
        assert_not_found(versions(platform, stranger, id, None).await, "file/version/list");
        assert_not_found(update(platform, stranger, id, FileChange::default()).await, "file/update");
        assert_not_found(delete(platform, stranger, id).await, "file/delete");
        assert_not_found(list(platform, stranger, &all(), Some(folder)).await, "file/list of a folder");
        assert_eq!(list(platform, stranger, &all(), None).await.unwrap().total, 0);
        assert_eq!(list(platform, &world.norths, &all(), Some(folder)).await.unwrap().total, 1);
        let keyword = crate::ListInput { keyword: Some("F".into()), ..all() };
        assert_eq!(list(platform, &world.norths, &keyword, None).await.unwrap().rows[0].1, "/a");
        assert_eq!(blobs(world).await, 1, "nothing was stored for the stranger");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protected_file_opens_only_with_its_password() {
    on_both(async |world| {
        let (platform, caller) = (&world.platform, &world.norths);
        let protected = NewFile { password: Some(secret("芝麻")), ..new(world, "/", "f", "secret") };
        let id = create(platform, caller, protected).await.unwrap();
        let locked = query(platform, caller, id, None).await.unwrap().download.unwrap();
        assert_eq!(locked.0, DownloadKind::LockedFile);
        assert_not_found(fetch(world, locked, None).await, "download without the password");
        assert_not_found(fetch(world, locked, Some("wrong")).await, "download with a wrong password");
        assert_eq!(fetch(world, locked, Some("芝麻")).await.unwrap(), "secret");
        assert_not_found(query(platform, caller, id, Some(&secret("wrong"))).await, "file/query with a wrong password");
        let open = query(platform, caller, id, Some(&secret("芝麻"))).await.unwrap().download.unwrap();
        assert_eq!(fetch(world, open, None).await.unwrap(), "secret", "a plain address once the password was given");
        let rename = FileChange { name: Some("g".into()), ..FileChange::default() };
        assert_not_found(update(platform, caller, id, rename.clone()).await, "file/update without the password");
        let change = |password: &str, new: &str| FileChange {
            password: Some(secret(password)),
            new_password: Some(secret(new)),
            ..rename.clone()
        };
        assert_not_found(update(platform, caller, id, change("wrong", "x")).await, "file/update");
        let address = downloads::address(platform, open.0, open.1, downloads::VALID_FOR);
        world.clock.advance(1);
        update(platform, caller, id, change("芝麻", "新的")).await.unwrap();
        assert_not_found(fetch_by(world, &address, open, None).await, "an address from before the change");
        assert_eq!(fetch(world, locked, Some("新的")).await.unwrap(), "secret");
        update(platform, caller, id, change("新的", "")).await.unwrap();
        let open = query(platform, caller, id, None).await.unwrap();
        assert_eq!((open.file.password_hash, open.download.unwrap().0), (None, DownloadKind::File));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_of_files_cannot_be_guessed() {
    on_one(async |world| {
        let (platform, caller) = (&world.platform, &world.norths);
        let protected = NewFile { password: Some(secret("p")), ..new(world, "/", "f", "x") };
        let id = create(platform, caller, protected).await.unwrap();
        let attempt = async |password: &str| query(platform, caller, id, Some(&secret(password))).await;
        for _ in 0..5 {
            assert_not_found(attempt("guess").await, "file/query");
        }
        assert!(matches!(attempt("p").await, Err(Error::LimitReached(_))));
        world.clock.advance(15 * 60_000);
        assert!(attempt("p").await.is_ok());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_take_their_files_along() {
    on_both(async |world| {
        let (platform, caller) = (&world.platform, &world.norths);
        let id = create(platform, caller, new(world, "/a/b", "f", "x")).await.unwrap();
        let find = async |path: &str| {
            let rows = folders::list(platform, caller, &all(), None).await.unwrap().rows;
            rows.into_iter().find(|row| row.path == path).unwrap().id
        };
        folders::rename(platform, caller, find("/a").await, "z").await.unwrap();
        assert_eq!(query(platform, caller, id, None).await.unwrap().folder_path, "/z/b");
        let refused = folders::delete(platform, caller, find("/z/b").await, false).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        assert_eq!(folders::delete(platform, caller, find("/z").await, true).await.unwrap(), 1);
        assert!(query(platform, caller, id, None).await.unwrap().file.deleted_at.is_some());
        let again = create(platform, caller, new(world, "/z/b", "f", "y")).await.unwrap();
        assert_eq!(query(platform, caller, again, None).await.unwrap().folder_path, "/z/b");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_nobody_can_fetch_are_removed_in_time() {
    on_both(async |world| {
        const DAY: i64 = 24 * 3_600_000;
        let (platform, caller) = (&world.platform, &world.norths);
        let id = create(platform, caller, new(world, "/", "f", "x")).await.unwrap();
        let kept = create(platform, caller, new(world, "/", "g", "y")).await.unwrap();
        content::store(platform, &upload(world, "left behind")).await.unwrap();
        delete(platform, caller, id).await.unwrap();
        assert_eq!((remove_deleted(platform).await.unwrap(), sweep(platform).await.unwrap()), (0, 0), "too early");
        world.clock.advance(DAY + 1);
        assert_eq!((remove_deleted(platform).await.unwrap(), sweep(platform).await.unwrap()), (0, 1));
        assert_eq!(blobs(world).await, 2);
        world.clock.advance(30 * DAY);
        assert_eq!((remove_deleted(platform).await.unwrap(), sweep(platform).await.unwrap()), (1, 0));
        assert_eq!(remove_deleted(platform).await.unwrap(), 0);
        let found = query(platform, caller, kept, None).await.unwrap().download.unwrap();
        assert_eq!(fetch(world, found, None).await.unwrap(), "y");
        assert_eq!(blobs(world).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_of_many_versions_go() {
    on_one(async |world| {
        let (platform, caller) = (&world.platform, &world.norths);
        let id = create(platform, caller, new(world, "/", "f", "1")).await.unwrap();
        for text in 2..=change::MOST_VERSIONS + 2 {
            let change = FileChange { upload: Some(upload(world, &text.to_string())), ..FileChange::default() };
            update(platform, caller, id, change).await.unwrap();
        }
        let (_, kind, versions) = versions(platform, caller, id, None).await.unwrap();
        assert_eq!((versions.len(), versions.last().unwrap().number), (100, 3));
        assert_eq!(fetch(world, (kind, versions[99].id), None).await.unwrap(), "3");
    })
    .await;
}
