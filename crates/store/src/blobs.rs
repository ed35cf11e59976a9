//! Packages, artifacts, recordings: large things that the database only points at. A local folder by default. Keys are
//! made here and are never a client's path.

use std::{path::Path, sync::Arc};

use baigong_model::{Error, Result};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart, local::LocalFileSystem};

/// Where blobs lie. Cheap to clone.
#[derive(Clone)]
pub struct Blobs(Arc<dyn ObjectStore>);

impl Blobs {
    /// Blobs as files below `folder`, which is made if it is absent.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        let made = std::fs::create_dir_all(folder);
        made.map_err(|error| Error::unavailable(format!("{}: {error}", folder.display())))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(Error::internal)?.with_fsync(true);
        Ok(Self(Arc::new(store)))
    }

    /// Stores what `body` yields under `key`; nothing is there unless all of it is. Answers how many bytes.
    pub async fn put(&self, key: &str, mut body: BoxStream<'_, Result<Bytes>>) -> Result<u64> {
        let upload = self.0.put_multipart(&key.into()).await.map_err(translate)?;
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
        let found = self.0.get(&key.into()).await.map_err(translate)?;
        let size = found.meta.size;
        Ok((size, found.into_stream().map_err(translate).boxed()))
    }

    /// The keys of all that is stored below `prefix`, in no order.
    pub fn list(&self, prefix: &str) -> BoxStream<'static, Result<String>> {
        let keys = self.0.list(Some(&prefix.into()));
        keys.map_ok(|found| found.location.to_string()).map_err(translate).boxed()
    }

    /// Removes what is stored under `key`. What is gone already, because another node was first, is no error.
    pub async fn delete(&self, key: &str) -> Result<()> {
        match self.0.delete(&key.into()).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            outcome => outcome.map_err(translate),
        }
    }
}

fn translate(error: object_store::Error) -> Error {
    let text = error.to_string();
    match error {
        object_store::Error::NotFound { path, .. } => Error::not_found("file", path),
        _ if text.contains("No space left") => Error::unavailable("the disk is full: free some space and try again"),
        other => Error::internal(other),
    }
}
