//! Firings that waited for the tasks of an earlier one.

use std::sync::Arc;

use baigong_model::{Result, ids::TriggerId};
use baigong_store::{
    Tx,
    tasks::{self, NewTasks},
    trigger_firings::{self as firings, Resolved},
    triggers as rows,
};
use futures_util::FutureExt;

use super::{decide::Skip, work::Ground};
use crate::Platform;

/// How many triggers are looked at in one go.
const BATCH: usize = 200;

struct Released {
    id: TriggerId,
    version: i64,
    work: std::result::Result<NewTasks, Skip>,
}

/// Makes the tasks of firings whose turn has come. Answers how many firings it decided.
pub async fn release(platform: &Platform) -> Result<usize> {
    let now = platform.now();
    let ready = rows::released(&platform.store, BATCH).await?;
    if ready.is_empty() {
        return Ok(0);
    }
    let ground = Ground::of(platform, &ready).await?;
    let released: Result<Vec<Released>> = ready
        .iter()
        .map(|it| Ok(Released { id: it.trigger.id, version: it.trigger.version, work: ground.work(it, now)? }))
        .collect();
    let released = Arc::new(released?);
    let ours = released.clone();
    let resolved = platform.store.write(move |tx| async move { resolve(tx, &ours, now).await }.boxed()).await?;
    for work in released.iter().filter_map(|it| it.work.as_ref().ok()) {
        work.pools.iter().for_each(|pool| platform.dispatch.wake(*pool));
    }
    Ok(resolved)
}

/// Decides the oldest waiting firing of each trigger that is as it was seen.
async fn resolve(tx: &Tx, released: &[Released], now: i64) -> Result<usize> {
    let ids: Vec<TriggerId> = released.iter().map(|it| it.id).collect();
    let locked = rows::locked(tx, &ids).await?;
    let busy = rows::with_open_tasks(tx, &ids).await?;
    let queued = firings::queued(tx, &ids).await?;
    let mut resolved = 0;
    for it in released {
        let is_as_seen = locked.get(&it.id).is_some_and(|standing| standing.version == it.version);
        let Some(firing) = queued.get(&it.id).filter(|_| is_as_seen && !busy.contains(&it.id)) else { continue };
        let outcome = match &it.work {
            Err(skip) => Resolved { id: firing.id, skipped: Some(skip.clone()), task_ids: Vec::new() },
            Ok(work) => {
                let made = tasks::insert(tx, Arc::new(vec![work.clone()])).await?;
                let task_ids = made.into_iter().flatten().flatten().collect();
                Resolved { id: firing.id, skipped: None, task_ids }
            }
        };
        firings::resolve(tx, &outcome, now).await?;
        resolved += 1;
    }
    Ok(resolved)
}
