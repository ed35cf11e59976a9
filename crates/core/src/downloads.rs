//! Addresses under which packages and artifacts can be fetched without a token, by a plain `curl`: signed, and good for a
//! short time. Whoever gives one out has checked that its receiver may have the thing.

use baigong_model::{Error, Result, Secret};
use baigong_store::{Scope, artifacts as artifact_rows, packages as package_rows};
use bytes::Bytes;
use futures_util::stream::BoxStream;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{Platform, artifacts, files, packages, recordings};

/// Where downloads are served, for routers: kind and id.
pub const ROUTE: &str = "/download/{kind}/{id}";
/// How long an address is good, in milliseconds, unless said otherwise.
pub const VALID_FOR: i64 = 10 * 60_000;

/// What an address leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DownloadKind {
    /// A package version.
    Package,
    /// A file that a task left behind.
    Artifact,
    /// A version of a file.
    File,
    /// A version of a file, together with the file's password.
    LockedFile,
    /// A recording.
    Recording,
}

impl DownloadKind {
    /// The word in addresses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Package => "package",
            Self::Artifact => "artifact",
            Self::File => "file",
            Self::LockedFile => "locked-file",
            Self::Recording => "recording",
        }
    }

    /// The kind of a word in an address.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Package, Self::Artifact, Self::File, Self::LockedFile, Self::Recording]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// Something to be downloaded.
pub struct Download {
    /// A name for the file.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// Of the bytes, in hexadecimal.
    pub sha256: String,
    /// The bytes.
    pub body: BoxStream<'static, Result<Bytes>>,
}

/// Path and query of an address that is good for `valid_for` milliseconds.
#[must_use]
pub fn address(platform: &Platform, kind: DownloadKind, id: i64, valid_for: i64) -> String {
    let expires = platform.now() + valid_for;
    let signature = hex::encode(signed(platform, kind, id, expires).finalize().into_bytes());
    format!("/download/{}/{id}?expires={expires}&signature={signature}", kind.as_str())
}

/// Whether an address was given out by this platform and is still good. What is wrong with one is not told.
pub fn check(platform: &Platform, kind: DownloadKind, id: i64, expires: i64, signature: &str) -> Result<()> {
    let signature = hex::decode(signature).map_err(|_| Error::BadAddress)?;
    // In constant time.
    signed(platform, kind, id, expires).verify_slice(&signature).map_err(|_| Error::BadAddress)?;
    if expires <= platform.now() { Err(Error::BadAddress) } else { Ok(()) }
}

/// What an address leads to, after [`check`]. `password` is that of a file, as it came over the wire.
pub async fn open(
    platform: &Platform,
    kind: DownloadKind,
    id: i64,
    (expires, signature): (i64, &str),
    password: Option<&Secret<String>>,
) -> Result<Download> {
    check(platform, kind, id, expires, signature)?;
    match kind {
        DownloadKind::Package => {
            let package = package_rows::find(&platform.store, &Scope::All, id).await?;
            let package = package.filter(|package| package.deleted_at.is_none());
            packages::open(platform, package.ok_or_else(|| Error::not_found("package", id))?).await
        }
        DownloadKind::Artifact => {
            let artifact = artifact_rows::find(&platform.store, id).await?;
            artifacts::open(platform, artifact.ok_or_else(|| Error::not_found("artifact", id))?).await
        }
        DownloadKind::Recording => recordings::open(platform, id).await,
        DownloadKind::File | DownloadKind::LockedFile => {
            let is_locked = kind == DownloadKind::LockedFile;
            files::open_version(platform, id, expires - VALID_FOR, is_locked, password).await
        }
    }
}

fn signed(platform: &Platform, kind: DownloadKind, id: i64, expires: i64) -> Hmac<Sha256> {
    let key = platform.keys.download_key();
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(format!("{}\n{id}\n{expires}", kind.as_str()).as_bytes());
    mac
}

#[cfg(test)]
mod tests;
