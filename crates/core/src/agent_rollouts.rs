//! Rolling upgrades (T/TSAC 002-2025, 5.3): many robots get a version wave by wave, never more than so many at once. The
//! first robot that fails stops the rest. Everything is stored: a platform that starts again goes on where it was.

use std::collections::HashMap;

use baigong_model::{
    Error, PageOf, Permission, Result,
    ids::{AgentVersionId, DepartmentId, RobotGroupId, RobotId, RolloutId},
};
use baigong_protocol::OperationKind;
use baigong_store::{
    Tx, agent_rollouts as rows, agent_versions, audits, departments as department_rows,
    entity::{agent_rollout, robot_operation},
    pools, robot_groups, robot_operations,
};
use futures_util::FutureExt;
use serde_json::json;

use crate::{
    Caller, Platform, departments,
    lists::{self, ListInput, Table},
    names,
    robot_operations::{ask_all, check_drain},
    robots::{self, MOST_ROBOTS},
};

/// A rolling upgrade to begin.
#[derive(Debug, Clone)]
pub struct NewRollout {
    /// Its department.
    pub department_id: DepartmentId,
    /// Its name, unique in the department.
    pub name: String,
    /// The version.
    pub version_id: AgentVersionId,
    /// The robots, in the order of their waves.
    pub robots: Vec<RobotId>,
    /// All robots of a group, after those.
    pub group_id: Option<RobotGroupId>,
    /// How many robots a wave has.
    pub wave_size: i64,
    /// How many robots may be upgrading at the same time.
    pub most_at_once: i64,
    /// How long running tasks may go on first, in seconds.
    pub drain_seconds: i64,
    /// Whether robots may get an older version than theirs.
    pub allows_older: bool,
}

/// Begins a rolling upgrade.
pub async fn create(platform: &Platform, caller: &Caller, input: NewRollout) -> Result<RolloutId> {
    caller.need(Permission::RobotOperate)?;
    departments::live(platform, caller, input.department_id).await?;
    let name = names::name("rolloutName", &input.name)?;
    let most = MOST_ROBOTS as i64;
    for (field, value) in [("waveSize", input.wave_size), ("maxUnavailable", input.most_at_once)] {
        if !(1..=most).contains(&value) {
            return Err(Error::invalid(field, format!("must be between 1 and {most}")));
        }
    }
    check_drain(input.drain_seconds)?;
    let robots = wanted(platform, caller, &input).await?;
    let now = platform.now();
    let row = agent_rollout::Model {
        id: 0,
        department_id: input.department_id,
        live_name: Some(format!("{}/{name}", input.department_id)),
        name,
        version_id: input.version_id,
        state: "running".to_owned(),
        reason: None,
        wave_size: input.wave_size,
        most_at_once: input.most_at_once,
        drain_seconds: input.drain_seconds,
        allows_older: input.allows_older,
        created_by: caller.id(),
        created_at: now,
        ended_at: None,
        deleted_at: None,
    };
    let by = caller.clone();
    let stored = platform.store.write(move |tx| async move { insert(tx, &by, row, robots, now).await }.boxed());
    let id = stored.await?;
    platform.counts.changed(Table::AgentRollouts);
    advance(platform).await?;
    Ok(id)
}

/// The robots in their order, each once.
async fn wanted(platform: &Platform, caller: &Caller, input: &NewRollout) -> Result<Vec<RobotId>> {
    let mut wanted = input.robots.clone();
    if let Some(id) = input.group_id {
        let group = robot_groups::find(&platform.store, caller.scope(), id).await?;
        let group = group.filter(|group| group.deleted_at.is_none());
        let group = group.ok_or_else(|| Error::not_found("robot group", id))?;
        wanted.extend(pools::members(&platform.store, group.pool_id).await?);
    }
    let mut known = std::collections::HashSet::new();
    wanted.retain(|robot| known.insert(*robot));
    if wanted.is_empty() || wanted.len() > MOST_ROBOTS {
        return Err(Error::invalid("robotIds", format!("must name 1 to {MOST_ROBOTS} robots")));
    }
    Ok(wanted)
}

async fn insert(tx: &Tx, by: &Caller, row: agent_rollout::Model, robots: Vec<RobotId>, now: i64) -> Result<RolloutId> {
    department_rows::hold(tx, row.department_id).await?;
    robots::all_visible(tx, by.scope(), &robots).await?;
    let version = agent_versions::find_live(tx, by.scope(), row.version_id).await?;
    let version = version.ok_or_else(|| Error::not_found("agent version", row.version_id))?;
    let (department, version_id, drain, size) = (row.department_id, row.version_id, row.drain_seconds, row.wave_size);
    let detail = json!({ "name": row.name, "version": version.name, "robots": robots.len() });
    let id = rows::insert(tx, row).await?;
    let planned = robots.into_iter().zip(0_i64..).map(|(robot_id, place)| robot_operation::Model {
        id: 0,
        department_id: department,
        robot_id,
        kind: OperationKind::Upgrade.as_str().to_owned(),
        state: "planned".to_owned(),
        detail: String::new(),
        drain_seconds: drain,
        rollout_id: Some(id),
        version_id: Some(version_id),
        wave: place / size,
        version_before: None,
        created_by: by.id(),
        created_at: now,
        asked_at: None,
        ended_at: None,
    });
    robot_operations::insert_many(tx, planned.collect()).await?;
    let audit = by.audit(now, "create", "agent rollout", Some(id), Some(department), &detail);
    audits::insert_many(tx, &[audit]).await.map(|()| id)
}

/// A rolling upgrade and where its robots are.
#[derive(Debug, Clone)]
pub struct RolloutDetails {
    /// The rolling upgrade.
    pub rollout: agent_rollout::Model,
    /// The number of its version.
    pub version: String,
    /// What is asked of its robots, wave by wave.
    pub robots: Vec<robot_operation::Model>,
}

/// The rolling upgrade `id`.
pub async fn query(platform: &Platform, caller: &Caller, id: RolloutId) -> Result<RolloutDetails> {
    caller.need(Permission::AgentVersionRead)?;
    let rollout = rows::find(&platform.store, caller.scope(), id).await?;
    let rollout = rollout.ok_or_else(|| Error::not_found("agent rollout", id))?;
    let version = agent_versions::find(&platform.store, &baigong_store::Scope::All, rollout.version_id).await?;
    let robots = robot_operations::of_rollout(&platform.store, id).await?;
    Ok(RolloutDetails { rollout, version: version.map(|it| it.name).unwrap_or_default(), robots })
}

/// A page of rolling upgrades, oldest first.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<agent_rollout::Model>> {
    caller.need(Permission::AgentVersionRead)?;
    let filter = input.filter(platform, caller).await?;
    lists::page(platform, Table::AgentRollouts, &filter, input.page, rows::count, rows::list).await
}

/// Stops a rolling upgrade: robots that have begun go on, no other is asked.
pub async fn stop(platform: &Platform, caller: &Caller, id: RolloutId) -> Result<()> {
    caller.need(Permission::RobotOperate)?;
    let (now, by) = (platform.now(), caller.clone());
    let stopped = platform.store.write(move |tx| {
        async move {
            let row = rows::lock(tx, by.scope(), id).await?.ok_or_else(|| Error::not_found("agent rollout", id))?;
            let reason = format!("it was stopped by {}", by.username);
            if !end(tx, id, "stopped", Some(&reason), now).await? {
                return Err(Error::conflict(format!("the rolling upgrade is {} already", row.state)));
            }
            let audit = by.audit(now, "stop", "agent rollout", Some(id), Some(row.department_id), &json!({}));
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    stopped.await
}

/// Ends a rolling upgrade; what is planned is not asked for any more.
async fn end(tx: &Tx, id: RolloutId, state: &str, reason: Option<&str>, now: i64) -> Result<bool> {
    if !rows::end(tx, id, state, reason, now).await? {
        return Ok(false);
    }
    robot_operations::cancel_planned(tx, id, now).await.map(|_| true)
}

/// Brings every rolling upgrade one step further, if there is one to take. Answers how many robots were asked.
pub async fn advance(platform: &Platform) -> Result<usize> {
    let mut asked = 0;
    for rollout in rows::running(&platform.store).await? {
        let robots = robot_operations::of_rollout(&platform.store, rollout.id).await?;
        let now = platform.now();
        let step = next(&rollout, &robots);
        let started = platform.store.write(move |tx| {
            async move {
                match step {
                    Step::Wait => Ok(0),
                    Step::End(state, reason) => {
                        if end(tx, rollout.id, state, reason.as_deref(), now).await? {
                            let told = json!({ "reason": reason });
                            let (id, department) = (Some(rollout.id), Some(rollout.department_id));
                            let audit = Caller::platform().audit(now, state, "agent rollout", id, department, &told);
                            audits::insert_many(tx, &[audit]).await?;
                        }
                        Ok(0)
                    }
                    Step::Ask(operations) => {
                        let mut count = 0;
                        for operation in operations {
                            count += usize::from(robot_operations::ask(tx, operation, now).await?);
                        }
                        Ok(count)
                    }
                }
            }
            .boxed()
        });
        asked += started.await?;
    }
    if asked > 0 {
        ask_all(platform).await?;
    }
    Ok(asked)
}

/// What is to be done next about a rolling upgrade.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Robots are at it.
    Wait,
    /// It is over, as this state and for this reason.
    End(&'static str, Option<String>),
    /// These are to be asked.
    Ask(Vec<i64>),
}

fn next(rollout: &agent_rollout::Model, robots: &[robot_operation::Model]) -> Step {
    let is = |state: &'static str| move |it: &&robot_operation::Model| it.state == state;
    if let Some(bad) = robots.iter().find(|it| matches!(it.state.as_str(), "failed" | "refused")) {
        return Step::End("stopped", Some(format!("robot {} could not be upgraded: {}", bad.robot_id, bad.detail)));
    }
    let busy = robots.iter().filter(|it| matches!(it.state.as_str(), "waiting" | "accepted"));
    // A robot that is away, or is asked by another upgrade too, is one that does not work: it counts.
    let waves: HashMap<i64, usize> = busy.fold(HashMap::new(), |mut waves, it| {
        *waves.entry(it.wave).or_default() += 1;
        waves
    });
    let busy: usize = waves.values().sum();
    let Some(wave) = robots.iter().find(is("planned")).map(|it| it.wave) else {
        return if busy > 0 { Step::Wait } else { Step::End("done", None) };
    };
    if waves.keys().any(|earlier| *earlier < wave) {
        return Step::Wait;
    }
    let room = usize::try_from(rollout.most_at_once).unwrap_or(1).saturating_sub(busy);
    let turn = robots.iter().filter(is("planned")).filter(|it| it.wave == wave).take(room);
    match turn.map(|it| it.id).collect::<Vec<_>>() {
        turn if turn.is_empty() => Step::Wait,
        turn => Step::Ask(turn),
    }
}

#[cfg(test)]
pub(crate) mod tests;
