//! Which robots are in a maintenance window now.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use baigong_model::{
    Result,
    ids::{DepartmentId, PoolId, RobotId},
};
use baigong_store::{Scope, entity::robot, maintenance_windows as rows, robot_groups};

use super::window::{OnRunning, Target, Window};
use crate::{Platform, departments, links::Linked, pools, robots};

/// How long the windows are believed: another node may have changed them.
const FRESH_FOR: i64 = 1000;

/// The window a robot is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// The window's name.
    pub name: Arc<str>,
    /// Until when the robot gets no tasks.
    pub until: i64,
    /// What happens to those it runs.
    pub on_running: OnRunning,
}

/// The windows in force.
#[derive(Default)]
pub(crate) struct Cache {
    changes: AtomicU64,
    loaded: Mutex<Option<Loaded>>,
}

#[derive(Clone)]
struct Loaded {
    windows: Arc<Vec<Known>>,
    change: u64,
    at: i64,
}

/// A window, and the pool of the group it covers.
struct Known {
    window: Window,
    pool: Option<PoolId>,
}

impl Cache {
    /// A window has changed: to be called after the commit.
    pub(crate) fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Release);
    }

    fn fresh(&self, now: i64) -> Option<Arc<Vec<Known>>> {
        let change = self.changes.load(Ordering::Acquire);
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = loaded.as_ref().filter(|it| it.change == change && (0..FRESH_FOR).contains(&(now - it.at)));
        fresh.map(|it| it.windows.clone())
    }
}

async fn windows(platform: &Platform) -> Result<Arc<Vec<Known>>> {
    let (now, cache) = (platform.now(), &platform.maintenance);
    if let Some(windows) = cache.fresh(now) {
        return Ok(windows);
    }
    let change = cache.changes.load(Ordering::Acquire);
    let mut known = Vec::new();
    for row in rows::in_force(&platform.store, now).await? {
        let id = row.id;
        // One that cannot be read must not keep the others from being kept.
        match Window::of(row) {
            Ok(window) => known.push(Known { pool: pool_of(platform, window.target).await?, window }),
            Err(error) => tracing::error!(window = id, %error, "a maintenance window cannot be read"),
        }
    }
    let windows = Arc::new(known);
    let loaded = Loaded { windows: windows.clone(), change, at: now };
    *cache.loaded.lock().unwrap_or_else(PoisonError::into_inner) = Some(loaded);
    Ok(windows)
}

async fn pool_of(platform: &Platform, target: Target) -> Result<Option<PoolId>> {
    let Target::Group(group) = target else { return Ok(None) };
    Ok(robot_groups::find(&platform.store, &Scope::All, group).await?.map(|group| group.pool_id))
}

/// A window that is open now.
struct Open {
    window: Covered,
    target: Target,
    pool: Option<PoolId>,
    departments: BTreeSet<DepartmentId>,
}

/// The windows that are open at one moment.
pub(crate) struct Cover(Vec<Open>);

impl Cover {
    /// Those that are open now.
    pub(crate) async fn now(platform: &Platform) -> Result<Self> {
        let windows = windows(platform).await?;
        if windows.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let (tree, now) = (departments::tree(platform).await?, platform.now());
        let open = windows.iter().filter_map(|Known { window, pool }| {
            let (until, on_running) = (window.open_until(now)?, window.on_running);
            let departments = match window.target {
                Target::Department(id) => tree.subtree(id),
                Target::Robot(_) | Target::Group(_) => BTreeSet::new(),
            };
            let covered = Covered { name: window.row.name.as_str().into(), until, on_running };
            Some(Open { window: covered, target: window.target, pool: *pool, departments })
        });
        Ok(Self(open.collect()))
    }

    /// The window that a robot is in. Of several the one that ends last counts, and of what they do to running tasks the
    /// strictest.
    pub(crate) fn of(&self, robot: RobotId, department: DepartmentId, pools: &[PoolId]) -> Option<Covered> {
        let covers = |it: &&Open| match it.target {
            Target::Robot(id) => id == robot,
            Target::Group(_) => it.pool.is_some_and(|pool| pools.contains(&pool)),
            Target::Department(_) => it.departments.contains(&department),
        };
        let open = self.0.iter().filter(covers).map(|it| &it.window);
        let longest = open.clone().max_by_key(|window| window.until)?;
        let on_running = open.map(|window| window.on_running).max_by_key(|it| *it as u8)?;
        Some(Covered { on_running, ..longest.clone() })
    }
}

/// The window that `robot` is in now.
pub async fn of_robot(platform: &Platform, robot: &robot::Model) -> Result<Option<Covered>> {
    let cover = Cover::now(platform).await?;
    if cover.0.is_empty() {
        return Ok(None);
    }
    let pools = pools::of_robot(platform, robot.id).await?;
    Ok(cover.of(robot.id, robot.department_id, &pools))
}

/// Works out again which robots connected here are covered, and brings their tasks in line. Answers for how many robots
/// something has changed.
pub async fn look_again(platform: &Platform) -> Result<usize> {
    let cover = Cover::now(platform).await?;
    let window_of = |robot, linked: &Linked| cover.of(robot, linked.department_id, &linked.pools);
    let changed = platform.links.survey(|robot, linked| {
        (!cover.0.is_empty() || linked.maintenance.is_some()) && window_of(robot, linked) != linked.maintenance
    });
    for robot in &changed {
        platform.links.update(*robot, |linked| linked.maintenance = window_of(*robot, linked));
        platform.dispatch.wake_robot(*robot);
    }
    robots::follow_all(platform).await?;
    Ok(changed.len())
}
