//! Packages, artifacts, recordings: large things that the database only points at. A local folder by default. Keys are
//! made here and are never a client's path.

use std::{
    fs::DirEntry,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use baigong_model::{Error, Result};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart, local::LocalFileSystem};

/// Where blobs lie. Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    folder: PathBuf,
}

impl Blobs {
    /// Blobs as files below `folder`, which is made if it is absent.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        let made = std::fs::create_dir_all(folder);
        made.map_err(|error| Error::unavailable(format!("{}: {error}", folder.display())))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(Error::internal)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), folder: folder.to_owned() })
    }

    /// Stores what `body` yields under `key`; nothing is there unless all of it is. Answers how many bytes.
    pub async fn put(&self, key: &str, mut body: BoxStream<'_, Result<Bytes>>) -> Result<u64> {
        let upload = self.store.put_multipart(&key.into()).await.map_err(translate)?;
        let mut writer = WriteMultipart::new(upload);
        let mut size = 0_u64;
        while let Some(part) = body.next().await {
            match part {
                Ok(part) => {
                    size += part.len() as u64;
                    writer.put(part);
                    writer.wait_for_capacity(4).await.map_err(translate)?;
                }
                Err(error) => {
                    writer.abort().await.map_err(translate)?;
                    return Err(error);
                }
            }
        }
        writer.finish().await.map_err(translate)?;
        Ok(size)
    }

    /// What is stored under `key`: its size and its bytes.
    pub async fn get(&self, key: &str) -> Result<(u64, BoxStream<'static, Result<Bytes>>)> {
        let found = self.store.get(&key.into()).await.map_err(translate)?;
        let size = found.meta.size;
        Ok((size, found.into_stream().map_err(translate).boxed()))
    }

    /// The keys of all that is stored below `prefix`, in no order.
    pub fn list(&self, prefix: &str) -> BoxStream<'static, Result<String>> {
        let keys = self.store.list(Some(&prefix.into()));
        keys.map_ok(|found| found.location.to_string()).map_err(translate).boxed()
    }

    /// Removes what is stored under `key`. What is gone already, because another node was first, is no error.
    pub async fn delete(&self, key: &str) -> Result<()> {
        match self.store.delete(&key.into()).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            outcome => outcome.map_err(translate),
        }
    }

    /// Removes what writes have left behind that a crash broke off, if nothing was added to it since `before` (milliseconds
    /// since the epoch); how many. It has no key and is in no list.
    pub async fn sweep_unfinished(&self, before: i64) -> Result<u64> {
        let folder = self.folder.clone();
        let before = Duration::from_millis(u64::try_from(before).unwrap_or(0));
        let swept = tokio::task::spawn_blocking(move || {
            let mut removed = 0;
            remove_unfinished(&folder, before, &mut removed).map(|()| removed)
        });
        let swept = swept.await.map_err(Error::internal)?;
        swept.map_err(|error| Error::unavailable(format!("{}: {error}", self.folder.display())))
    }
}

fn remove_unfinished(folder: &Path, before: Duration, removed: &mut u64) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => remove_unfinished(&entry.path(), before, removed)?,
            Ok(kind) if kind.is_file() && is_unfinished(&entry, before) => {
                std::fs::remove_file(entry.path())?;
                *removed += 1;
            }
            // Another node may have been first.
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether it is a file under the name that a write has until it is whole, `key#1`, and nobody has written to it since.
fn is_unfinished(entry: &DirEntry, before: Duration) -> bool {
    let name = entry.file_name();
    let number = name.to_str().and_then(|name| name.rsplit_once('#')).map(|(_, number)| number);
    let is_staged = number.is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()));
    let written = entry.metadata().and_then(|it| it.modified()).ok();
    let written = written.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    is_staged && written.is_some_and(|at| at < before)
}

fn translate(error: object_store::Error) -> Error {
    let text = error.to_string();
    match error {
        object_store::Error::NotFound { path, .. } => Error::not_found("file", path),
        _ if text.contains("No space left") => Error::unavailable("the disk is full: free some space and try again"),
        other => Error::internal(other),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs::File, time::SystemTime};

    use super::*;

    #[tokio::test]
    async fn what_a_crash_broke_off_is_swept_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::in_folder(folder.path()).unwrap();
        let bytes = || futures_util::stream::once(async { Ok(Bytes::from_static(b"whole")) }).boxed();
        blobs.put("packages/a", bytes()).await.unwrap();
        let touch = |name: &str, seconds: u64| {
            let file = File::create(folder.path().join("packages").join(name)).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
        };
        let whole = File::options().append(true).open(folder.path().join("packages/a")).unwrap();
        whole.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(10)).unwrap();
        touch("a#1", 10);
        touch("b#22", 10);
        touch("c#1", 30);
        touch("d#", 10);
        touch("e#x1", 10);
        assert_eq!(blobs.sweep_unfinished(20_000).await.unwrap(), 2, "a#1 and b#22");
        assert_eq!(blobs.sweep_unfinished(20_000).await.unwrap(), 0);
        assert!(folder.path().join("packages/c#1").exists(), "it may still be written to");
        assert_eq!(blobs.get("packages/a").await.unwrap().0, 5);
    }
}
