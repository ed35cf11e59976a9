//! Starting tasks (T/TSAC 002-2025, 6.2.7.1).

use baigong_model::{
    Error, Parameter, Permission, Priority, Result,
    ids::{PoolId, TaskId, TriggerId, UserId},
};
use baigong_package::PackageInfo;
use baigong_store::tasks::{self as rows, Plan};
use serde_json::json;

use crate::{Caller, Platform, parameters, robot_groups, robots, task_names};

/// Minutes in ten years: more is a mistake.
const MAX_MINUTES: i64 = 10 * 366 * 24 * 60;

/// A request for tasks.
#[derive(Debug, Clone, Default)]
pub struct NewTasks {
    /// The process to run.
    pub process_id: i64,
    /// How many; 1 unless said, at most 10,000.
    pub total_count: Option<i64>,
    /// Only these robots.
    pub robot_ids: Vec<i64>,
    /// Only robots of this group; the process's group unless said.
    pub robot_group_id: Option<i64>,
    /// 0 high, 1 middle, 2 low.
    pub priority: i64,
    /// Whether they are recorded.
    pub is_record: bool,
    /// Whether a failure is told.
    pub is_warn: bool,
    /// 0 mail, 1 SMS, 2 IM.
    pub warn_type: Option<i64>,
    /// Over those that the process sets.
    pub in_parameters: Vec<Parameter>,
    /// Another task of the package than the process's.
    pub task_name: Option<String>,
    /// Minutes; 0 for no limit.
    pub max_run_time: i64,
    /// Minutes; 0 for no limit.
    pub max_waiting_time: i64,
}

/// Queues tasks of a process; they are durable when this answers. Answers their ids.
pub async fn create(platform: &Platform, caller: &Caller, input: NewTasks) -> Result<Vec<TaskId>> {
    caller.need(Permission::TaskRun)?;
    let count = checked_count(&input)?;
    let plan = rows::plan(&platform.store, input.process_id).await?;
    let plan = plan.filter(|plan| caller.scope().sees(plan.department_id, plan.created_by) && !plan.is_deleted);
    let plan = plan.ok_or_else(|| Error::not_found("process", input.process_id))?;
    let pool = choose_pool(platform, caller, &input, &plan).await?;
    let origin = Origin { caller, create_mode: 2, created_by: caller.id(), trigger_id: None, now: platform.now() };
    let created = platform.hot.create.enqueue(request(&input, &plan, vec![pool; count], &origin)?)?;
    let groups_commits = platform.store.groups_commits();
    if groups_commits {
        // The claim then follows the task into the same commit.
        platform.dispatch.wake(pool);
    }
    let ids = created.await.map_err(|_| Error::unavailable("the task could not be stored: try again"))??;
    if groups_commits {
        platform.dispatch.wake_if_waiting(pool);
    } else {
        platform.dispatch.wake(pool);
    }
    Ok(ids)
}

/// Who makes tasks.
pub(crate) struct Origin<'c> {
    /// Who asks.
    pub(crate) caller: &'c Caller,
    /// 0 platform, 1 robot, 2 API.
    pub(crate) create_mode: i32,
    /// The user whose tasks they are.
    pub(crate) created_by: UserId,
    /// The trigger whose instant has come.
    pub(crate) trigger_id: Option<TriggerId>,
    /// When.
    pub(crate) now: i64,
}

/// The rows of one task in each of `pools`, checked against the package that is activated now.
pub(crate) fn request(
    input: &NewTasks,
    plan: &Plan,
    pools: Vec<PoolId>,
    origin: &Origin<'_>,
) -> Result<rows::NewTasks> {
    let priority = Priority::from_number(input.priority)?.number();
    let (package_id, in_parameters, task_name) = checked_against_package(input, plan)?;
    let detail = json!({
        "processId": input.process_id, "count": pools.len(), "priority": priority, "triggerId": origin.trigger_id,
    });
    Ok(rows::NewTasks {
        department_id: plan.department_id,
        process_id: input.process_id,
        package_id,
        trigger_id: origin.trigger_id,
        pools,
        priority,
        create_mode: origin.create_mode,
        created_by: origin.created_by,
        is_record: input.is_record,
        is_warn: input.is_warn,
        warn_type: input.warn_type.and_then(|kind| i32::try_from(kind).ok()),
        in_parameters: in_parameters.into(),
        task_name,
        max_run_minutes: input.max_run_time,
        max_wait_minutes: input.max_waiting_time,
        retry_safe: plan.retry_safe,
        fail_try_times: plan.fail_try_times,
        now: origin.now,
        audit: origin.caller.audit(origin.now, "create", "task", None, Some(plan.department_id), &detail),
    })
}

/// How many, where the numbers are within their bounds.
pub(crate) fn checked_count(input: &NewTasks) -> Result<usize> {
    for (field, minutes) in [("maxRunTime", input.max_run_time), ("maxWaitingTime", input.max_waiting_time)] {
        if !(0..=MAX_MINUTES).contains(&minutes) {
            return Err(Error::invalid(field, "must be a number of minutes, 0 for no limit"));
        }
    }
    if input.warn_type.is_some_and(|kind| !(0..=2).contains(&kind)) {
        return Err(Error::invalid("warnType", "must be 0 (mail), 1 (SMS) or 2 (IM)"));
    }
    let count = usize::try_from(input.total_count.unwrap_or(1)).ok().filter(|count| (1..=10_000).contains(count));
    count.ok_or_else(|| Error::invalid("totalCount", "must be between 1 and 10000"))
}

/// The robots that may run them: the list, else the group, else the process's group. A group that is named has to be
/// there even where the list decides.
async fn choose_pool(platform: &Platform, caller: &Caller, input: &NewTasks, plan: &Plan) -> Result<i64> {
    let group = match input.robot_group_id {
        Some(group) => robot_groups::pool_of(platform, caller, group).await?,
        None if plan.group_is_deleted && input.robot_ids.is_empty() => {
            return Err(Error::conflict("the robot group of the process was deleted: give the process another"));
        }
        None => plan.pool_id,
    };
    if input.robot_ids.is_empty() { Ok(group) } else { robots::pool_of(platform, caller, &input.robot_ids).await }
}

/// The package, the in-parameters as they are stored, and the task of the package.
fn checked_against_package(input: &NewTasks, plan: &Plan) -> Result<(i64, String, Option<String>)> {
    let package_id = plan.package_id.zip(plan.package_info.as_deref());
    let (package_id, info) = package_id
        .ok_or_else(|| Error::Conflict("the process has no activated package version: activate one first".into()))?;
    let info: PackageInfo = serde_json::from_str(info).map_err(Error::internal)?;
    let merged = parameters::overlay(parameters::parse(&plan.in_parameters)?, input.in_parameters.clone())?;
    parameters::check(&merged, &info, true)?;
    let task_name = task_names::choose(input.task_name.clone(), plan.task_name.clone(), &info)?;
    Ok((package_id, parameters::to_text(&merged)?, task_name))
}
