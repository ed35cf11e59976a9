//! What becomes of an item, told by a caller who knows no fences: whoever holds it now is asked, as the item is now.

use baigong_model::{Error, Permission, Result, ids::QueueId};
use baigong_store::queue_items::{self as rows, Outcome};

use super::{Grip, finish, known::seen, release, renew, requeue};
use crate::{Caller, Platform};

/// What a caller says of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It ended well.
    Succeeded,
    /// It ended badly, and is not tried again.
    Failed,
    /// This try failed: it is tried again, as often as its queue allows.
    Retry,
    /// It goes back as if it had not been taken; one that has ended begins anew.
    Back,
    /// It is still being worked on.
    Kept,
}

/// Does what the verdict says with an item that the caller holds, or with one that has ended.
pub async fn settle(
    platform: &Platform,
    caller: &Caller,
    id: QueueId,
    item: i64,
    verdict: Verdict,
    note: Option<String>,
) -> Result<()> {
    seen(platform, caller, Permission::QueueUse, id).await?;
    let row = rows::find(&platform.store, id, item).await?.filter(|row| row.state != rows::DELETED);
    let row = row.ok_or_else(|| Error::not_found("queue item", item))?;
    if row.state != rows::RUNNING {
        let has_ended = !matches!(row.state.as_str(), rows::NEW | rows::POSTPONED);
        return match verdict {
            Verdict::Back if has_ended => requeue(platform, caller, id, vec![item], None).await,
            _ => Err(Error::conflict(format!("queue item {item} is not held: it is {}", row.state))),
        };
    }
    let grip = Grip { queue_id: id, item_id: item, fence: row.fence };
    let reason = note.clone().unwrap_or_default();
    let outcome = match verdict {
        Verdict::Succeeded => {
            let output = note.map(|note| serde_json::to_string(&note)).transpose().map_err(Error::internal)?;
            Outcome::Succeeded(output)
        }
        Verdict::Failed => Outcome::BusinessFailure(reason),
        Verdict::Retry => Outcome::ApplicationFailure(reason),
        Verdict::Back => return release(platform, caller, grip, None).await.map(drop),
        Verdict::Kept => return renew(platform, caller, grip).await.map(drop),
    };
    finish(platform, caller, grip, outcome).await.map(drop)
}
