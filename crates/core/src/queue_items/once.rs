//! Pushing and popping for requests that may come again: they are done once, and the repetition gets the first answer.

use baigong_model::{Error, Permission, Result, ids::QueueId};
use baigong_store::queue_items::{self as rows, Once};

use super::{ItemInput, Taken, checked, holder_of, known::live, opened};
use crate::{Caller, Platform, first_answers::Key};

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
    let ids =
        platform.hot.push_once.submit(Once { key: key.row(), what: rows::Push { queue_id: id, items, now } }).await?;
    ids.first().copied().ok_or_else(|| Error::internal("an item got no id"))
}

/// Takes an item of queue `id` for the caller, once: the repetition gets the same item.
pub async fn pop_once(platform: &Platform, caller: &Caller, id: QueueId, key: Key<'_>) -> Result<Option<Taken>> {
    let queue = live(platform, caller, Permission::QueueUse, id).await?;
    let now = platform.now();
    let lease_until = now + queue.lease_seconds * 1000;
    let pop = rows::Pop { queue_id: id, holder: holder_of(caller), lease_until, now };
    let taken = platform.hot.pop_once.submit(Once { key: key.row(), what: pop }).await?;
    Ok(opened(platform, taken.into_iter().collect()).await?.pop())
}

#[cfg(test)]
mod tests;
