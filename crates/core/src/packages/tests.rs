//! Packages: refused whole, stored whole, deleted only when nobody needs them.

use std::path::Path;

use baigong_store::{audits as audit_rows, tasks};
use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};

use super::*;
use crate::{
    robots,
    testing::{MANIFEST, World, all, assert_not_found, on_both, pack},
};

async fn upload(world: &World, file: &Path, version: &str) -> Result<PackageId> {
    let new =
        NewPackage { department_id: world.north, name: "pkg".into(), version: version.into(), file: file.to_owned() };
    create(&world.platform, &world.admin, new).await
}

fn blobs(world: &World) -> usize {
    let folder = world.folder().join("blobs/package");
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

async fn bytes(download: Download) -> Vec<u8> {
    download.body.try_collect::<Vec<Bytes>>().await.unwrap().concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_stored_byte_by_byte() {
    on_both(async |world| {
        let file = world.folder().join("upload.zip");
        pack(&file, MANIFEST);
        let id = upload(world, &file, "1.0").await.unwrap();
        let row = list(&world.platform, &world.norths, &all()).await.unwrap().rows.remove(0);
        let sent = std::fs::read(&file).expect("the upload stays the caller's");
        assert_eq!((row.id, row.kind.as_str(), row.retry_safe), (id, "command", true));
        assert_eq!((row.size, row.sha256.clone()), (sent.len() as i64, hex::encode(Sha256::digest(&sent))));
        let download = open(&world.platform, row).await.unwrap();
        assert_eq!((download.name.as_str(), download.size), ("pkg-1.0.zip", sent.len() as u64));
        assert_eq!(bytes(download).await, sent);
        let taken = upload(world, &file, "1.0").await;
        assert!(matches!(&taken, Err(Error::AlreadyExists { name, .. }) if name == "pkg 1.0"), "{taken:?}");
        upload(world, &file, "1.1").await.unwrap();
        assert!(matches!(upload(world, &file, "1/2").await, Err(Error::Invalid { .. })));
        assert_eq!(blobs(world), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_upload_is_refused_with_every_problem_and_nothing_is_stored() {
    on_both(async |world| {
        let file = world.folder().join("upload.zip");
        std::fs::write(&file, "this is not a zip").unwrap();
        let refused = upload(world, &file, "1.0").await;
        assert!(matches!(&refused, Err(Error::Invalid { field, .. }) if field == "package"), "{refused:?}");
        let text = refused.unwrap_err().to_string();
        assert!(text.contains("zip"), "{text}");
        assert_eq!((blobs(world), list(&world.platform, &world.admin, &all()).await.unwrap().total), (0, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_uploads_of_one_version_at_once_store_one() {
    on_both(async |world| {
        let file = world.folder().join("upload.zip");
        pack(&file, MANIFEST);
        let uploads = (0..4).map(|_| upload(world, &file, "1.0"));
        let stored = futures_util::future::join_all(uploads).await.into_iter().filter(Result::is_ok).count();
        assert_eq!((stored, blobs(world)), (1, 1), "the bytes of the losers are gone");
    })
    .await;
}

async fn task(world: &World, process: i64) -> i64 {
    let new = crate::tasks::NewTasks { process_id: process, priority: 1, ..Default::default() };
    crate::tasks::create(&world.platform, &world.admin, new).await.unwrap()[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_needed_is_not_deleted() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let used = list(&world.platform, &world.admin, &all()).await.unwrap().rows[0].id;
        let refused = delete(&world.platform, &world.admin, used).await;
        assert!(matches!(&refused, Err(Error::Conflict(text)) if text.contains("\"p\"")), "{refused:?}");
        let task = task(world, process).await;
        let other = world.package(world.north, "other").await;
        let activate = crate::processes::activate_package_version;
        activate(&world.platform, &world.admin, process, other, Vec::new(), None).await.unwrap();
        let refused = delete(&world.platform, &world.admin, used).await;
        assert!(matches!(&refused, Err(Error::Conflict(text)) if text.contains("task")), "{refused:?}");
        crate::tasks::cancel(&world.platform, &world.admin, task).await.unwrap();
        delete(&world.platform, &world.admin, used).await.unwrap();
        assert_not_found(delete(&world.platform, &world.admin, used).await, "delete again");
        let live = list(&world.platform, &world.admin, &all()).await.unwrap();
        assert_eq!((live.total, live.rows[0].id), (1, other));
        let everything = ListInput { include_deleted: true, ..all() };
        assert_eq!(list(&world.platform, &world.admin, &everything).await.unwrap().total, 2);
        let actions = audit_rows::of_object(&world.platform.store, "package", used).await.unwrap();
        assert_eq!(actions.iter().map(|row| row.action.as_str()).collect::<Vec<_>>(), ["create", "delete"]);
        let file = world.folder().join("p.zip");
        let new = NewPackage { department_id: world.north, name: "p".into(), version: "1.0".into(), file };
        create(&world.platform, &world.admin, new).await.expect("the name is free again");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_gets_the_packages_of_the_tasks_it_holds_and_no_others() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let row = crate::processes::query(&world.platform, &world.admin, process).await.unwrap();
        let package = row.package_id.unwrap();
        let robot = world.robot(world.north, "r").await;
        let robot = robots::authenticate_agent(&world.platform, robot.secret.expose()).await.unwrap();
        crate::robot_groups::append(&world.platform, &world.admin, row.robot_group_id, &[robot.id]).await.unwrap();
        task(world, process).await;
        assert_not_found(open_for_robot(&world.platform, &robot, package).await.map(drop), "a package before its task");
        let group = crate::robot_groups::pool_of(&world.platform, &world.admin, row.robot_group_id).await.unwrap();
        let now = world.platform.now();
        let claim = tasks::Claim { pools: vec![(group, vec![(robot.id, 1)])], lease_until: now + 60_000, now };
        let claimed = world.platform.store.write(move |tx| async move { tasks::claim(tx, &claim).await }.boxed()).await;
        assert_eq!(claimed.unwrap().len(), 1);
        let download = open_for_robot(&world.platform, &robot, package).await.unwrap();
        assert_eq!(hex::encode(Sha256::digest(bytes(download).await)).len(), 64);
        let other = world.package(world.north, "other").await;
        assert_not_found(open_for_robot(&world.platform, &robot, other).await.map(drop), "another package");
    })
    .await;
}
