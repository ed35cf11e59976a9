//! Versions of the agent's program that robots can be asked to run (T/TSAC 002-2025, 5.3): checked at upload, stored as
//! blobs, fetched by the robots that are asked. What system a program is for is read from the program itself.

use std::path::{Path, PathBuf};

use baigong_model::{
    Error, PageOf, Permission, Result,
    ids::{AgentVersionId, DepartmentId},
};
use baigong_protocol::AgentVersion;
use baigong_store::{
    Scope, agent_versions as rows, audits, departments as department_rows,
    entity::{agent_version, robot},
};
use futures_util::{FutureExt, StreamExt, TryStreamExt};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

use crate::{
    Caller, Platform, departments,
    downloads::Download,
    lists::{self, ListInput, Table},
    names, packages,
};

/// The longest signature, in letters.
const LONGEST_SIGNATURE: usize = 200;

/// A version to be stored.
#[derive(Debug, Clone)]
pub struct NewAgentVersion {
    /// Its department.
    pub department_id: DepartmentId,
    /// Its number: `major.minor.patch`.
    pub version: String,
    /// What the program's SHA-256 must be, where the uploader knows it.
    pub sha256: Option<String>,
    /// A signature over number and hash, for robots that believe only a key of theirs.
    pub signature: Option<String>,
    /// A remark.
    pub remark: Option<String>,
    /// The upload, in a temporary file, which stays the caller's.
    pub file: PathBuf,
}

/// Stores a version.
pub async fn create(platform: &Platform, caller: &Caller, input: NewAgentVersion) -> Result<AgentVersionId> {
    caller.need(Permission::AgentVersionWrite)?;
    departments::live(platform, caller, input.department_id).await?;
    let version: AgentVersion = input
        .version
        .trim()
        .parse()
        .map_err(|()| Error::invalid("version", "must be major.minor.patch, with a label behind a - if need be"))?;
    let system = system_of(&input.file).await?;
    let signature = names::limited("signature", input.signature.filter(|it| !it.is_empty()), LONGEST_SIGNATURE)?;
    let live_name = format!("{}/{version}/{system}", input.department_id);
    // A hundred megabytes are not copied only to hear that the number is taken.
    if rows::is_taken(&platform.store, &live_name).await? {
        return Err(Error::already_exists("agent version", format!("{version} {system}")));
    }
    let (blob_key, size, sha256) = keep(platform, &input.file).await?;
    let now = platform.now();
    let row = agent_version::Model {
        id: 0,
        department_id: input.department_id,
        name: version.to_string(),
        system: system.to_owned(),
        live_name: Some(live_name),
        sha256: sha256.clone(),
        size,
        blob_key: blob_key.clone(),
        signature,
        remark: names::remark(input.remark)?,
        created_by: caller.id(),
        created_at: now,
        deleted_at: None,
    };
    let wanted = input.sha256.filter(|wanted| !wanted.is_empty());
    let stored = match wanted.filter(|wanted| !wanted.eq_ignore_ascii_case(&sha256)) {
        Some(_) => Err(Error::invalid("sha256", format!("is not the file's: {sha256}"))),
        None => insert(platform, caller, row, now).await,
    };
    if stored.as_ref().is_err_and(packages::is_definite) {
        platform.blobs.delete(&blob_key).await?;
    }
    stored
}

async fn insert(platform: &Platform, caller: &Caller, row: agent_version::Model, now: i64) -> Result<i64> {
    let caller = caller.clone();
    let created = platform.store.write(move |tx| {
        async move {
            department_rows::hold(tx, row.department_id).await?;
            let department = row.department_id;
            let detail = json!({ "version": row.name, "system": row.system, "sha256": row.sha256 });
            let id = rows::insert(tx, row).await?;
            let audit = caller.audit(now, "create", "agent version", Some(id), Some(department), &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| id)
        }
        .boxed()
    });
    let id = created.await?;
    platform.counts.changed(Table::AgentVersions);
    Ok(id)
}

/// The system that a program is for, by the head of its file (ELF, 64 bits).
async fn system_of(file: &Path) -> Result<&'static str> {
    let mut head = [0; 20];
    let mut file = tokio::fs::File::open(file).await.map_err(Error::internal)?;
    let is_read = file.read_exact(&mut head).await.is_ok();
    let machine = u16::from_le_bytes([head[18], head[19]]);
    match (is_read && head.starts_with(b"\x7fELF\x02\x01"), machine) {
        (true, 0x3e) => Ok("linux-x86_64"),
        (true, 0xb7) => Ok("linux-aarch64"),
        (true, 0x102) => Ok("linux-loongarch64"),
        _ => Err(Error::invalid("agent", "is no program of a 64-bit Linux system: upload the file baigong itself")),
    }
}

/// Copies the upload to the blobs: its key, size and hash.
async fn keep(platform: &Platform, file: &Path) -> Result<(String, i64, String)> {
    let mut random = [0; 16];
    platform.random.fill(&mut random);
    let key = format!("agent-version/{}", hex::encode(random));
    let mut hash = Sha256::new();
    let body = packages::read(file).await?.inspect_ok(|part| hash.update(part)).boxed();
    let size = platform.blobs.put(&key, body).await?;
    Ok((key, i64::try_from(size).map_err(Error::internal)?, hex::encode(hash.finalize())))
}

/// Deletes a version, unless a robot is asked to run it.
pub async fn delete(platform: &Platform, caller: &Caller, id: AgentVersionId) -> Result<()> {
    caller.need(Permission::AgentVersionWrite)?;
    let (now, caller) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            let row = rows::find_live(tx, caller.scope(), id).await?;
            let row = row.ok_or_else(|| Error::not_found("agent version", id))?;
            if rows::is_wanted(tx, id).await? {
                return Err(Error::conflict("robots are being upgraded to this version: wait, or stop the upgrade"));
            }
            rows::delete(tx, id, now).await?;
            let detail = json!({ "version": row.name, "system": row.system });
            let audit = caller.audit(now, "delete", "agent version", Some(id), Some(row.department_id), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    deleted.await?;
    platform.counts.changed(Table::AgentVersions);
    Ok(())
}

/// A page of versions, oldest first.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<agent_version::Model>> {
    caller.need(Permission::AgentVersionRead)?;
    let filter = input.filter(platform, caller).await?;
    lists::page(platform, Table::AgentVersions, &filter, input.page, rows::count, rows::list).await
}

/// The program of a version, for a robot that is asked to run it.
pub async fn open_for_robot(platform: &Platform, robot: &robot::Model, id: AgentVersionId) -> Result<Download> {
    let missing = || Error::not_found("agent version", id);
    if !rows::is_asked_of(&platform.store, id, robot.id).await? {
        return Err(missing());
    }
    let row = rows::find(&platform.store, &Scope::All, id).await?.ok_or_else(missing)?;
    let (size, body) = platform.blobs.get(&row.blob_key).await?;
    Ok(Download { name: "baigong".into(), size, tag: row.sha256, body, part: None })
}

#[cfg(test)]
pub(crate) mod tests;
