//! Looking at what came of a trigger's instants, as long as it is kept.

use baigong_model::{Error, FiringOutcome, Page, PageOf, Permission, Result, ids::TriggerId};
use baigong_store::{
    entity::trigger_firing,
    trigger_firings::{self as rows, Filter},
    triggers,
};
use futures_util::FutureExt;

use crate::{
    Caller, Platform,
    retention::{AT_ONCE, in_batches},
};

/// Which firings of a trigger.
#[derive(Debug, Clone, Copy, Default)]
pub struct FiringFilter {
    /// Only with this outcome.
    pub outcome: Option<FiringOutcome>,
    /// Only of instants from this one on, milliseconds since the epoch.
    pub from: Option<i64>,
    /// Only of instants up to this one.
    pub until: Option<i64>,
}

/// Removes what came of instants long ago, after the time that the settings say; how many rows. The latest of each trigger
/// stay, and whatever still waits.
pub async fn forget(platform: &Platform) -> Result<u64> {
    let Some(keep) = platform.config.keep_firings else { return Ok(0) };
    let before = platform.now() - keep;
    in_batches(platform, move |tx| async move { rows::forget(tx, before, AT_ONCE).await }.boxed()).await
}

/// A page of firings and skips of the trigger `id`, the latest instant first.
pub async fn firings(
    platform: &Platform,
    caller: &Caller,
    id: TriggerId,
    filter: FiringFilter,
    page: Page,
) -> Result<PageOf<trigger_firing::Model>> {
    caller.need(Permission::TriggerRead)?;
    let trigger = triggers::find(&platform.store, caller.scope(), id).await?;
    trigger.ok_or_else(|| Error::not_found("trigger", id))?;
    let filter = Filter { trigger_id: id, outcome: filter.outcome, from: filter.from, until: filter.until };
    let total = rows::count(&platform.store, &filter).await?;
    Ok(PageOf { rows: rows::page(&platform.store, &filter, page).await?, total })
}
