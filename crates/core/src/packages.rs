//! Versions of process packages (T/TSAC 002-2025, 6.2.4): checked at upload, stored as blobs, fetched by robots.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use baigong_model::{
    Error, Page, PageOf, Permission, Result,
    ids::{DepartmentId, PackageId, ProcessId},
};
use baigong_package::{Limits, PackageInfo};
use baigong_store::{
    Scope, audits, departments as department_rows,
    entity::{package, robot},
    packages as rows,
};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream::BoxStream};
use serde_json::json;
use tokio::io::AsyncReadExt;

use crate::{
    Caller, Platform, departments,
    downloads::Download,
    lists::{self, ListInput, Table},
    names,
};

/// How much of an upload is read at once.
const PART: usize = 256 * 1024;

/// A package version to be stored.
#[derive(Debug, Clone)]
pub struct NewPackage {
    /// Its department.
    pub department_id: DepartmentId,
    /// The package's name.
    pub name: String,
    /// The version; name and version are unique in the department.
    pub version: String,
    /// The upload: a zip in a temporary file, which stays the caller's.
    pub file: PathBuf,
}

/// Checks an upload and stores it. Everything that is wrong with it is told at once; then nothing is stored.
pub async fn create(platform: &Platform, caller: &Caller, input: NewPackage) -> Result<PackageId> {
    caller.need(Permission::PackageWrite)?;
    departments::live(platform, caller, input.department_id).await?;
    let name = names::name("packageName", &input.name)?;
    let version = names::name("packageVersion", &input.version)?;
    if version.contains('/') {
        return Err(Error::invalid("packageVersion", "must not contain /"));
    }
    let live_name = format!("{}/{name}/{version}", input.department_id);
    // A hundred megabytes are not copied only to hear that the name is taken.
    if rows::is_taken(&platform.store, &live_name).await? {
        return Err(Error::already_exists("package", format!("{name} {version}")));
    }
    let info = check(platform, &input.file).await?;
    let mut random = [0; 16];
    platform.random.fill(&mut random);
    let blob_key = format!("package/{}", hex::encode(random));
    platform.blobs.put(&blob_key, read(&input.file).await?).await?;
    let now = platform.now();
    let row = package::Model {
        id: 0,
        department_id: input.department_id,
        name,
        version,
        live_name: Some(live_name),
        kind: info.kind.as_str().into(),
        sha256: info.sha256.clone(),
        size: i64::try_from(info.size).unwrap_or(i64::MAX),
        blob_key: blob_key.clone(),
        info: serde_json::to_string(&info).map_err(Error::internal)?,
        retry_safe: info.retry_safe,
        created_by: caller.id(),
        created_at: now,
        deleted_at: None,
    };
    let stored = insert(platform, caller, row, now).await;
    if stored.as_ref().is_err_and(is_definite) {
        platform.blobs.delete(&blob_key).await?;
    }
    stored
}

/// Whether the row is certainly not there. After any other error the commit may have come through, and a package without
/// its zip would be worse than a zip without its package.
pub(crate) fn is_definite(error: &Error) -> bool {
    use Error::{AlreadyExists, Conflict, Invalid, NotFound};
    matches!(error, Conflict(_) | AlreadyExists { .. } | Invalid { .. } | NotFound { .. })
}

async fn insert(platform: &Platform, caller: &Caller, row: package::Model, now: i64) -> Result<PackageId> {
    let caller = caller.clone();
    let created = platform.store.write(move |tx| {
        async move {
            department_rows::hold(tx, row.department_id).await?;
            let detail = json!({ "name": row.name, "version": row.version, "kind": row.kind, "sha256": row.sha256 });
            let department = row.department_id;
            let id = rows::insert(tx, row).await?;
            let audit = caller.audit(now, "create", "package", Some(id), Some(department), &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| id)
        }
        .boxed()
    });
    let id = created.await?;
    platform.counts.changed(Table::Packages);
    Ok(id)
}

/// Inflating and parsing take their time: on a thread of their own.
async fn check(platform: &Platform, file: &Path) -> Result<PackageInfo> {
    let (actions, file) = (platform.actions.clone(), file.to_owned());
    let checked =
        tokio::task::spawn_blocking(move || baigong_package::check(&file, &actions, &Limits::default())).await;
    Ok(checked.map_err(Error::internal)??)
}

/// The bytes of a temporary file, part by part.
pub(crate) async fn read(file: &Path) -> Result<BoxStream<'static, Result<Bytes>>> {
    let file = tokio::fs::File::open(file).await.map_err(Error::internal)?;
    let parts = futures_util::stream::unfold(file, |mut file| async move {
        let mut part = Vec::with_capacity(PART);
        match file.read_buf(&mut part).await {
            Ok(0) => None,
            Ok(_) => Some((Ok(Bytes::from(part)), file)),
            Err(error) => Some((Err(Error::internal(error)), file)),
        }
    });
    Ok(parts.boxed())
}

/// Deletes a package version, unless a live process has it activated or a task that has not ended runs it.
pub async fn delete(platform: &Platform, caller: &Caller, id: PackageId) -> Result<()> {
    caller.need(Permission::PackageWrite)?;
    let (now, caller) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            let package = rows::find_live(tx, caller.scope(), id).await?;
            let package = package.ok_or_else(|| Error::not_found("package", id))?;
            if let Some(process) = rows::activated_by(tx, id).await? {
                let reason = format!("the process \"{process}\" has this package version activated: activate another");
                return Err(Error::Conflict(reason));
            }
            if let Some(task) = rows::used_by_task(tx, id).await? {
                let reason = format!("task {task} runs this package version: cancel it or wait for its end");
                return Err(Error::Conflict(reason));
            }
            rows::delete(tx, id, now).await?;
            let detail = json!({ "name": package.name, "version": package.version });
            let audit = caller.audit(now, "delete", "package", Some(id), Some(package.department_id), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    deleted.await?;
    platform.counts.changed(Table::Packages);
    Ok(())
}

/// A page of package versions, oldest first.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<package::Model>> {
    caller.need(Permission::PackageRead)?;
    let filter = input.filter(platform, caller).await?;
    lists::page(platform, Table::Packages, &filter, input.page, rows::count, rows::list).await
}

/// A page of the versions of the package that the process runs, oldest first.
pub async fn versions_of(
    platform: &Platform,
    caller: &Caller,
    process: ProcessId,
    page: Page,
) -> Result<PageOf<package::Model>> {
    caller.need(Permission::PackageRead)?;
    let process = crate::processes::query(platform, caller, process).await?;
    let activated = match process.package_id {
        Some(id) => rows::find(&platform.store, &Scope::All, id).await?,
        None => None,
    };
    match activated {
        Some(package) => {
            let which = (package.department_id, package.name.as_str());
            rows::versions(&platform.store, caller.scope(), which, page).await
        }
        None => Ok(PageOf { rows: Vec::new(), total: 0 }),
    }
}

/// The live processes that have the package versions activated, one each: by the package's id, the process's id and name.
pub async fn activations(platform: &Platform, ids: &[PackageId]) -> Result<HashMap<PackageId, (ProcessId, String)>> {
    rows::activations(&platform.store, ids).await
}

/// The zip of a package version that the robot needs for a task it holds.
pub async fn open_for_robot(platform: &Platform, robot: &robot::Model, id: PackageId) -> Result<Download> {
    if !rows::is_held_by(&platform.store, id, robot.id).await? {
        return Err(Error::not_found("package", id));
    }
    let package = rows::find(&platform.store, &Scope::All, id).await?;
    open(platform, package.ok_or_else(|| Error::not_found("package", id))?).await
}

pub(crate) async fn open(platform: &Platform, package: package::Model) -> Result<Download> {
    let (size, body) = platform.blobs.get(&package.blob_key).await?;
    let name = format!("{}-{}.zip", package.name, package.version);
    Ok(Download { name, size, tag: package.sha256, body, part: None })
}

#[cfg(test)]
mod tests;
