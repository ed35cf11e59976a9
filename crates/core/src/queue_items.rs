//! Items of data queues (T/TSAC 002-2025, 5.5): push, pop and finish for people and programs, and what the owners of a
//! queue do with its items. Tasks use the same rows through `robot_sessions::call`.

mod change;
mod export;
mod filter;
mod import;
mod input;
mod known;
mod named;
mod once;
mod settle;
#[cfg(test)]
mod tests;
mod vault;
mod view;

use std::sync::Arc;

use baigong_model::{
    Error, Permission, Result,
    ids::{QueueId, QueueItemId},
};
use baigong_store::queue_items as rows;
use futures_util::{FutureExt, future::join_all};
use known::{live, seen};

pub use baigong_store::queue_items::Outcome;
pub use change::{ItemChange, clear, delete, requeue, update};
pub use export::{Export, ExportFormat, ShowTime, export};
pub use filter::Vocabulary;
pub use import::{Import, ReadTime, import};
pub use input::ItemInput;
pub(crate) use input::checked;
pub use known::KnownQueues;
pub use named::{by_name, known, robots_of};
pub use once::{pop_once, push_once};
pub use settle::{Verdict, settle};
pub(crate) use vault::vault;
pub(crate) use view::opened;
pub use view::{Item, ItemFilter, Taken, TakenFrom, list, query};

use crate::{Caller, Platform};

/// The most items of one call.
pub const MOST_AT_ONCE: usize = 1000;
/// The longest reason that is kept, in letters.
const LONGEST_REASON: usize = 4000;

/// Puts `items` into queue `id`, all or none; they are durable when this answers.
pub async fn push(
    platform: &Platform,
    caller: &Caller,
    id: QueueId,
    items: Vec<ItemInput>,
) -> Result<Vec<QueueItemId>> {
    let queue = live(platform, caller, Permission::QueueUse, id).await?;
    if items.is_empty() || items.len() > MOST_AT_ONCE {
        return Err(Error::invalid("items", format!("between 1 and {MOST_AT_ONCE} can be pushed at once")));
    }
    let now = platform.now();
    let items = items.into_iter().map(|item| checked(platform, &queue, item, now)).collect::<Result<_>>()?;
    platform.hot.push.submit(rows::Push { queue_id: id, items, now }).await
}

/// Takes up to `count` items of queue `id` for the caller, for the time of the queue's lease: the most urgent first, then
/// the oldest.
pub async fn pop(platform: &Platform, caller: &Caller, id: QueueId, count: usize) -> Result<Vec<Taken>> {
    let queue = live(platform, caller, Permission::QueueUse, id).await?;
    if !(1..=MOST_AT_ONCE).contains(&count) {
        return Err(Error::invalid("count", format!("must be between 1 and {MOST_AT_ONCE}")));
    }
    let (now, holder) = (platform.now(), holder_of(caller));
    let lease_until = now + queue.lease_seconds * 1000;
    let one = || platform.hot.pop.submit(rows::Pop { queue_id: id, holder: holder.clone(), lease_until, now });
    let answers = if count == 1 { vec![one().await] } else { join_all((0..count).map(|_| one())).await };
    let (mut taken, mut trouble) = (Vec::with_capacity(count), None);
    for answer in answers {
        match answer {
            Ok(item) => taken.extend(item),
            Err(error) => trouble = Some(error),
        }
    }
    // What is taken is the caller's until its lease ends: it is not kept from them because of the rest.
    trouble.filter(|_| taken.is_empty()).map_or(Ok(()), Err)?;
    opened(platform, taken).await
}

/// An item as the caller took it.
#[derive(Debug, Clone, Copy)]
pub struct Grip {
    /// Its queue.
    pub queue_id: QueueId,
    /// The item.
    pub item_id: QueueItemId,
    /// The fence it was taken with.
    pub fence: i64,
}

impl Grip {
    fn held(&self, caller: &Caller) -> rows::Held {
        let holder = holder_of(caller).to_string();
        rows::Held { item_id: self.item_id, queue_id: Some(self.queue_id), holder, fence: self.fence }
    }
}

/// Ends the work on an item; answers the state it went to.
pub async fn finish(platform: &Platform, caller: &Caller, grip: Grip, outcome: rows::Outcome) -> Result<&'static str> {
    let mut ended = finish_all(platform, caller, grip.queue_id, vec![(grip.item_id, grip.fence, outcome)]).await?;
    ended.pop().ok_or_else(|| Error::internal("an end without an answer"))?
}

/// Ends the work on several items of a queue, each for itself; answers the state that each went to.
pub async fn finish_all(
    platform: &Platform,
    caller: &Caller,
    id: QueueId,
    ends: Vec<(QueueItemId, i64, rows::Outcome)>,
) -> Result<Vec<Result<&'static str>>> {
    seen(platform, caller, Permission::QueueUse, id).await?;
    if ends.is_empty() || ends.len() > MOST_AT_ONCE {
        return Err(Error::invalid("items", format!("between 1 and {MOST_AT_ONCE} can be ended at once")));
    }
    let (now, holder, vault) = (platform.now(), holder_of(caller), vault(platform));
    let mut waiting = Vec::with_capacity(ends.len());
    for (item_id, fence, outcome) in ends {
        let (holder, vault) = (holder.clone(), vault.clone());
        let outcome = bounded(outcome)?;
        waiting.push(rows::Finish { item_id, queue_id: Some(id), holder, fence, outcome, now, vault });
    }
    Ok(join_all(waiting.into_iter().map(|finish| platform.hot.finish.submit(finish))).await)
}

fn bounded(outcome: rows::Outcome) -> Result<rows::Outcome> {
    let checked = |reason: &str| match reason.chars().count() {
        0..=LONGEST_REASON if !reason.contains('\0') => Ok(()),
        _ => Err(Error::invalid("reason", format!("must have at most {LONGEST_REASON} letters and no NUL"))),
    };
    match &outcome {
        rows::Outcome::Succeeded(Some(output)) if output.len() > input::MAX_PAYLOAD => {
            let most = input::MAX_PAYLOAD;
            return Err(Error::invalid("output", format!("is {} bytes; at most {most} are allowed", output.len())));
        }
        rows::Outcome::Succeeded(_) => {}
        rows::Outcome::BusinessFailure(reason) | rows::Outcome::ApplicationFailure(reason) => checked(reason)?,
    }
    Ok(outcome)
}

/// Keeps an item for another lease of its queue; answers until when.
pub async fn renew(platform: &Platform, caller: &Caller, grip: Grip) -> Result<i64> {
    let queue = seen(platform, caller, Permission::QueueUse, grip.queue_id).await?;
    let (held, until) = (grip.held(caller), platform.now() + queue.lease_seconds * 1000);
    platform.store.write(move |tx| async move { rows::renew(tx, &held, until).await }.boxed()).await?;
    Ok(until)
}

/// Gives an item back as if it had not been taken, to be taken again from `available_at` on; answers its state.
pub async fn release(
    platform: &Platform,
    caller: &Caller,
    grip: Grip,
    available_at: Option<i64>,
) -> Result<&'static str> {
    seen(platform, caller, Permission::QueueUse, grip.queue_id).await?;
    let (held, now) = (grip.held(caller), platform.now());
    let from = available_at.unwrap_or(now);
    platform.store.write(move |tx| async move { rows::release(tx, &held, from, now).await }.boxed()).await
}

/// How a caller is written as the holder of an item: by id, because a name can be anything.
fn holder_of(caller: &Caller) -> Arc<str> {
    format!("user {}", caller.id()).into()
}
