//! The bytes of a version: stored before the row that points at them, so that a row never points at nothing.

use std::path::Path;

use baigong_model::{Error, Result, Secret};
use baigong_store::{Scope, entity::file_version, files as rows};
use futures_util::{StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};

use super::lock;
use crate::{Platform, downloads::Download, packages};

/// How keys begin.
pub(super) const PREFIX: &str = "file";

/// Bytes that lie among the blobs and belong to no row yet.
pub(super) struct Stored {
    pub(super) blob_key: String,
    pub(super) size: i64,
    pub(super) sha256: String,
}

impl Stored {
    /// As the version `number` of a file.
    pub(super) fn version(self, file_id: i64, number: i64, owner: i64, now: i64) -> file_version::Model {
        file_version::Model {
            id: 0,
            file_id,
            number,
            size: self.size,
            sha256: self.sha256,
            blob_key: Some(self.blob_key),
            created_by: owner,
            created_at: now,
        }
    }
}

/// Copies an upload to the blobs. The key says when, so that what stays without a row is known by its age.
pub(super) async fn store(platform: &Platform, upload: &Path) -> Result<Stored> {
    let mut random = [0; 16];
    platform.random.fill(&mut random);
    let blob_key = format!("{PREFIX}/{:013}-{}", platform.now(), hex::encode(random));
    let mut hash = Sha256::new();
    let body = packages::read(upload).await?.inspect_ok(|part| hash.update(part)).boxed();
    let size = platform.blobs.put(&blob_key, body).await?;
    let size = i64::try_from(size).map_err(Error::internal)?;
    Ok(Stored { blob_key, size, sha256: hex::encode(hash.finalize()) })
}

/// The bytes of the version `id`, for whoever has a signed address: `issued` is when it was given out, `is_locked` whether it
/// asks for the file's password.
pub async fn open_version(
    platform: &Platform,
    id: i64,
    issued: i64,
    is_locked: bool,
    password: Option<&Secret<String>>,
) -> Result<Download> {
    let missing = || Error::not_found("file", id);
    let version = rows::find_version(&platform.store, id).await?.ok_or_else(missing)?;
    let file = rows::find(&platform.store, &Scope::All, version.file_id).await?;
    let file = file.filter(|file| file.deleted_at.is_none()).ok_or_else(missing)?;
    // An address from before the password was set does not lead around it.
    let is_overtaken = file.password_hash.is_some() && file.password_at.is_some_and(|at| at > issued);
    if is_locked || is_overtaken {
        lock::need(platform, &file, password).await?;
    }
    let key = version.blob_key.ok_or_else(missing)?;
    let (size, body) = platform.blobs.get(&key).await?;
    Ok(Download { name: file.name, size, tag: version.sha256, body, part: None })
}
