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
    /// Of `body`, in bytes.
    pub size: u64,
    /// Another text when the thing's bytes are others.
    pub tag: String,
    /// The bytes.
    pub body: BoxStream<'static, Result<Bytes>>,
    /// Which part of the thing they are, where a part was wanted and can be given.
    pub part: Option<Part>,
}

/// Which bytes are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// From this one on, up to and with the other.
    From(u64, Option<u64>),
    /// The last so many.
    Last(u64),
}

/// What is asked for instead of the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The bytes.
    pub wanted: Wanted,
    /// Only where the thing still has this [`Download::tag`]; else the whole.
    pub only_of: Option<String>,
}

/// A part of a thing of `total` bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// These bytes, at least one.
    Bytes {
        /// The first.
        from: u64,
        /// The one behind the last.
        to: u64,
        /// Of the whole.
        total: u64,
    },
    /// What was wanted lies beyond its end.
    Beyond {
        /// Of the whole.
        total: u64,
    },
}

impl Wanted {
    /// The part of a thing of `total` bytes.
    #[must_use]
    pub fn within(self, total: u64) -> Part {
        let (from, to) = match self {
            Self::From(from, last) => (from, last.map_or(total, |last| last.saturating_add(1).min(total))),
            Self::Last(count) => (total.saturating_sub(count), total),
        };
        if from < to { Part::Bytes { from, to, total } } else { Part::Beyond { total } }
    }
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

/// What an address leads to, after [`check`]. `password` is that of a file, as it came over the wire; `range` the part that
/// is asked for, which only recordings give: of others the whole comes.
pub async fn open(
    platform: &Platform,
    kind: DownloadKind,
    id: i64,
    (expires, signature): (i64, &str),
    password: Option<&Secret<String>>,
    range: Option<Range>,
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
        DownloadKind::Recording => recordings::open(platform, id, range).await,
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
