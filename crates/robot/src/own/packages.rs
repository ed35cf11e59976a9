//! Package versions that were brought to this robot (6.3.3): checked like those that are brought to a platform, kept as zips by
//! their hash, and unpacked into the same cache.

use std::path::{Path, PathBuf};

use baigong_model::{Error, Page, PageOf, Result, names};
use baigong_package::{Limits, PackageInfo};
use baigong_robot_store::{entity::package, packages as rows, processes as process_rows, tasks as task_rows};
use futures_util::FutureExt;

use crate::{journal::sync_parent, robot::Robot};

/// A package version to be kept.
pub(crate) struct NewPackage {
    pub(crate) name: String,
    pub(crate) version: String,
    /// A zip in a temporary file, which stays the caller's.
    pub(crate) file: PathBuf,
}

/// Checks an upload and keeps it; its id. Everything that is wrong with it is told at once; then nothing is kept.
pub(crate) async fn create(robot: &Robot, input: NewPackage) -> Result<i64> {
    let name = names::name("packageName", &input.name)?;
    let version = names::name("packageVersion", &input.version)?;
    if version.contains('/') {
        return Err(Error::invalid("packageVersion", "must not contain /"));
    }
    let live_name = format!("{name}/{version}");
    if rows::is_taken(&robot.own.store, &live_name).await? {
        return Err(Error::already_exists("package", format!("{name} {version}")));
    }
    let info = check(robot, input.file.clone()).await?;
    let row = package::Model {
        id: 0,
        name,
        version,
        live_name: Some(live_name),
        kind: info.kind.as_str().into(),
        sha256: info.sha256.clone(),
        size: i64::try_from(info.size).unwrap_or(i64::MAX),
        info: serde_json::to_string(&info).map_err(Error::internal)?,
        retry_safe: info.retry_safe,
        created_at: robot.options.clock.now(),
        deleted_at: None,
    };
    let _alone = robot.own.zips.lock().await;
    let zip = zip_of(robot, &row.sha256);
    let kept = tokio::task::spawn_blocking(move || keep(&input.file, &zip)).await.map_err(Error::internal)?;
    kept.map_err(|error| Error::unavailable(format!("the package cannot be kept: {error}")))?;
    robot.own.store.write(move |tx| async move { rows::insert(tx, row).await }.boxed()).await
}

/// Inflating and parsing take their time: on a thread of their own.
async fn check(robot: &Robot, file: PathBuf) -> Result<PackageInfo> {
    let actions = robot.options.actions.clone();
    let checked =
        tokio::task::spawn_blocking(move || baigong_package::check(&file, &actions, &Limits::default())).await;
    Ok(checked.map_err(Error::internal)??)
}

/// Where a package's zip lies.
pub(crate) fn zip_of(robot: &Robot, sha256: &str) -> PathBuf {
    robot.folder.zips().join(format!("{sha256}.zip"))
}

/// The same bytes are kept once.
fn keep(upload: &Path, zip: &Path) -> std::io::Result<()> {
    if zip.is_file() {
        return Ok(());
    }
    let aside = zip.with_extension("part");
    std::fs::copy(upload, &aside)?;
    std::fs::File::open(&aside)?.sync_all()?;
    std::fs::rename(&aside, zip)?;
    sync_parent(zip)
}

/// Deletes a package version, unless a process has it activated or a task that has not ended runs it.
pub(crate) async fn delete(robot: &Robot, id: i64) -> Result<()> {
    let now = robot.options.clock.now();
    let deleted = robot.own.store.write(move |tx| {
        async move {
            rows::find_live(tx, id).await?.ok_or_else(|| Error::not_found("package", id))?;
            if let Some(process) = process_rows::activating(tx, id).await? {
                let reason = format!("the process \"{process}\" has this package version activated: activate another");
                return Err(Error::Conflict(reason));
            }
            if let Some(task) = task_rows::running_package(tx, id).await? {
                let reason = format!("task {task} runs this package version: cancel it or wait for its end");
                return Err(Error::Conflict(reason));
            }
            rows::delete(tx, id, now).await
        }
        .boxed()
    });
    deleted.await
}

/// A page of packages, oldest first.
pub(crate) async fn list(
    robot: &Robot,
    page: Page,
    with_deleted: bool,
    keyword: Option<&str>,
) -> Result<PageOf<package::Model>> {
    rows::list(&robot.own.store, page, with_deleted, keyword).await
}
