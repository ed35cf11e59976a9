//! Pushing and popping for requests that may come again: they are done once, and the repetition gets the first answer.

use baigong_model::{Error, Permission, Result, ids::QueueId};
use baigong_store::queue_items::{self as rows, Once};
use sha2::{Digest, Sha256};

use super::{ItemInput, Taken, checked, holder_of, known::live, opened};
use crate::{Caller, Platform};

/// What tells one request from another.
#[derive(Debug, Clone, Copy)]
pub struct Key<'r> {
    /// The request itself, as its sender knows it: a signature.
    pub key: &'r [u8],
    /// All of what it asks.
    pub request: &'r [u8],
    /// Until when it may come again.
    pub keep_until: i64,
}

impl Key<'_> {
    fn of<T>(&self, what: T) -> Once<T> {
        let [hash, request] = [self.key, self.request].map(|bytes| hex::encode(Sha256::digest(bytes)));
        Once { hash, request, keep_until: self.keep_until, what }
    }
}

/// Puts an item into queue `id`, once.
pub async fn push_once(
    platform: &Platform,
    caller: &Caller,
    id: QueueId,
    item: ItemInput,
    key: Key<'_>,
) -> Result<i64> {
    let queue = live(platform, caller, Permission::QueueUse, id).await?;
    let now = platform.now();
    let items = vec![checked(platform, &queue, item, now)?];
    let ids = platform.hot.push_once.submit(key.of(rows::Push { queue_id: id, items, now })).await?;
    ids.first().copied().ok_or_else(|| Error::internal("an item got no id"))
}

/// Takes an item of queue `id` for the caller, once: the repetition gets the same item.
pub async fn pop_once(platform: &Platform, caller: &Caller, id: QueueId, key: Key<'_>) -> Result<Option<Taken>> {
    let queue = live(platform, caller, Permission::QueueUse, id).await?;
    let now = platform.now();
    let lease_until = now + queue.lease_seconds * 1000;
    let pop = rows::Pop { queue_id: id, holder: holder_of(caller), lease_until, now };
    let taken = platform.hot.pop_once.submit(key.of(pop)).await?;
    Ok(opened(platform, taken.into_iter().collect()).await?.pop())
}
