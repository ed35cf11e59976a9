//! The way to the robots: the one trait seam of the platform. The uplink implements it with connections, tests and
//! benches with robots in the same process.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use baigong_model::{
    ServiceState,
    ids::{DepartmentId, Fence, PoolId, RobotId, TaskId},
};
use baigong_protocol::ToRobot;

use crate::maintenance_windows::Covered;

/// A robot that is connected to this node.
pub trait RobotLink: Send + Sync {
    /// Sends `message`, in order with those before; `false` when the connection is gone or does not keep up.
    fn send(&self, message: ToRobot) -> bool;
}

/// A connected robot, as the dispatcher sees it.
#[derive(Clone)]
pub struct Linked {
    /// The way to it.
    pub link: Arc<dyn RobotLink>,
    /// Which connection: a newer one of the same robot has another number.
    pub connection: u64,
    /// When it said hello, among those of this node: the one that did so last is in force.
    pub order: u64,
    /// Which start of the agent it is.
    pub incarnation: String,
    /// Its department.
    pub department_id: DepartmentId,
    /// What people decided about it.
    pub service: ServiceState,
    /// The maintenance window it is in.
    pub maintenance: Option<Covered>,
    /// Whether it has a seat of the licenses that counts.
    pub has_seat: bool,
    /// The pools it is in.
    pub pools: Arc<[PoolId]>,
    /// How many tasks it runs at once.
    pub max_tasks: usize,
    /// How many people allow it, which may be more than it can.
    pub allowed_tasks: i32,
    /// Whether it takes new tasks; a robot that drains does not.
    pub accepts: bool,
    /// It turned a task down: no new ones before then (milliseconds since the epoch).
    pub rests_until: i64,
    /// The tasks it holds, with their fences.
    pub held: HashMap<TaskId, Fence>,
    /// The tasks that were made on it and run now: they take no place here, and it is busy with them.
    pub own: HashSet<TaskId>,
    /// What its last heartbeat said it holds: these leases are renewed.
    pub beating: HashMap<TaskId, Fence>,
    /// Which of these stand still, as it said last.
    pub paused: HashMap<TaskId, Fence>,
    /// Why it turned down a task.
    pub declined: Option<String>,
    /// Why it takes no tasks although it has room, as it said last.
    pub declines: Option<String>,
    /// When it was last heard.
    pub seen_at: i64,
}

impl Linked {
    /// How many tasks it can take now.
    fn free(&self, now: i64) -> usize {
        let takes = self.accepts && self.has_seat && self.rests_until <= now && self.is_in_service(now);
        if takes { self.max_tasks.saturating_sub(self.held.len()) } else { 0 }
    }

    /// Whether people want it to take tasks now.
    #[must_use]
    pub fn is_in_service(&self, now: i64) -> bool {
        self.service == ServiceState::Started && self.maintenance.as_ref().is_none_or(|window| window.until <= now)
    }
}

/// The robots connected to this node, with an index of the free ones by pool, least loaded first.
#[derive(Default)]
pub struct Links(Mutex<Table>);

#[derive(Default)]
struct Table {
    robots: HashMap<RobotId, Linked>,
    by_pool: HashMap<PoolId, BTreeSet<(usize, RobotId)>>,
    hellos: u64,
}

impl Table {
    fn unindex(&mut self, robot: RobotId) {
        let Some(linked) = self.robots.get(&robot) else { return };
        for pool in linked.pools.iter() {
            if let Some(members) = self.by_pool.get_mut(pool) {
                members.remove(&(linked.held.len(), robot));
                if members.is_empty() {
                    self.by_pool.remove(pool);
                }
            }
        }
    }

    fn index(&mut self, robot: RobotId) {
        let Some(linked) = self.robots.get(&robot) else { return };
        for pool in linked.pools.iter() {
            self.by_pool.entry(*pool).or_default().insert((linked.held.len(), robot));
        }
    }
}

impl Links {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The place of a connection that says hello now, for [`Linked::order`].
    pub fn next_order(&self) -> u64 {
        let mut table = self.table();
        table.hellos += 1;
        table.hellos
    }

    /// Adds a robot; answers the connection it replaces. An error gives it back: a connection that said hello later is in
    /// force already.
    pub fn insert(&self, robot: RobotId, linked: Linked) -> Result<Option<Linked>, Box<Linked>> {
        let mut table = self.table();
        if table.robots.get(&robot).is_some_and(|present| present.order > linked.order) {
            return Err(Box::new(linked));
        }
        table.unindex(robot);
        let replaced = table.robots.insert(robot, linked);
        table.index(robot);
        Ok(replaced)
    }

    /// Removes `robot` if `connection` is still the one in force; whether it was.
    pub fn remove(&self, robot: RobotId, connection: u64) -> bool {
        let mut table = self.table();
        let is_current = table.robots.get(&robot).is_some_and(|linked| linked.connection == connection);
        if is_current {
            table.unindex(robot);
            table.robots.remove(&robot);
        }
        is_current
    }

    /// Changes what is known of `robot`, if it is connected here.
    pub fn update<T>(&self, robot: RobotId, change: impl FnOnce(&mut Linked) -> T) -> Option<T> {
        let mut table = self.table();
        table.unindex(robot);
        let changed = table.robots.get_mut(&robot).map(change);
        table.index(robot);
        changed
    }

    /// Looks at `robot`, if it is connected here.
    pub fn look<T>(&self, robot: RobotId, look: impl FnOnce(&Linked) -> T) -> Option<T> {
        self.table().robots.get(&robot).map(look)
    }

    /// Sends to `robot`, if it is connected here.
    pub fn send(&self, robot: RobotId, message: ToRobot) -> bool {
        let link = self.look(robot, |linked| linked.link.clone());
        link.is_some_and(|link| link.send(message))
    }

    /// The robots connected here.
    #[must_use]
    pub fn robots(&self) -> Vec<RobotId> {
        self.table().robots.keys().copied().collect()
    }

    /// The pools that some robot connected here is in.
    #[must_use]
    pub fn pools(&self) -> HashSet<PoolId> {
        self.table().by_pool.keys().copied().collect()
    }

    /// Robots of `pool` that take tasks now, least loaded first, until `enough` places are found.
    #[must_use]
    pub fn free_in(&self, pool: PoolId, now: i64, enough: usize) -> Vec<(RobotId, usize)> {
        let table = self.table();
        let mut places = 0;
        let members = table.by_pool.get(&pool).into_iter().flatten();
        let free = members.filter_map(|(_, robot)| table.robots.get(robot).map(|linked| (*robot, linked.free(now))));
        free.filter(|(_, slots)| *slots > 0)
            .take_while(|(_, slots)| {
                let go_on = places < enough;
                places += slots;
                go_on
            })
            .collect()
    }

    /// What the robots heard since `since` say they hold: the leases to renew.
    #[must_use]
    pub fn beating(&self, since: i64) -> Vec<(RobotId, TaskId, Fence)> {
        let table = self.table();
        let heard = table.robots.iter().filter(|(_, linked)| linked.seen_at >= since);
        heard.flat_map(|(robot, linked)| linked.beating.iter().map(|(task, fence)| (*robot, *task, *fence))).collect()
    }

    /// What the robots connected here are thought to hold.
    #[must_use]
    pub fn held(&self) -> HashMap<RobotId, Vec<(TaskId, Fence)>> {
        let table = self.table();
        let busy = table.robots.iter().filter(|(_, linked)| !linked.held.is_empty());
        busy.map(|(robot, linked)| (*robot, linked.held.iter().map(|(task, fence)| (*task, *fence)).collect()))
            .collect()
    }

    /// The robots connected here of which `is` holds.
    #[must_use]
    pub fn survey(&self, is: impl Fn(RobotId, &Linked) -> bool) -> Vec<RobotId> {
        let table = self.table();
        table.robots.iter().filter(|(robot, linked)| is(**robot, linked)).map(|(robot, _)| *robot).collect()
    }

    /// Looks at the robots of `pool` one after the other, as long as `look` wants to go on.
    pub fn each_in(&self, pool: PoolId, mut look: impl FnMut(&Linked) -> bool) {
        let table = self.table();
        for (_, robot) in table.by_pool.get(&pool).into_iter().flatten() {
            if table.robots.get(robot).is_some_and(|linked| !look(linked)) {
                return;
            }
        }
    }

    /// The connections in force here, by robot.
    #[must_use]
    pub fn connections(&self) -> Vec<(RobotId, u64)> {
        self.table().robots.iter().map(|(robot, linked)| (*robot, linked.connection)).collect()
    }

    /// The robots that have not been heard of since `since`, with their connections.
    #[must_use]
    pub fn silent(&self, since: i64) -> Vec<(RobotId, u64)> {
        let table = self.table();
        let silent = table.robots.iter().filter(|(_, linked)| linked.seen_at < since);
        silent.map(|(robot, linked)| (*robot, linked.connection)).collect()
    }
}
