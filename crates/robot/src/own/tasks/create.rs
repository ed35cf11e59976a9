//! Making tasks on this robot (6.3.5.1).

use baigong_model::{Error, Parameter, Priority, Result, TaskState};
use baigong_package::{PackageInfo, in_parameters, task_names};
use baigong_robot_store::{Tx, entity::task, packages as package_rows, tasks as rows};
use futures_util::FutureExt;

use crate::{own::processes, robot::Robot};

/// Minutes in ten years: more is a mistake.
const MOST_MINUTES: i64 = 10 * 366 * 24 * 60;

/// A request for tasks.
#[derive(Debug, Clone)]
pub(crate) struct NewTasks {
    pub(crate) process_id: i64,
    pub(crate) total_count: i64,
    pub(crate) priority: i64,
    pub(crate) is_record: bool,
    pub(crate) in_parameters: Vec<Parameter>,
    pub(crate) task_name: Option<String>,
    /// Minutes; 0 for no limit.
    pub(crate) max_run_time: i64,
    /// Minutes; 0 for no limit.
    pub(crate) max_waiting_time: i64,
}

/// Queues tasks of a process; they are durable when this answers. Answers their ids.
pub(crate) async fn create(robot: &Robot, input: NewTasks) -> Result<Vec<i64>> {
    if let Some(reason) = robot.desk.is_stopped() {
        return Err(Error::RobotState(reason.to_owned()));
    }
    for (field, minutes) in [("maxRunTime", input.max_run_time), ("maxWaitingTime", input.max_waiting_time)] {
        if !(0..=MOST_MINUTES).contains(&minutes) {
            return Err(Error::invalid(field, "must be a number of minutes, 0 for no limit"));
        }
    }
    let count = usize::try_from(input.total_count).ok().filter(|count| (1..=10_000).contains(count));
    let count = count.ok_or_else(|| Error::invalid("totalCount", "must be between 1 and 10000"))?;
    let priority = Priority::from_number(input.priority)?.number();
    let now = robot.options.clock.now();
    let created = robot.own.store.write(move |tx| {
        async move {
            let row = checked(tx, input, priority, now).await?;
            rows::insert(tx, &row, count).await
        }
        .boxed()
    });
    let ids = created.await?;
    robot.own.wake();
    Ok(ids)
}

/// The same within a transaction of a trigger's: what it makes is there with the trigger's own row or not at all. Nobody is
/// woken yet.
pub(crate) async fn create_within(tx: &Tx, input: NewTasks, now: i64) -> Result<Vec<i64>> {
    let priority = Priority::from_number(input.priority)?.number();
    let row = checked(tx, input, priority, now).await?;
    rows::insert(tx, &row, 1).await
}

async fn checked(tx: &Tx, input: NewTasks, priority: i32, now: i64) -> Result<task::Model> {
    let process = processes::live(tx, input.process_id).await?;
    let package = match process.package_id {
        Some(id) => package_rows::find_live(tx, id).await?,
        None => None,
    };
    let package =
        package.ok_or_else(|| Error::conflict("the process has no activated package version: activate one first"))?;
    let info: PackageInfo = serde_json::from_str(&package.info).map_err(Error::internal)?;
    let usual = in_parameters::parse(&process.in_parameters)?;
    let merged = in_parameters::overlay(usual, input.in_parameters)?;
    in_parameters::check(&merged, &info, true)?;
    Ok(task::Model {
        id: 0,
        is_own: true,
        process_id: process.id,
        process_name: process.name,
        package_id: Some(package.id),
        task_name: task_names::choose(input.task_name, process.task_name, &info)?,
        priority,
        is_record: input.is_record,
        in_parameters: in_parameters::to_text(&merged)?,
        out_parameters: None,
        state: TaskState::Queued.to_string(),
        is_held: false,
        fence: 0,
        message: None,
        max_run_minutes: input.max_run_time,
        max_wait_minutes: input.max_waiting_time,
        wait_until: (input.max_waiting_time > 0).then(|| now + input.max_waiting_time * 60_000),
        paused_at: None,
        retry_safe: package.retry_safe,
        created_at: now,
        started_at: None,
        ended_at: None,
        revision: 1,
        told_revision: 0,
        platform_id: None,
    })
}
