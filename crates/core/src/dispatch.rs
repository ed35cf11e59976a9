//! Giving queued tasks to free robots. One round claims in one write; it is woken by new tasks and by robots that become
//! free, and looks at everything from time to time in case a wake was lost or came from another node.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use baigong_model::{
    LogLevel, Result,
    ids::{PoolId, RobotId},
};
use baigong_protocol::{Assign, PackageRef, TaskRef, ToRobot, paths};
use baigong_store::{entity::task, tasks as rows};
use futures_util::FutureExt;
use tokio::sync::Notify;

use crate::{Platform, parameters, recordings, robot_sessions};

/// How many tasks one round gives out of one pool at most: a round stays short, and the next follows at once.
const PER_POOL: usize = 64;

/// What the dispatcher has been told since it last looked.
#[derive(Default)]
pub struct Dispatch {
    pools: Mutex<HashSet<PoolId>>,
    /// Pools that another node spoke of: nobody is told of them again.
    heard: Mutex<HashSet<PoolId>>,
    /// Pools whose new tasks were most likely given already.
    doubted: Mutex<HashSet<PoolId>>,
    robots: Mutex<HashSet<RobotId>>,
    notify: Notify,
    /// One claim at a time: two at once would give one robot's place away twice.
    claiming: tokio::sync::Mutex<()>,
}

impl Dispatch {
    /// A task of `pool` waits.
    pub fn wake(&self, pool: PoolId) {
        self.pools.lock().unwrap_or_else(PoisonError::into_inner).insert(pool);
        self.notify.notify_one();
    }

    /// A task of `pool` waits unless the claim that followed its creation has given it: that is looked up first.
    pub(crate) fn wake_if_waiting(&self, pool: PoolId) {
        self.doubted.lock().unwrap_or_else(PoisonError::into_inner).insert(pool);
        self.notify.notify_one();
    }

    /// `robot` may have become free.
    pub fn wake_robot(&self, robot: RobotId) {
        self.robots.lock().unwrap_or_else(PoisonError::into_inner).insert(robot);
        self.notify.notify_one();
    }

    /// Tasks of `pools` wait, another node says.
    pub(crate) fn heard(&self, pools: impl IntoIterator<Item = PoolId>) {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).extend(pools);
        self.notify.notify_one();
    }

    /// What another node spoke of and was not looked at yet.
    #[cfg(test)]
    pub(crate) fn heard_of(&self) -> HashSet<PoolId> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until something is told.
    pub async fn told(&self) {
        self.notify.notified().await;
    }

    /// The pools of which this node knows first, and the others to look at.
    fn take(&self, platform: &Platform) -> (HashSet<PoolId>, HashSet<PoolId>) {
        let told = std::mem::take(&mut *self.pools.lock().unwrap_or_else(PoisonError::into_inner));
        let mut others = std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner));
        others.extend(std::mem::take(&mut *self.doubted.lock().unwrap_or_else(PoisonError::into_inner)));
        let robots = std::mem::take(&mut *self.robots.lock().unwrap_or_else(PoisonError::into_inner));
        for robot in robots {
            others.extend(platform.links.look(robot, |linked| linked.pools.to_vec()).into_iter().flatten());
        }
        (told, others)
    }
}

/// Gives what waits in the pools that were told of. Answers how many tasks were given.
pub async fn run_once(platform: &Platform) -> Result<usize> {
    let (told, others) = platform.dispatch.take(platform);
    let (mut given, exhausted) = claim(platform, told.clone()).await?;
    platform.signals.pools(exhausted);
    let doubted: Vec<PoolId> = others.difference(&told).copied().collect();
    if !doubted.is_empty() {
        // A look beside the writer: a claim that finds nothing would keep others from it.
        let waiting = rows::with_waiting_tasks(&platform.store, &doubted).await?;
        given += claim(platform, waiting.into_iter().collect()).await?.0;
    }
    Ok(given)
}

/// Looks at every pool in which a task waits and for which a robot is connected here.
pub async fn run_everywhere(platform: &Platform) -> Result<usize> {
    let waiting = rows::pools_with_waiting_tasks(&platform.store).await?;
    let here = platform.links.pools();
    let pools = waiting.into_iter().filter(|pool| here.contains(pool)).collect();
    claim(platform, pools).await.map(|(given, _)| given)
}

/// Answers how many tasks were given, and the pools in which this node has no place left for what may still wait.
async fn claim(platform: &Platform, pools: HashSet<PoolId>) -> Result<(usize, Vec<PoolId>)> {
    let _alone = platform.dispatch.claiming.lock().await;
    let now = platform.now();
    let free = pools.iter().map(|pool| (*pool, platform.links.free_in(*pool, now, PER_POOL)));
    let (pools, without): (Vec<_>, Vec<_>) = free.partition(|(_, robots)| !robots.is_empty());
    let mut exhausted: Vec<PoolId> = without.into_iter().map(|(pool, _)| pool).collect();
    if pools.is_empty() {
        return Ok((0, exhausted));
    }
    let places: Vec<(PoolId, usize)> =
        pools.iter().map(|(pool, robots)| (*pool, robots.iter().map(|(_, places)| places).sum())).collect();
    let again: Vec<PoolId> = pools.iter().map(|(pool, _)| *pool).collect();
    let claim = rows::Claim { pools, lease_until: now + platform.config.lease, now };
    let claimed = platform.store.write(move |tx| async move { rows::claim(tx, &claim).await }.boxed()).await?;
    for row in &claimed {
        let robot = row.robot_id.unwrap_or_default();
        platform.links.update(robot, |linked| linked.held.insert(row.id, row.fence));
    }
    send(platform, &claimed).await?;
    if claimed.len() >= PER_POOL {
        again.into_iter().for_each(|pool| platform.dispatch.wake(pool));
    }
    let given_of = |pool: PoolId| claimed.iter().filter(|row| row.pool_id == pool).count();
    exhausted.extend(places.iter().filter(|(pool, places)| given_of(*pool) >= *places).map(|(pool, _)| *pool));
    Ok((claimed.len(), exhausted))
}

/// Tells the robots. What cannot be told, because the robot is gone or its details cannot be read, goes back at once.
async fn send(platform: &Platform, claimed: &[task::Model]) -> Result<()> {
    let ids: Vec<i64> = claimed.iter().map(|row| row.id).collect();
    let (mut details, trouble) = match rows::assignments(&platform.store, &ids).await {
        Ok(details) => (details, None),
        Err(error) => (HashMap::new(), Some(error)),
    };
    for row in claimed {
        let robot = row.robot_id.unwrap_or_default();
        let assign = details.remove(&row.id).map(|details| assign(platform, row, details)).transpose();
        let assign = assign.inspect_err(|error| tracing::error!(task = row.id, %error, "a task cannot be told")).ok();
        let is_told = assign.flatten().is_some_and(|assign| platform.links.send(robot, ToRobot::Assign(assign)));
        if !is_told {
            let never_told = TaskRef { task_id: row.id, fence: row.fence };
            robot_sessions::return_untold(platform, robot, never_told).await?;
        }
    }
    trouble.map_or(Ok(()), Err)
}

fn assign(platform: &Platform, row: &task::Model, details: rows::Assignment) -> Result<Assign> {
    let holder = (row.robot_id.unwrap_or_default(), row.id, row.fence);
    Ok(Assign {
        task_id: row.id,
        fence: row.fence,
        process_id: row.process_id,
        process_name: details.process_name,
        package: PackageRef {
            package_id: row.package_id,
            sha256: details.sha256,
            size: u64::try_from(details.size).unwrap_or(0),
            path: paths::package(row.package_id),
        },
        in_parameters: parameters::parse(&row.in_parameters)?,
        task_name: row.task_name.clone(),
        max_run_seconds: (row.max_run_minutes > 0).then_some(row.max_run_minutes * 60),
        log_level: details.log_level.parse().unwrap_or(LogLevel::Info),
        retry_safe: row.retry_safe,
        record: row.is_record,
        operator: details.operator.unwrap_or_default(),
        recording_ticket: recordings::ticket(platform, holder),
    })
}
