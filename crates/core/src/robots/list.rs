//! Lists of robots.

use baigong_model::{
    Error, PageOf, Permission, Result, RobotState,
    ids::{PoolId, ProcessId, TriggerId},
};
use baigong_store::{Scope, processes, robot_groups, robots as rows, tasks, triggers as rows_of_triggers};

use crate::{
    Caller, Platform,
    lists::{ListInput, Table},
    triggers,
};

/// Which robots of a list.
#[derive(Debug, Clone)]
pub struct Filter {
    /// What every list takes.
    pub list: ListInput,
    /// Only robots in this state: 0 idle, 1 running, 2 offline.
    pub state: Option<i64>,
    /// Only robots that may run this process: those of its group.
    pub process_id: Option<ProcessId>,
    /// Only robots that this trigger uses.
    pub trigger_id: Option<TriggerId>,
    /// Studios (designers) instead of robots.
    pub studios: bool,
}

impl Filter {
    /// The robots of a list, without any further limit.
    #[must_use]
    pub fn all(list: ListInput) -> Self {
        Self { list, state: None, process_id: None, trigger_id: None, studios: false }
    }
}

/// A robot in a list, and what it is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRobot {
    /// The robot.
    pub robot: rows::Listed,
    /// What it is doing.
    pub state: RobotState,
}

/// A page of robots, oldest first.
pub async fn list(platform: &Platform, caller: &Caller, filter: &Filter) -> Result<PageOf<ListedRobot>> {
    caller.need(Permission::RobotRead)?;
    let now = platform.now();
    let list = filter.list.filter(platform, caller).await?;
    let pool_id = match filter.process_id {
        Some(process) => Some(pool_of_process(platform, caller, process).await?),
        None => None,
    };
    let other_pool_id = match filter.trigger_id {
        Some(trigger) => Some(pool_of_trigger(platform, caller, trigger).await?),
        None => None,
    };
    let state = filter.state.map(state_of).transpose()?.map(|state| (state, now));
    let page = filter.list.page;
    let which = rows::Filter { list, pool_id, other_pool_id, state, studios: filter.studios };
    let total = count(platform, &which, now).await?;
    let read = || async { rows::list(&platform.store, &which, page).await.map(Into::into) };
    let rows = platform.counts.robots(now, &which, page, read).await?;
    Ok(PageOf { rows: with_states(platform, &rows, now).await?, total })
}

/// What robots do changes without the table: such counts are not kept.
async fn count(platform: &Platform, which: &rows::Filter, now: i64) -> Result<u64> {
    let store = &platform.store;
    if which.state.is_some() || which.other_pool_id.is_some() || which.studios {
        return rows::count(store, which).await;
    }
    let key = (Table::Robots, which.list.clone(), which.pool_id);
    platform.counts.total(now, key, || rows::count(store, which)).await
}

/// The listed robots, or those of its group, or of its process's group.
async fn pool_of_trigger(platform: &Platform, caller: &Caller, id: TriggerId) -> Result<PoolId> {
    let trigger = rows_of_triggers::find(&platform.store, caller.scope(), id).await?;
    let trigger = trigger.ok_or_else(|| Error::not_found("trigger", id))?;
    let group = match (triggers::listed_pool(&trigger), trigger.robot_group_id) {
        (Some(pool), _) => return Ok(pool),
        (None, Some(group)) => robot_groups::find(&platform.store, &Scope::All, group).await?,
        (None, None) => return pool_of_process(platform, &Caller::platform(), trigger.process_id).await,
    };
    Ok(group.ok_or_else(|| Error::internal("a trigger's group is not there"))?.pool_id)
}

async fn pool_of_process(platform: &Platform, caller: &Caller, id: ProcessId) -> Result<PoolId> {
    let process = processes::find(&platform.store, caller.scope(), id).await?;
    let process = process.ok_or_else(|| Error::not_found("process", id))?;
    // The caller sees the process; which of its group's robots they see is decided by the list itself.
    let group = robot_groups::find(&platform.store, &Scope::All, process.robot_group_id).await?;
    Ok(group.ok_or_else(|| Error::internal("a process has no group"))?.pool_id)
}

fn state_of(number: i64) -> Result<RobotState> {
    let states = [RobotState::Idle, RobotState::Running, RobotState::Offline];
    let found = states.into_iter().find(|state| i64::from(state.number()) == number);
    found.ok_or_else(|| Error::invalid("robotStatus", "must be 0 (idle), 1 (running) or 2 (offline)"))
}

/// Robots connected here are looked up in memory; the database is asked only for those connected to other nodes.
async fn with_states(platform: &Platform, rows: &[rows::Listed], now: i64) -> Result<Vec<ListedRobot>> {
    let mut listed = Vec::with_capacity(rows.len());
    let mut elsewhere = Vec::new();
    let mut alive: Vec<(String, bool)> = Vec::new();
    for robot in rows {
        let is_online = match &robot.node_id {
            Some(node) => match alive.iter().find(|(known, _)| known == node) {
                Some((_, is_alive)) => *is_alive,
                None => {
                    let is_alive = platform.nodes_alive.has(&platform.store, node, now).await?;
                    alive.push((node.clone(), is_alive));
                    is_alive
                }
            },
            None => false,
        };
        let held = if is_online {
            platform.links.look(robot.id, |linked| linked.held.len() + linked.own.len())
        } else {
            Some(0)
        };
        if held.is_none() {
            elsewhere.push(robot.id);
        }
        let state = RobotState::of(is_online, robot.service, held.unwrap_or(0) as u64);
        listed.push(ListedRobot { robot: robot.clone(), state });
    }
    if !elsewhere.is_empty() {
        let held = tasks::of_robots(&platform.store, &elsewhere).await?;
        for row in &mut listed {
            if held.get(&row.robot.id).is_some_and(|tasks| *tasks > 0) {
                row.state = RobotState::Running;
            }
        }
    }
    Ok(listed)
}
