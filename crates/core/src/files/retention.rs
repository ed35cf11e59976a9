//! What becomes of bytes that nobody can fetch any more: those of deleted files after a while, and those that an upload left
//! behind without a row.

use baigong_model::Result;
use baigong_store::files as rows;
use futures_util::{FutureExt, TryStreamExt};

use super::content::PREFIX;
use crate::Platform;

/// How long the bytes of a deleted file are kept, for whoever deleted the wrong one and has a copy of the database.
const KEEP_DELETED: i64 = 30 * 24 * 3_600_000;
/// How old bytes without a row must be: an upload may still be on its way to its row.
const SETTLED: i64 = 24 * 3_600_000;
/// So many are looked at together.
const BATCH: usize = 500;

/// Removes the bytes of files that were deleted long ago. Answers how many versions lost theirs.
pub async fn remove_deleted(platform: &Platform) -> Result<u64> {
    let before = platform.now() - KEEP_DELETED;
    let mut removed = 0;
    loop {
        let batch = rows::removed_before(&platform.store, before).await?;
        if batch.is_empty() {
            return Ok(removed);
        }
        removed += batch.len() as u64;
        let (ids, keys): (Vec<i64>, Vec<String>) = batch.into_iter().unzip();
        // The rows first: a row must not point at bytes that are gone. What is left over then is swept up.
        platform.store.write(move |tx| async move { rows::drop_removed(tx, &ids).await }.boxed()).await?;
        for key in keys {
            platform.blobs.delete(&key).await?;
        }
    }
}

/// Removes bytes that belong to no version, and what broken-off writes of any blobs have left behind, once they are a day old.
/// Answers how many.
pub async fn sweep(platform: &Platform) -> Result<u64> {
    let before = platform.now() - SETTLED;
    let made_at = |key: &str| key.strip_prefix(PREFIX)?.strip_prefix('/')?.split('-').next()?.parse::<i64>().ok();
    let mut keys = platform.blobs.list(PREFIX).try_chunks(BATCH);
    let mut removed = platform.blobs.sweep_unfinished(before).await?;
    while let Some(batch) = keys.try_next().await.map_err(|error| error.1)? {
        let old: Vec<String> = batch.into_iter().filter(|key| made_at(key).is_some_and(|at| at < before)).collect();
        if old.is_empty() {
            continue;
        }
        let known = rows::known_blobs(&platform.store, &old).await?;
        for key in old.iter().filter(|key| !known.contains(*key)) {
            platform.blobs.delete(key).await?;
            removed += 1;
        }
    }
    Ok(removed)
}
