//! What a firing makes: the rows of its tasks, or the reason why there is nothing to run.

use std::collections::{BTreeSet, HashMap};

use baigong_model::{
    Error, Result, SkipReason,
    ids::{PoolId, ProcessId},
};
use baigong_store::{
    entity::task_trigger,
    pools,
    tasks::{self, NewTasks, Plan},
    triggers::Ready,
};

use super::decide::Skip;
use crate::{
    Caller, Platform, parameters,
    tasks::{self as operations, Origin},
};

/// What several triggers need to know to fire.
pub(super) struct Ground {
    plans: HashMap<ProcessId, Plan>,
    /// The own pools of the robots of a pool.
    robots: HashMap<PoolId, Vec<PoolId>>,
}

impl Ground {
    /// Reads what `triggers` need.
    pub(super) async fn of(platform: &Platform, triggers: &[Ready]) -> Result<Self> {
        let processes: BTreeSet<ProcessId> = triggers.iter().map(|ready| ready.trigger.process_id).collect();
        let processes: Vec<ProcessId> = processes.into_iter().collect();
        let plans = tasks::plans(&platform.store, &processes).await?;
        let needed: BTreeSet<PoolId> = triggers.iter().filter_map(|ready| needed_pool(ready, &plans)).collect();
        let needed: Vec<PoolId> = needed.into_iter().collect();
        let robots = pools::own_pools(&platform.store, &needed).await?;
        Ok(Self { plans, robots })
    }

    /// What a firing of the trigger runs, and in which pools; or why it runs nothing.
    pub(super) fn plan(&self, ready: &Ready) -> std::result::Result<(&Plan, Vec<PoolId>), Skip> {
        let because = |reason| Err((reason, None));
        if ready.department_is_deleted {
            return because(SkipReason::DepartmentDeleted);
        }
        let Some(plan) = self.plans.get(&ready.trigger.process_id).filter(|plan| !plan.is_deleted) else {
            return because(SkipReason::ProcessDeleted);
        };
        if plan.package_id.is_none() {
            return because(SkipReason::NoActivatedPackage);
        }
        // Its own group, or that of the process where it names none.
        let no_group = ready.group_is_deleted || (ready.group_pool_id.is_none() && plan.group_is_deleted);
        if no_group && ready.trigger.assign_type != LISTED {
            return because(SkipReason::RobotGroupDeleted);
        }
        let pools = self.pools(ready, plan);
        if pools.is_empty() {
            return because(SkipReason::NoRobots);
        }
        Ok((plan, pools))
    }

    /// The tasks that one firing of the trigger makes, or why it makes none.
    pub(super) fn work(&self, ready: &Ready, now: i64) -> Result<std::result::Result<NewTasks, Skip>> {
        let (plan, pools) = match self.plan(ready) {
            Ok(found) => found,
            Err(skip) => return Ok(Err(skip)),
        };
        let caller = Caller::platform();
        let trigger = &ready.trigger;
        // They belong to who made the trigger: somebody who sees only their own things sees them.
        let created_by = trigger.created_by;
        let origin = Origin { caller: &caller, create_mode: 0, created_by, trigger_id: Some(trigger.id), now };
        match operations::request(&order(trigger)?, plan, pools, &origin) {
            Ok(request) => Ok(Ok(request)),
            Err(Error::Internal(cause)) => Err(Error::Internal(cause)),
            Err(error) => Ok(Err((SkipReason::InvalidParameters, Some(error.to_string())))),
        }
    }

    /// The pools of its tasks, one for each.
    fn pools(&self, ready: &Ready, plan: &Plan) -> Vec<PoolId> {
        let robots_of = |pool: PoolId| self.robots.get(&pool).cloned().unwrap_or_default();
        let group = ready.group_pool_id.unwrap_or(plan.pool_id);
        match ready.trigger.assign_type {
            EVERY => robots_of(group),
            LISTED => {
                // The list stays the pool even when some of its robots are gone, but not when all are.
                ready.trigger.robot_list_pool_id.into_iter().filter(|pool| !robots_of(*pool).is_empty()).collect()
            }
            _ => vec![group],
        }
    }
}

/// `assignType` 0: one task on every robot of the group.
pub(super) const EVERY: i32 = 0;
/// `assignType` 2: one task on any of the listed robots.
pub(super) const LISTED: i32 = 2;

/// The pool of the listed robots, where it is they who run it.
pub(crate) fn listed_pool(trigger: &task_trigger::Model) -> Option<PoolId> {
    trigger.robot_list_pool_id.filter(|_| trigger.assign_type == LISTED)
}

/// The pool whose robots have to be known.
fn needed_pool(ready: &Ready, plans: &HashMap<ProcessId, Plan>) -> Option<PoolId> {
    match ready.trigger.assign_type {
        EVERY => ready.group_pool_id.or_else(|| plans.get(&ready.trigger.process_id).map(|plan| plan.pool_id)),
        LISTED => ready.trigger.robot_list_pool_id,
        _ => None,
    }
}

/// A trigger as the order for tasks that it is.
pub(super) fn order(trigger: &task_trigger::Model) -> Result<operations::NewTasks> {
    Ok(operations::NewTasks {
        process_id: trigger.process_id,
        total_count: None,
        robot_ids: Vec::new(),
        robot_group_id: trigger.robot_group_id,
        priority: trigger.priority.into(),
        is_record: trigger.is_record,
        is_warn: trigger.is_warn,
        warn_type: trigger.warn_type.map(Into::into),
        in_parameters: parameters::parse(&trigger.in_parameters)?,
        task_name: trigger.task_name.clone(),
        max_run_time: trigger.max_run_minutes,
        max_waiting_time: trigger.max_wait_minutes,
    })
}
