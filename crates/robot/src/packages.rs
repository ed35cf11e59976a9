//! The packages on this robot's disk: fetched once by hash, unpacked once, shared by the tasks that run them, and the
//! longest unused deleted when they take too much space.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use baigong_model::Random;
use baigong_package::{Limits, PackageError};
use baigong_protocol::{PackageRef, Timing};

use crate::{
    timer,
    transfer::{Transfer, TransferError},
};

/// So often a download is tried before the task fails.
const TRIES: u32 = 8;

/// The packages on disk.
pub(crate) struct Packages {
    folder: PathBuf,
    /// Where zips lie that were brought to this robot.
    zips: PathBuf,
    limit: u64,
    transfer: Arc<Transfer>,
    random: Arc<dyn Random>,
    timing: Timing,
    in_use: Arc<Mutex<HashMap<String, Use>>>,
    uses: AtomicU64,
    downloads: AtomicU64,
}

#[derive(Default)]
struct Use {
    last: u64,
    holder: Weak<Package>,
    fetching: Weak<tokio::sync::Mutex<()>>,
}

/// A package that stays on disk while this lives.
pub(crate) struct Package {
    /// Its unpacked files: shared, read only.
    pub(crate) folder: PathBuf,
}

impl Packages {
    /// Opens the cache in `folder` and removes what was not finished.
    pub(crate) fn open(
        (folder, zips): (&Path, &Path),
        limit: u64,
        transfer: Arc<Transfer>,
        random: Arc<dyn Random>,
        timing: Timing,
    ) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        baigong_package::remove_unfinished(folder)?;
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "part") {
                if path.is_dir() { std::fs::remove_dir_all(path)? } else { std::fs::remove_file(path)? }
            }
        }
        let (in_use, uses, downloads) = (Arc::default(), AtomicU64::new(0), AtomicU64::new(0));
        let (folder, zips) = (folder.to_owned(), zips.to_owned());
        Ok(Self { folder, zips, limit, transfer, random, timing, in_use, uses, downloads })
    }

    /// The package, fetched if it is not here. Whoever asks for the same one meanwhile waits for the same download.
    pub(crate) async fn get(&self, wanted: &PackageRef) -> Result<Arc<Package>, String> {
        let name = &wanted.sha256;
        if name.len() != 64 || !name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err("the platform named a package without a proper SHA-256".to_owned());
        }
        let lock = self.lock_of(name);
        let _alone = lock.lock().await;
        let folder = self.folder.join(name);
        if folder.is_dir() {
            return Ok(self.used(name, folder));
        }
        self.fetch(wanted, &folder).await?;
        let package = self.used(name, folder);
        self.make_room().await;
        Ok(package)
    }

    fn lock_of(&self, name: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut uses = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = uses.entry(name.to_owned()).or_default();
        entry.fetching.upgrade().unwrap_or_else(|| {
            let lock = Arc::new(tokio::sync::Mutex::new(()));
            entry.fetching = Arc::downgrade(&lock);
            lock
        })
    }

    fn used(&self, name: &str, folder: PathBuf) -> Arc<Package> {
        let mut uses = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = uses.entry(name.to_owned()).or_default();
        entry.last = self.uses.fetch_add(1, Ordering::Relaxed) + 1;
        entry.holder.upgrade().unwrap_or_else(|| {
            let package = Arc::new(Package { folder });
            entry.holder = Arc::downgrade(&package);
            package
        })
    }

    async fn fetch(&self, wanted: &PackageRef, folder: &Path) -> Result<(), String> {
        let limits = Limits::default();
        if wanted.size > limits.package_size {
            return Err(format!("the package has {} bytes, {} are allowed", wanted.size, limits.package_size));
        }
        let brought = self.zips.join(format!("{}.zip", wanted.sha256));
        if brought.is_file() {
            return unpack_aside(brought, folder, wanted, limits).await;
        }
        let number = self.downloads.fetch_add(1, Ordering::Relaxed);
        let part = self.folder.join(format!("{number}.part"));
        let fetched = self.download(wanted, &part).await;
        let unpacked = match fetched {
            Ok(()) => unpack_aside(part.clone(), folder, wanted, limits).await,
            Err(error) => Err(format!("the package could not be fetched: {error}")),
        };
        // What stays behind is removed at the next start.
        let _ = tokio::fs::remove_file(&part).await;
        unpacked
    }

    async fn download(&self, wanted: &PackageRef, into: &Path) -> Result<(), String> {
        let mut attempt = 0;
        loop {
            match self.transfer.download(&wanted.path, wanted.size, into).await {
                Ok(()) => return Ok(()),
                Err(TransferError::Later(error)) if attempt + 1 < TRIES => {
                    tracing::warn!(package = wanted.package_id, %error, "a package cannot be fetched yet");
                    timer::after(timer::jitter(&self.timing, attempt, &*self.random)).await;
                    attempt += 1;
                }
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// Deletes the longest unused packages while all together take more than the limit.
    async fn make_room(&self) {
        let (folder, limit, uses) = (self.folder.clone(), self.limit, Arc::clone(&self.in_use));
        let work = tokio::task::spawn_blocking(move || evict(&folder, limit, &uses)).await;
        if let Ok(Err(error)) = work {
            tracing::warn!(%error, "unused packages cannot be deleted");
        }
    }
}

/// Unpacks on a thread for that.
async fn unpack_aside(zip: PathBuf, folder: &Path, wanted: &PackageRef, limits: Limits) -> Result<(), String> {
    let (folder, sha256) = (folder.to_owned(), wanted.sha256.clone());
    let work = tokio::task::spawn_blocking(move || unpack(&zip, &folder, &sha256, &limits)).await;
    let unpacked = work.map_err(|error| error.to_string()).and_then(|done| done);
    unpacked.map_err(|error| format!("the package could not be fetched: {error}"))
}

fn unpack(zip: &Path, folder: &Path, sha256: &str, limits: &Limits) -> Result<(), String> {
    let text = |error: PackageError| error.to_string();
    let mut archive = baigong_package::open(zip, limits).map_err(text)?;
    if archive.sha256() != sha256 {
        return Err(format!("it has SHA-256 {}, not {sha256}: it was changed on the way", archive.sha256()));
    }
    baigong_package::unpack(&mut archive, folder).map_err(text)
}

fn evict(folder: &Path, limit: u64, uses: &Mutex<HashMap<String, Use>>) -> io::Result<()> {
    let (mut total, mut found) = (0, Vec::new());
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.len() == 64 {
            let size = size_of(&entry.path())?;
            total += size;
            let last = uses.lock().unwrap_or_else(PoisonError::into_inner).get(&name).map_or(0, |of| of.last);
            found.push((last, entry.metadata()?.modified().ok(), name, size));
        }
    }
    found.sort();
    for (_, _, name, size) in found {
        if total <= limit {
            break;
        }
        // Renamed first, while nobody can begin to use it: a package half deleted must not be found.
        let doomed = folder.join(format!("{name}.part"));
        {
            let mut uses = uses.lock().unwrap_or_else(PoisonError::into_inner);
            let busy = |of: &Use| of.holder.strong_count() > 0 || of.fetching.strong_count() > 0;
            if uses.get(&name).is_some_and(busy) {
                continue;
            }
            std::fs::rename(folder.join(&name), &doomed)?;
            uses.remove(&name);
        }
        std::fs::remove_dir_all(&doomed)?;
        total -= size;
    }
    Ok(())
}

fn size_of(folder: &Path) -> io::Result<u64> {
    let mut total = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        total += if kind.is_dir() { size_of(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(total)
}
