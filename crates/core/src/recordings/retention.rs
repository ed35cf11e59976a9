//! How long recordings are kept, by a setting.

use baigong_model::Result;
use baigong_store::recordings as rows;
use futures_util::{FutureExt, TryStreamExt};

use super::PREFIX;
use crate::Platform;

/// Removes recordings that are older than they are to be kept. Answers how many.
pub async fn remove_old(platform: &Platform) -> Result<u64> {
    let Some(keep) = platform.config.keep_recordings else { return Ok(0) };
    let before = platform.now() - keep;
    let mut removed = 0;
    loop {
        let ids = rows::ended_before(&platform.store, before).await?;
        if ids.is_empty() {
            return Ok(removed);
        }
        removed += ids.len() as u64;
        // The bytes first: while the rows are there, the next round finds what this one left behind.
        for id in &ids {
            let keys: Vec<String> = platform.blobs.list(&format!("{PREFIX}/{id}")).try_collect().await?;
            for key in keys {
                platform.blobs.delete(&key).await?;
            }
        }
        platform.store.write(move |tx| async move { rows::remove(tx, &ids).await }.boxed()).await?;
    }
}
