//! How the platform is doing, in numbers, for whoever watches it. What is counted in passing costs an addition; what has to
//! be looked up is looked up when asked for, and not more often than every few seconds.

use std::sync::{
    PoisonError, RwLock,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use baigong_model::{Result, TaskState};
use baigong_store::{notices, tasks::StepAnswer, vitals as rows};

use crate::Platform;

/// For how long what was looked up is shown again.
const FRESH_FOR: i64 = 5_000;

/// One number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vital {
    /// Its name, as Prometheus wants it.
    pub name: &'static str,
    /// What it says.
    pub about: &'static str,
    /// Which part of it, name and value.
    pub labels: Vec<(&'static str, String)>,
    /// Whether it only grows.
    pub only_grows: bool,
    /// The number.
    pub value: u64,
}

/// What is counted in passing, since this node started.
#[derive(Default)]
pub struct Counted {
    leases_expired: AtomicU64,
    /// By [`TaskState`].
    ends: [AtomicU64; TaskState::ALL.len()],
    firings: AtomicU64,
    trigger_lag: AtomicI64,
    looked_up: RwLock<Option<(i64, Vec<Vital>)>>,
}

impl Counted {
    /// Robots let so many leases of tasks end.
    pub(crate) fn leases_expired(&self, number: usize) {
        self.leases_expired.fetch_add(count(number), Ordering::Relaxed);
    }

    /// A task has taken a step, maybe its last.
    pub(crate) fn stepped(&self, answer: &StepAnswer) {
        if answer.changed && answer.state.is_final() {
            self.ends[answer.state as usize].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// So many tasks have ended together.
    pub(crate) fn ended(&self, state: TaskState, number: usize) {
        self.ends[state as usize].fetch_add(count(number), Ordering::Relaxed);
    }

    /// A trigger has fired, so many milliseconds after it was due.
    pub fn fired(&self, milliseconds_late: i64) {
        self.firings.fetch_add(1, Ordering::Relaxed);
        self.trigger_lag.store(milliseconds_late.max(0), Ordering::Relaxed);
    }
}

/// All numbers now.
pub async fn read(platform: &Platform) -> Result<Vec<Vital>> {
    let mut all = in_passing(platform);
    all.extend(looked_up(platform).await?);
    Ok(all)
}

fn in_passing(platform: &Platform) -> Vec<Vital> {
    let counted = &platform.counted;
    let number = |name, about, only_grows, value| Vital { name, about, labels: vec![], only_grows, value };
    let pulse = platform.store.pulse();
    let mut all = vec![
        number("baigong_robots_online", "Robots connected to this node.", false, count(platform.links.robots().len())),
        number(
            "baigong_task_leases_expired_total",
            "Leases of tasks that robots let end.",
            true,
            counted.leases_expired.load(Ordering::Relaxed),
        ),
        number("baigong_trigger_firings_total", "Firings of triggers.", true, counted.firings.load(Ordering::Relaxed)),
        number(
            "baigong_trigger_lag_milliseconds",
            "How long after its time the last trigger fired.",
            false,
            u64::try_from(counted.trigger_lag.load(Ordering::Relaxed)).unwrap_or(0),
        ),
        number("baigong_commits_total", "Transactions that wrote.", true, pulse.commits),
        number("baigong_commit_jobs_total", "Pieces of work in them; a batch is one.", true, pulse.jobs),
        number("baigong_write_batches_total", "Batches of hot writes: tasks, queue items, logs.", true, pulse.batches),
        number("baigong_batched_writes_total", "Hot writes in them.", true, pulse.items),
    ];
    for state in TaskState::ALL.into_iter().filter(|state| state.is_final()) {
        all.push(Vital {
            name: "baigong_task_ends_total",
            about: "Tasks that ended on this node, by how they ended.",
            labels: vec![("state", state.as_str().to_owned())],
            only_grows: true,
            value: counted.ends[state as usize].load(Ordering::Relaxed),
        });
    }
    all
}

async fn looked_up(platform: &Platform) -> Result<Vec<Vital>> {
    let now = platform.now();
    if let Some((at, known)) = &*platform.counted.looked_up.read().unwrap_or_else(PoisonError::into_inner)
        && (0..FRESH_FOR).contains(&(now - at))
    {
        return Ok(known.clone());
    }
    let mut found = Vec::new();
    for (state, value) in rows::tasks_under_way(&platform.store).await? {
        found.push(Vital {
            name: "baigong_tasks",
            about: "Tasks under way, by state.",
            labels: vec![("state", state)],
            only_grows: false,
            value: u64::try_from(value).unwrap_or(0),
        });
    }
    let gauge = |name, about, value| Vital { name, about, labels: vec![], only_grows: false, value };
    let ready = rows::items_ready(&platform.store, now).await?;
    let ready = u64::try_from(ready).unwrap_or(0);
    found.push(gauge("baigong_queue_items_ready", "Queue items that wait to be taken.", ready));
    let pending = notices::count_pending(&platform.store).await?;
    found.push(gauge("baigong_notices_pending", "Notices that are not sent yet.", pending));
    *platform.counted.looked_up.write().unwrap_or_else(PoisonError::into_inner) = Some((now, found.clone()));
    Ok(found)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::on_both;

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_looked_up_is_kept_for_a_few_seconds() {
        on_both(async |world| {
            let queued = async || {
                let all = read(&world.platform).await.unwrap();
                let queued = all.iter().find(|vital| vital.labels == [("state", "queued".to_owned())]).cloned();
                queued.unwrap().value
            };
            assert_eq!(queued().await, 0);
            let process = world.process(world.north, "p").await;
            crate::notices::tests::task(world, process, false, None).await;
            assert_eq!(queued().await, 0, "it is kept");
            world.clock.advance(FRESH_FOR);
            assert_eq!(queued().await, 1);
        })
        .await;
    }
}
