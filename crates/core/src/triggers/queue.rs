//! Triggers that fire when enough items are ready in a data queue.

use std::collections::HashSet;

use baigong_model::{FiringOutcome, OverlapPolicy, Result, SkipReason, TaskState, ids::TriggerId};
use baigong_store::{
    entity::trigger_firing,
    tasks,
    trigger_firings::{self as firings, NewFiring},
    triggers::{self as rows, Advance, Ready},
};
use futures_util::FutureExt;
use jiff::{Timestamp, tz::TimeZone};

use super::{
    decide::{Calendar, Skip},
    fire::is_for_all,
    instants::bounded_zone,
    troubled,
    work::Ground,
};
use crate::Platform;

/// After a run that did not succeed the next waits so long: items that nobody can work on must not start one run after the
/// other.
const PAUSE: i64 = 60_000;

/// What a look at a trigger's queue comes to.
enum Finding {
    Nothing,
    /// The queue is below the threshold again.
    Arms,
    Fires(Box<tasks::NewTasks>),
    Skips(Skip),
}

/// Looks at every queue that a trigger waits for. Answers how many rows were written.
///
/// A trigger fires when at least its threshold of items is ready and no task of it is under way; when its run has ended
/// and there are still enough, it fires again. One whose runs may be parallel fires once each time its queue reaches the
/// threshold.
pub async fn look(platform: &Platform) -> Result<usize> {
    let now = platform.now();
    let watching = rows::watching(&platform.store).await?;
    if watching.is_empty() {
        return Ok(0);
    }
    let ids: Vec<TriggerId> = watching.iter().map(|ready| ready.trigger.id).collect();
    let busy = rows::with_open_tasks(platform.store.reader(), &ids).await?;
    let ground = Ground::of(platform, &watching).await?;
    let mut written = 0;
    for ready in watching.iter().filter(|ready| !platform.troubled.is_resting(&ready.trigger, now)) {
        let outcome = match find(platform, &ground, ready, &busy, now).await {
            Ok(finding) => write(platform, ready, finding, now).await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(rows) => written += rows,
            Err(error) if is_for_all(&error) => return Err(error),
            Err(error) => troubled::rest(platform, &ready.trigger, &error, now).await,
        }
    }
    Ok(written)
}

async fn find(
    platform: &Platform,
    ground: &Ground,
    ready: &Ready,
    busy: &HashSet<TriggerId>,
    now: i64,
) -> Result<Finding> {
    let trigger = &ready.trigger;
    let is_parallel = trigger.overlap_policy == OverlapPolicy::Parallel.as_str();
    let is_free = if is_parallel { true } else { !busy.contains(&trigger.id) };
    let is_in_time = trigger.start_at.is_none_or(|start| start <= now) && trigger.end_at.is_none_or(|end| now <= end);
    let Some(queue) = trigger.queue_id.filter(|_| is_free && is_in_time) else { return Ok(Finding::Nothing) };
    let zone = bounded_zone(&trigger.time_zone, trigger.start_at, trigger.end_at)?;
    if ready.queue_is_deleted {
        return told_once(platform, trigger.id, (SkipReason::QueueDeleted, None), &zone, now).await;
    }
    let waiting = rows::items_ready(&platform.store, queue, now, trigger.queue_threshold).await?;
    if waiting < trigger.queue_threshold {
        return Ok(if trigger.is_armed { Finding::Nothing } else { Finding::Arms });
    }
    if !trigger.is_armed && (is_parallel || pauses(platform, trigger.id, now).await?) {
        return Ok(Finding::Nothing);
    }
    let calendar = Calendar::of(platform, trigger.uses_calendar, trigger.calendar_id).await?;
    let skip = match calendar.skips(now, &zone) {
        Some(skip) => skip,
        None => match ground.work(ready, now)? {
            Ok(work) => return Ok(Finding::Fires(Box::new(work))),
            Err(skip) => skip,
        },
    };
    told_once(platform, trigger.id, skip, &zone, now).await
}

/// Whether the last run did not succeed, a moment ago.
async fn pauses(platform: &Platform, trigger: TriggerId, now: i64) -> Result<bool> {
    let run = firings::last_run(&platform.store, trigger).await?;
    let has_succeeded = run.iter().any(|(state, _)| state == TaskState::Succeeded.as_str());
    let ended = run.iter().filter_map(|(_, ended)| *ended).max();
    Ok(!has_succeeded && ended.is_some_and(|ended| (0..PAUSE).contains(&(now - ended))))
}

/// A skip, unless the latest row says the same of the same day: a queue that waits is told once a day.
async fn told_once(platform: &Platform, trigger: TriggerId, skip: Skip, zone: &TimeZone, now: i64) -> Result<Finding> {
    let date = |at| Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(zone.clone()).date();
    let latest = firings::latest(&platform.store, trigger).await?;
    let is_told =
        |row: trigger_firing::Model| row.reason.as_deref() == Some(skip.0.as_str()) && date(row.fire_at) == date(now);
    Ok(if latest.is_some_and(is_told) { Finding::Nothing } else { Finding::Skips(skip) })
}

/// Writes what was found, if the trigger is as it was seen.
async fn write(platform: &Platform, ready: &Ready, finding: Finding, now: i64) -> Result<usize> {
    let (id, version, seen) = (ready.trigger.id, ready.trigger.version, ready.trigger.decided_until);
    if matches!(finding, Finding::Nothing) {
        return Ok(0);
    }
    // Its rows stand in the order of their instants, whatever the clock does.
    let at = seen.map_or(now, |seen| now.max(seen + 1));
    let pools = match &finding {
        Finding::Fires(work) => work.pools.clone(),
        _ => Vec::new(),
    };
    let written = platform.store.write(move |tx| {
        async move {
            let standing = rows::locked(tx, &[id]).await?.remove(&id);
            if standing.is_none_or(|it| (it.version, it.decided_until) != (version, seen)) {
                return Ok(0);
            }
            let mut row = NewFiring {
                trigger_id: id,
                fire_at: at,
                outcome: FiringOutcome::Skipped,
                reason: None,
                detail: None,
                task_ids: Vec::new(),
                run: None,
            };
            let is_armed = match finding {
                Finding::Nothing => return Ok(0),
                Finding::Arms => return rows::arm(tx, &[id]).await.map(|()| 0),
                Finding::Fires(work) => {
                    let made = tasks::insert(tx, std::sync::Arc::new(vec![*work])).await?;
                    row.task_ids = made.into_iter().collect::<Result<Vec<_>>>()?.concat();
                    row.outcome = FiringOutcome::Fired;
                    false
                }
                Finding::Skips((reason, detail)) => {
                    (row.reason, row.detail) = (Some(reason), detail);
                    true
                }
            };
            firings::insert_many(tx, &[row], now).await?;
            let step = Advance { id, next_fire_at: None, decided_until: at, is_armed };
            rows::advance(tx, &[step]).await.map(|()| 1)
        }
        .boxed()
    });
    let written = written.await?;
    if written > 0 {
        pools.into_iter().for_each(|pool| platform.dispatch.wake(pool));
    }
    Ok(written)
}
