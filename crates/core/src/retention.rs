//! What is removed once it is old enough, by a setting or by a rule of its own: what people were told, what applications
//! wrote down, the journal of runs on foreign platforms. A batch at a time, so that no write holds up others for long. What
//! else is removed in time uses [`in_batches`] and stands beside what it is about.

use baigong_model::Result;
use baigong_store::{Tx, foreign_runs, messages, operation_logs};
use futures_util::{FutureExt, future::BoxFuture};

use crate::Platform;

/// How many rows one write removes.
pub(crate) const AT_ONCE: usize = 5000;
/// For how long it is known which task here was which run on a foreign platform, after the task has ended: 90 days. What is
/// still listed there keeps its task beyond that.
const KEEP_FOREIGN_RUNS: i64 = 90 * 24 * 3_600_000;

/// Removes notices and announcements whose validity ended, or that were taken back, as long ago as the settings say. What was
/// sent over channels stands in the notices.
pub async fn remove_messages(platform: &Platform) -> Result<u64> {
    let Some(keep) = platform.config.keep_messages else { return Ok(0) };
    let before = platform.now() - keep;
    in_batches(platform, move |tx| async move { messages::forget(tx, before, AT_ONCE).await }.boxed()).await
}

/// Removes rows of the operation log that were written as long ago as the settings say.
pub async fn remove_operation_logs(platform: &Platform) -> Result<u64> {
    let Some(keep) = platform.config.keep_operation_logs else { return Ok(0) };
    let before = platform.now() - keep;
    in_batches(platform, move |tx| async move { operation_logs::forget(tx, before, AT_ONCE).await }.boxed()).await
}

/// Removes the journal of runs on foreign platforms whose tasks ended long ago.
pub async fn remove_foreign_runs(platform: &Platform) -> Result<u64> {
    let before = platform.now() - KEEP_FOREIGN_RUNS;
    in_batches(platform, move |tx| async move { foreign_runs::forget(tx, before, AT_ONCE).await }.boxed()).await
}

/// Removes batch after batch, each in a write of its own, until one finds nothing; how many rows.
pub(crate) async fn in_batches<F>(platform: &Platform, remove: F) -> Result<u64>
where
    F: for<'t> Fn(&'t Tx) -> BoxFuture<'t, Result<u64>> + Copy + Send + 'static,
{
    let mut removed = 0;
    loop {
        match platform.store.write(move |tx| remove(tx)).await? {
            0 => return Ok(removed),
            batch => removed += batch,
        }
    }
}

#[cfg(test)]
mod tests;
