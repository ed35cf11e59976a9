//! Why tasks wait. Worked out when somebody asks, so that it is never out of date, and once for all tasks of a pool: of a
//! page of tasks most wait for the same robots.

use std::collections::HashMap;

use baigong_model::{Result, ServiceState, TaskState, WaitingReason, ids::PoolId};
use baigong_store::{entity::task, nodes, own_tasks::MADE_ON_ROBOT, robots, tasks as rows};

use crate::{
    Platform, licenses,
    links::Linked,
    maintenance_windows::{self, Covered},
};

/// Why a task waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The reason, for machines.
    pub reason: WaitingReason,
    /// Until when it lasts, milliseconds since the epoch, where that is known.
    pub until: Option<i64>,
    /// What the robot said, where it said something.
    pub detail: Option<String>,
}

impl Waiting {
    fn because(reason: WaitingReason) -> Self {
        Self { reason, until: None, detail: None }
    }
}

/// Why each of `tasks` waits; nothing for those that do not.
pub(super) async fn reasons(platform: &Platform, tasks: &[task::Model]) -> Result<Vec<Option<Waiting>>> {
    let queued = |row: &&task::Model| row.state == TaskState::Queued.as_str() && row.create_mode != MADE_ON_ROBOT;
    let mut pools: Vec<PoolId> = tasks.iter().filter(queued).map(|row| row.pool_id).collect();
    pools.sort_unstable();
    pools.dedup();
    let mut known: HashMap<PoolId, Pool> = HashMap::new();
    for pool in pools {
        let head = rows::head_of(&platform.store, pool).await?;
        known.insert(pool, Pool { blocked: blocked(platform, pool).await?, head });
    }
    Ok(tasks.iter().map(|row| reason(row, &known)).collect())
}

/// What is known of the robots and the queue of a pool.
struct Pool {
    /// Why none of its robots takes a task, or what else there is to say of them.
    blocked: Waiting,
    /// The task that goes first.
    head: Option<i64>,
}

/// The reasons in their order: what a person decided about the task, whether there is a robot at all, whose turn it is,
/// whether a robot has room. A rule that keeps a task from every robot, whichever is free, belongs before the pool.
fn reason(row: &task::Model, known: &HashMap<PoolId, Pool>) -> Option<Waiting> {
    if row.state == TaskState::Paused.as_str() {
        let reason = if row.paused_with_robot { WaitingReason::RobotsPaused } else { WaitingReason::TaskPaused };
        return Some(Waiting::because(reason));
    }
    if row.state == TaskState::Queued.as_str() && row.create_mode == MADE_ON_ROBOT {
        let detail = Some("it waits on the robot it was made on".to_owned());
        return Some(Waiting { detail, ..Waiting::because(WaitingReason::RobotsBusy) });
    }
    let pool = known.get(&row.pool_id).filter(|_| row.state == TaskState::Queued.as_str())?;
    let may_be_its_turn = matches!(pool.blocked.reason, WaitingReason::RobotsBusy | WaitingReason::NotYetConsidered);
    if may_be_its_turn && pool.head.is_some_and(|head| head != row.id) {
        return Some(Waiting::because(WaitingReason::Priority));
    }
    Some(pool.blocked.clone())
}

/// Why no robot of `pool` takes a task. The most that can be said of any of them is said: one that is busy will be free, one
/// that declines may change its mind, a window ends by itself, a person has to do something about the others.
async fn blocked(platform: &Platform, pool: PoolId) -> Result<Waiting> {
    let now = platform.now();
    let mut best = Waiting::because(WaitingReason::NoRobotOnline);
    let mut consider = |next: Waiting| {
        if rank(&next) > rank(&best) {
            best = next;
        }
        best.reason != WaitingReason::NotYetConsidered
    };
    platform.links.each_in(pool, |linked| consider(of_linked(linked, now)));
    if rank(&best).0 >= BUSY {
        return Ok(best);
    }
    let alive = nodes::alive(&platform.store, now).await?;
    let cover = maintenance_windows::Cover::now(platform).await?;
    for robot in robots::connected_in(&platform.store, pool, &alive).await? {
        // One that is connected here has been considered.
        if platform.links.look(robot.id, |_| ()).is_none() {
            let window = cover.of(robot.id, robot.department_id, &[pool]);
            let has_seat = licenses::has_seat(platform, robot.id);
            let next = out_of_service(robot.service, window.as_ref(), now)
                .or_else(|| (!has_seat).then(|| Waiting::because(WaitingReason::License)));
            // What a robot that is connected to another node has room for is known there.
            let next = next.unwrap_or_else(|| Waiting::because(WaitingReason::RobotsBusy));
            if rank(&next) > rank(&best) {
                best = next;
            }
        }
    }
    Ok(best)
}

/// The rank of a robot that has no room.
const BUSY: u8 = 5;

/// Of several robots the one nearest to taking the task says why it waits; of several windows the one that ends first.
fn rank(waiting: &Waiting) -> (u8, i64) {
    let order = match waiting.reason {
        WaitingReason::License | WaitingReason::RobotsStopped => 1,
        WaitingReason::RobotsPaused => 2,
        WaitingReason::MaintenanceWindow => 3,
        WaitingReason::RobotDeclines => 4,
        WaitingReason::RobotsBusy => BUSY,
        WaitingReason::NotYetConsidered => 6,
        WaitingReason::NoRobotOnline | WaitingReason::TaskPaused | WaitingReason::Priority => 0,
    };
    (order, -waiting.until.unwrap_or(i64::MAX))
}

fn out_of_service(service: ServiceState, window: Option<&Covered>, now: i64) -> Option<Waiting> {
    match service {
        ServiceState::Stopped => return Some(Waiting::because(WaitingReason::RobotsStopped)),
        ServiceState::Paused => return Some(Waiting::because(WaitingReason::RobotsPaused)),
        ServiceState::Started => {}
    }
    let window = window.filter(|window| window.until > now)?;
    let detail = Some(window.name.to_string());
    Some(Waiting { reason: WaitingReason::MaintenanceWindow, until: Some(window.until), detail })
}

fn of_linked(linked: &Linked, now: i64) -> Waiting {
    if let Some(waiting) = out_of_service(linked.service, linked.maintenance.as_ref(), now) {
        return waiting;
    }
    if !linked.has_seat {
        return Waiting::because(WaitingReason::License);
    }
    let rests = linked.rests_until > now;
    let declines = linked.declines.as_ref().or(linked.declined.as_ref().filter(|_| rests));
    if let Some(detail) = declines.filter(|_| linked.held.len() < linked.max_tasks) {
        let until = rests.then_some(linked.rests_until);
        return Waiting { reason: WaitingReason::RobotDeclines, until, detail: Some(detail.clone()) };
    }
    let is_free = linked.accepts && !rests && linked.held.len() < linked.max_tasks;
    Waiting::because(if is_free { WaitingReason::NotYetConsidered } else { WaitingReason::RobotsBusy })
}
