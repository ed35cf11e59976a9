//! Firings that waited for the tasks of an earlier one.

use std::sync::Arc;

use baigong_model::Result;
use baigong_store::{
    Tx,
    tasks::{self, NewTasks},
    trigger_firings::{self as firings, Resolved},
    triggers::{self as rows, Ready},
};
use futures_util::FutureExt;

use super::{TriggerId, decide::Skip, fire::is_for_all, troubled, work::Ground};
use crate::Platform;

/// How many triggers are looked at in one go.
const BATCH: usize = 200;

struct Released {
    id: TriggerId,
    version: i64,
    work: std::result::Result<NewTasks, Skip>,
}

/// Makes the tasks of firings whose turn has come. Answers how many firings it decided. Each trigger is written for itself:
/// one that cannot be does not keep the others waiting.
pub async fn release(platform: &Platform) -> Result<usize> {
    let now = platform.now();
    let mut ready = rows::released(&platform.store, BATCH + platform.troubled.count()).await?;
    ready.retain(|it| !platform.troubled.is_resting(&it.trigger, now));
    if ready.is_empty() {
        return Ok(0);
    }
    let ground = Ground::of(platform, &ready).await?;
    let mut resolved = 0;
    for it in &ready {
        match release_one(platform, &ground, it, now).await {
            Ok(is_resolved) => resolved += usize::from(is_resolved),
            Err(error) if is_for_all(&error) => return Err(error),
            Err(error) => troubled::rest(platform, &it.trigger, &error, now).await,
        }
    }
    Ok(resolved)
}

async fn release_one(platform: &Platform, ground: &Ground, ready: &Ready, now: i64) -> Result<bool> {
    let (id, version, work) = (ready.trigger.id, ready.trigger.version, ground.work(ready, now)?);
    let pools = work.as_ref().map_or_else(|_| Vec::new(), |work| work.pools.clone());
    let released = Released { id, version, work };
    let resolved = platform.store.write(move |tx| async move { resolve(tx, released, now).await }.boxed()).await?;
    if resolved {
        pools.into_iter().for_each(|pool| platform.dispatch.wake(pool));
    }
    Ok(resolved)
}

/// Decides the oldest waiting firing of a trigger that is as it was seen.
async fn resolve(tx: &Tx, it: Released, now: i64) -> Result<bool> {
    let ids = [it.id];
    let standing = rows::locked(tx, &ids).await?.remove(&it.id);
    if standing.is_none_or(|standing| standing.version != it.version) {
        return Ok(false);
    }
    let is_busy = rows::with_open_tasks(tx, &ids).await?.contains(&it.id);
    let queued = firings::queued(tx, &ids).await?.remove(&it.id);
    let Some(firing) = queued.filter(|_| !is_busy) else { return Ok(false) };
    let outcome = match it.work {
        Err(skip) => Resolved { id: firing.id, skipped: Some(skip), task_ids: Vec::new() },
        Ok(work) => {
            let made = tasks::insert(tx, Arc::new(vec![work])).await?;
            let task_ids = made.into_iter().collect::<Result<Vec<_>>>()?.concat();
            Resolved { id: firing.id, skipped: None, task_ids }
        }
    };
    firings::resolve(tx, &outcome, now).await.map(|()| true)
}
