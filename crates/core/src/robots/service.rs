//! Starting, pausing, resuming and stopping robots (T/TSAC 002-2025, 5.1.4). What people decided is stored with the robot; a
//! robot that is not started gets no tasks. Its tasks follow it: those of a paused robot are paused and go on with it, those
//! of a stopped one may end.

use baigong_model::{
    Error, Permission, Result, ServiceState, TaskState, TaskStep,
    ids::{RobotId, TaskId},
};
use baigong_store::{
    Scope, audits,
    entity::robot,
    robots as rows,
    tasks::{self as task_rows, StepDetail, StepRequest},
};
use futures_util::FutureExt;
use serde_json::json;

use crate::{
    Caller, Platform,
    lists::Table,
    maintenance_windows::{self, OnRunning},
    tasks,
};

use ServiceState::{Paused, Started, Stopped};

/// Puts a stopped robot back into service.
pub async fn start(platform: &Platform, caller: &Caller, id: RobotId) -> Result<()> {
    change(platform, caller, id, "start", &[Stopped], Started).await
}

/// Pauses a robot: it gets no tasks, and those that run are paused.
pub async fn pause(platform: &Platform, caller: &Caller, id: RobotId) -> Result<()> {
    change(platform, caller, id, "pause", &[Started], Paused).await
}

/// Lets a paused robot and its tasks go on.
pub async fn resume(platform: &Platform, caller: &Caller, id: RobotId) -> Result<()> {
    change(platform, caller, id, "resume", &[Paused], Started).await
}

/// Stops a robot: it gets no tasks. Those that run go on to their end, or are cancelled with `force`.
pub async fn stop(platform: &Platform, caller: &Caller, id: RobotId, force: bool) -> Result<()> {
    let action = if force { "stop-now" } else { "stop" };
    change(platform, caller, id, action, if force { &ServiceState::ALL } else { &[Started, Paused] }, Stopped).await?;
    if force {
        let reason = format!("the robot was stopped by {}", caller.username);
        for row in task_rows::held_by(&platform.store, id).await? {
            take(platform, caller, &row, "cancel", TaskStep::RequestStop, StepDetail::None, Some(&reason)).await?;
        }
    }
    Ok(())
}

async fn change(
    platform: &Platform,
    caller: &Caller,
    id: RobotId,
    action: &'static str,
    from: &'static [ServiceState],
    to: ServiceState,
) -> Result<()> {
    caller.need(Permission::RobotControl)?;
    let robot = rows::find(&platform.store, caller.scope(), id).await?;
    let robot = robot.filter(|robot| robot.deleted_at.is_none()).ok_or_else(|| Error::not_found("robot", id))?;
    let (now, by) = (platform.now(), caller.clone());
    let changed = platform.store.write(move |tx| {
        async move {
            if !rows::set_service(tx, id, from, to).await? {
                return Ok(false);
            }
            let audit = by.audit(now, action, "robot", Some(id), Some(robot.department_id), &json!({}));
            audits::insert_many(tx, &[audit]).await.map(|()| true)
        }
        .boxed()
    });
    if !changed.await? {
        return Err(Error::RobotState(format!("a robot that is {} cannot do this", robot.service_state)));
    }
    if platform.links.update(id, |linked| linked.service = to).is_none() {
        platform.signals.changed(id);
    }
    platform.counts.changed(Table::Robots);
    follow(platform, caller, id).await?;
    platform.dispatch.wake_robot(id);
    Ok(())
}

/// What a robot's service state and maintenance windows want of its tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wish {
    /// That they run.
    Run,
    /// That no new ones start.
    LetEnd,
    /// That they stand still; and why.
    Hold(String),
    /// That they end; and why.
    End(String),
}

/// Why tasks of `robot` must stand still now, if they must.
pub(crate) async fn on_hold(platform: &Platform, robot: RobotId) -> Result<Option<String>> {
    Ok(match wish(platform, robot).await? {
        Wish::Hold(reason) => Some(reason),
        Wish::Run | Wish::LetEnd | Wish::End(_) => None,
    })
}

async fn wish(platform: &Platform, id: RobotId) -> Result<Wish> {
    let Some(robot) = rows::find(&platform.store, &Scope::All, id).await? else { return Ok(Wish::Run) };
    match state_of(&robot) {
        Paused => return Ok(Wish::Hold("the robot of the task is paused: resume the robot".to_owned())),
        Stopped => return Ok(Wish::LetEnd),
        Started => {}
    }
    let Some(window) = maintenance_windows::of_robot(platform, &robot).await? else { return Ok(Wish::Run) };
    Ok(match window.on_running {
        OnRunning::Leave => Wish::LetEnd,
        OnRunning::Pause => {
            Wish::Hold(format!("the robot of the task is in the maintenance window \"{}\"", window.name))
        }
        OnRunning::Cancel => Wish::End(format!("the maintenance window \"{}\" began", window.name)),
    })
}

/// The service state as it is stored.
pub(crate) fn state_of(robot: &robot::Model) -> ServiceState {
    robot.service_state.parse().unwrap_or_default()
}

/// Brings the tasks of `robot` in line with what is wanted of it. May be repeated.
async fn follow(platform: &Platform, caller: &Caller, robot: RobotId) -> Result<()> {
    let held = task_rows::held_by(&platform.store, robot).await?;
    if held.is_empty() {
        return Ok(());
    }
    let wish = wish(platform, robot).await?;
    for row in held {
        let state: TaskState = row.state.parse().map_err(|()| Error::internal("unknown task state"))?;
        let none = StepDetail::None;
        let (action, step, detail, reason) = match (&wish, state) {
            (Wish::Hold(_), TaskState::Running) => ("pause", TaskStep::Pause, StepDetail::WithRobot, None),
            (Wish::End(reason), TaskState::Running | TaskState::Paused) => {
                ("cancel", TaskStep::RequestStop, none, Some(reason.as_str()))
            }
            (Wish::Hold(_) | Wish::LetEnd | Wish::End(_), TaskState::Assigned) => {
                ("return", TaskStep::Return, none, None)
            }
            (Wish::Run | Wish::LetEnd, TaskState::Paused) if row.paused_with_robot => {
                ("resume", TaskStep::Resume, none, None)
            }
            _ => continue,
        };
        take(platform, caller, &row, action, step, detail, reason).await?;
    }
    Ok(())
}

/// Takes a step on a task in the state in which it was seen. One that has moved on is looked at again by [`follow_all`].
async fn take(
    platform: &Platform,
    caller: &Caller,
    row: &baigong_store::entity::task::Model,
    action: &'static str,
    step: TaskStep,
    detail: StepDetail,
    reason: Option<&str>,
) -> Result<()> {
    let now = platform.now();
    let request = StepRequest {
        fence: Some(row.fence),
        seen: row.state.parse().ok(),
        message: reason.map(str::to_owned),
        detail,
        audit: Some(caller.audit(
            now,
            action,
            "task",
            Some(row.id),
            Some(row.department_id),
            &json!({ "with": "robot" }),
        )),
        ..StepRequest::new(row.id, step, now)
    };
    match platform.hot.step.submit(request).await {
        Ok(answer) => tasks::settle(platform, &answer),
        Err(Error::Conflict(_) | Error::StaleFence { .. } | Error::AlreadyEnded | Error::AlreadyCancelled) => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Brings tasks in line that a change of their robot or of a maintenance window has not reached: windows that begin and end,
/// robots that were away, a node that died in between. Answers how many robots were looked at.
pub async fn follow_all(platform: &Platform) -> Result<usize> {
    let now = platform.now();
    let mut robots = rows::with_paused_tasks(&platform.store).await?;
    let out_of_service = platform.links.survey(|_, linked| !linked.is_in_service(now) && !linked.held.is_empty());
    let held: Vec<(RobotId, TaskId)> = out_of_service
        .into_iter()
        .flat_map(|robot| {
            let held = platform.links.look(robot, |linked| linked.held.keys().copied().collect::<Vec<_>>());
            held.unwrap_or_default().into_iter().map(move |task| (robot, task))
        })
        .collect();
    let tasks: Vec<TaskId> = held.iter().map(|(_, task)| *task).collect();
    let standing = task_rows::states(&platform.store, &tasks).await?;
    let moves = |task: &TaskId| {
        standing.get(task).is_some_and(|it| matches!(it.state, TaskState::Assigned | TaskState::Running))
    };
    robots.extend(held.iter().filter(|(_, task)| moves(task)).map(|(robot, _)| *robot));
    robots.sort_unstable();
    robots.dedup();
    for robot in &robots {
        follow(platform, &Caller::platform(), *robot).await?;
    }
    Ok(robots.len())
}
