//! Firing what is due. Any number of nodes may look at once: what a trigger's instants come to is worked out first and
//! written only by the node that finds the trigger as it was seen, in one transaction with the tasks.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::Arc,
};

use baigong_model::{
    Error, FiringOutcome, OverlapPolicy, Result, SkipReason,
    ids::{PoolId, TriggerId},
};
use baigong_store::{
    Tx,
    tasks::{self, NewTasks},
    trigger_firings::{self as firings, NewFiring},
    triggers::{self as rows, Advance, Ready},
};
use futures_util::FutureExt;

use super::{
    decide::{self, Calendar, Decided, Skip, Verdict},
    instants::Schedule,
    troubled, warning,
    work::Ground,
};
use crate::{
    Platform,
    notices::{self, Warning},
};

/// How many triggers are looked at in one go.
const BATCH: usize = 1000;
/// How many rows one transaction writes, as far as one trigger does not need more.
const ROWS: usize = 4000;
/// How many firings of a trigger wait for the one before at most.
const MOST_QUEUED: i64 = 100;
/// When to look again where triggers are due that another node holds, milliseconds.
const SOON: i64 = 200;

/// Decides all instants that are due, and sets the alarm for the next. Answers how many rows it wrote.
pub async fn run_once(platform: &Platform) -> Result<usize> {
    // Should it fail, it is tried again at the alarm's next beat, and not at once for ever.
    platform.alarm.set(None);
    let mut written = 0;
    loop {
        let now = platform.now();
        let mut due = rows::due(&platform.store, now, BATCH + platform.troubled.count()).await?;
        due.retain(|ready| !platform.troubled.is_resting(&ready.trigger, now));
        let is_due = !due.is_empty();
        let done = if is_due { fire(platform, due, now).await? } else { 0 };
        written += done;
        if done == 0 {
            // What is due all the same is in another node's hands.
            let soon = if is_due { now + SOON } else { i64::MAX };
            let next = rows::next_due(&platform.store, now).await?;
            platform.alarm.set(Some(next.map_or(soon, |next| next.min(soon))));
            return Ok(written);
        }
    }
}

/// A trigger whose due instants are worked out.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) id: TriggerId,
    /// As it was seen; written only if it is still so.
    pub(super) version: i64,
    pub(super) seen: Option<i64>,
    pub(super) overlap: OverlapPolicy,
    pub(super) decided: Decided,
    pub(super) work: std::result::Result<NewTasks, Skip>,
    /// What its department is told.
    pub(super) warning: Option<Warning>,
}

impl Candidate {
    /// How many rows it may need.
    fn weight(&self) -> usize {
        let tasks = self.work.as_ref().map_or(0, |work| work.pools.len());
        1 + self.decided.instants.len() * (1 + tasks)
    }
}

async fn fire(platform: &Platform, due: Vec<Ready>, now: i64) -> Result<usize> {
    let ground = Ground::of(platform, &due).await?;
    let mut candidates = Vec::with_capacity(due.len());
    for ready in &due {
        match candidate(platform, &ground, ready, now).await {
            Ok(candidate) => candidates.push(candidate),
            Err(error) if is_for_all(&error) => return Err(error),
            // One that cannot be read does not keep the others from firing.
            Err(error) => troubled::rest(platform, &ready.trigger, &error, now).await,
        }
    }
    let (mut written, mut chunk, mut weight) = (0, Vec::new(), 0);
    for candidate in candidates {
        if weight + candidate.weight() > ROWS && !chunk.is_empty() {
            written += write(platform, &due, std::mem::take(&mut chunk), now).await?;
            weight = 0;
        }
        weight += candidate.weight();
        chunk.push(candidate);
    }
    Ok(written + write(platform, &due, chunk, now).await?)
}

async fn candidate(platform: &Platform, ground: &Ground, ready: &Ready, now: i64) -> Result<Candidate> {
    let trigger = &ready.trigger;
    let schedule = Schedule::of(trigger)?;
    let calendar = Calendar::of(platform, trigger.uses_calendar, trigger.calendar_id).await?;
    let first = trigger.next_fire_at.ok_or_else(|| Error::internal("a due trigger has no instant"))?;
    let decided = decide::decide(trigger, &schedule, &calendar, first, now)?;
    let overlap = trigger.overlap_policy.parse().map_err(|()| Error::internal("unknown overlap policy"))?;
    let work = ground.work(ready, now)?;
    let warning = warning::of(trigger, &decided, &schedule.zone);
    Ok(Candidate {
        id: trigger.id,
        version: trigger.version,
        seen: trigger.next_fire_at,
        overlap,
        decided,
        work,
        warning,
    })
}

/// Writes the candidates together or, where that fails, one by one: one that cannot be written does not keep the others from
/// firing.
async fn write(platform: &Platform, due: &[Ready], candidates: Vec<Candidate>, now: i64) -> Result<usize> {
    let candidates = Arc::new(candidates);
    match write_some(platform, &candidates, 0..candidates.len(), now).await {
        Err(error) if !is_for_all(&error) => {}
        together => return together,
    }
    let mut written = 0;
    for (place, candidate) in candidates.iter().enumerate() {
        match write_some(platform, &candidates, place..place + 1, now).await {
            Ok(rows) => written += rows,
            Err(error) if is_for_all(&error) => return Err(error),
            Err(error) => {
                if let Some(ready) = due.iter().find(|ready| ready.trigger.id == candidate.id) {
                    troubled::rest(platform, &ready.trigger, &error, now).await;
                }
            }
        }
    }
    Ok(written)
}

/// Whether it would meet every write.
pub(super) fn is_for_all(error: &Error) -> bool {
    matches!(error, Error::Unavailable(_) | Error::LimitReached(_))
}

async fn write_some(
    platform: &Platform,
    candidates: &Arc<Vec<Candidate>>,
    which: Range<usize>,
    now: i64,
) -> Result<usize> {
    if which.is_empty() {
        return Ok(0);
    }
    let (ours, these) = (candidates.clone(), which.clone());
    let written = platform.store.write(move |tx| async move { settle(tx, &ours[these], now).await }.boxed());
    let (written, pools) = written.await?;
    if platform.troubled.count() > 0 {
        candidates[which.clone()].iter().for_each(|it| platform.troubled.is_well(it.id));
    }
    for (at, verdict) in candidates[which].iter().flat_map(|it| &it.decided.instants).filter(|_| written > 0) {
        if matches!(verdict, Verdict::Fires { .. }) {
            platform.counted.fired(now - at);
        }
    }
    for pool in pools {
        platform.dispatch.wake(pool);
    }
    Ok(written)
}

/// Writes what becomes of the instants of those candidates that are as they were seen. Answers how many rows, and the pools
/// that have new tasks.
pub(super) async fn settle(tx: &Tx, candidates: &[Candidate], now: i64) -> Result<(usize, HashSet<PoolId>)> {
    let ids: Vec<TriggerId> = candidates.iter().map(|candidate| candidate.id).collect();
    let locked = rows::locked(tx, &ids).await?;
    let is_as_seen = |candidate: &&Candidate| {
        let standing = locked.get(&candidate.id);
        standing.is_some_and(|it| (it.version, it.next_fire_at) == (candidate.version, candidate.seen))
    };
    let ours: Vec<&Candidate> = candidates.iter().filter(is_as_seen).collect();
    let mut overlaps = Overlaps::of(tx, &ours).await?;
    let (mut written, mut orders) = (Vec::new(), Orders::default());
    let mut steps = Vec::with_capacity(ours.len());
    for candidate in ours {
        if let Some(warning) = &candidate.warning {
            notices::warn(tx, warning.clone(), now).await?;
        }
        if let Some(run) = candidate.decided.run {
            let skipped = Verdict::Skips((SkipReason::Misfire, None));
            let row = overlaps.row(candidate, run.first, &skipped);
            written.push(NewFiring { run: Some((run.last, run.count)), ..row });
        }
        for (at, verdict) in &candidate.decided.instants {
            let row = overlaps.row(candidate, *at, verdict);
            if let (FiringOutcome::Fired, Ok(work)) = (row.outcome, &candidate.work) {
                orders.add(work.clone(), written.len());
            }
            written.push(row);
        }
        let until = candidate.decided.instants.last().map_or(now, |(at, _)| *at);
        steps.push(Advance {
            id: candidate.id,
            next_fire_at: candidate.decided.next,
            decided_until: until,
            is_armed: true,
        });
    }
    let pools = orders.place(tx, &mut written).await?;
    firings::insert_many(tx, &written, now).await?;
    rows::advance(tx, &steps).await?;
    Ok((written.len(), pools))
}

/// Orders for tasks, each with the row that they belong to.
#[derive(Default)]
pub(super) struct Orders {
    orders: Vec<NewTasks>,
    rows: Vec<usize>,
}

impl Orders {
    fn add(&mut self, order: NewTasks, row: usize) {
        self.orders.push(order);
        self.rows.push(row);
    }

    /// Makes the tasks and writes their ids into their rows; the pools they wait in.
    async fn place(self, tx: &Tx, written: &mut [NewFiring]) -> Result<HashSet<PoolId>> {
        let pools = self.orders.iter().flat_map(|order| order.pools.iter().copied()).collect();
        if !self.orders.is_empty() {
            let made = tasks::insert(tx, Arc::new(self.orders)).await?;
            for (row, ids) in self.rows.into_iter().zip(made) {
                written[row].task_ids = ids?;
            }
        }
        Ok(pools)
    }
}

/// Which triggers have a run under way, and how many firings wait for it.
struct Overlaps {
    busy: HashSet<TriggerId>,
    queued: HashMap<TriggerId, firings::Queued>,
}

impl Overlaps {
    async fn of(tx: &Tx, candidates: &[&Candidate]) -> Result<Self> {
        let with = |wanted: &[OverlapPolicy]| -> Vec<TriggerId> {
            candidates.iter().filter(|it| wanted.contains(&it.overlap)).map(|it| it.id).collect()
        };
        let careful = with(&[OverlapPolicy::Skip, OverlapPolicy::Queue]);
        let busy = rows::with_open_tasks(tx, &careful).await?;
        let queued = firings::queued(tx, &with(&[OverlapPolicy::Queue])).await?;
        Ok(Self { busy, queued })
    }

    /// The row of one instant, without its tasks.
    fn row(&mut self, candidate: &Candidate, at: i64, verdict: &Verdict) -> NewFiring {
        let (outcome, because) = match (verdict, &candidate.work) {
            (Verdict::Skips(skip), _) | (Verdict::Fires { .. }, Err(skip)) => {
                (FiringOutcome::Skipped, Some(skip.clone()))
            }
            (Verdict::Fires { is_late }, Ok(_)) => {
                let late = is_late.then_some((SkipReason::Misfire, None));
                match self.outcome(candidate) {
                    FiringOutcome::Skipped => (FiringOutcome::Skipped, Some((SkipReason::Overlap, None))),
                    outcome => (outcome, late),
                }
            }
        };
        let (reason, detail) = because.unzip();
        NewFiring {
            trigger_id: candidate.id,
            fire_at: at,
            outcome,
            reason,
            detail: detail.flatten(),
            task_ids: Vec::new(),
            run: None,
        }
    }

    /// What the overlap policy makes of an instant that fires; the next instant of the trigger sees it.
    fn outcome(&mut self, candidate: &Candidate) -> FiringOutcome {
        let id = candidate.id;
        let waits = self.queued.get(&id).map_or(0, |queued| queued.waiting);
        match candidate.overlap {
            OverlapPolicy::Parallel => FiringOutcome::Fired,
            _ if waits == 0 && self.busy.insert(id) => FiringOutcome::Fired,
            OverlapPolicy::Queue if waits < MOST_QUEUED => {
                self.queued.entry(id).or_insert(firings::Queued { id: 0, waiting: 0 }).waiting += 1;
                FiringOutcome::Queued
            }
            _ => FiringOutcome::Skipped,
        }
    }
}
