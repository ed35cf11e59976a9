//! What time does to tasks and queue items. Each function looks, then acts through the table of steps under the fence it
//! saw, so that it can never hit a run that has moved on.

use baigong_model::{Error, Result, TaskState, TaskStep};
use baigong_protocol::{TaskNotice, ToRobot};
use baigong_store::{
    queue_items,
    tasks::{self as rows, DueTask, StepRequest},
};
use futures_util::{FutureExt, future::join_all};
use serde_json::json;

use crate::{Caller, Platform};

/// How long a robot may take to stop a task that ran too long before the platform ends it alone.
const STOP_GRACE: i64 = 30_000;

/// Ends tasks that waited longer than their maximum waiting time.
pub async fn expire_waiting(platform: &Platform) -> Result<usize> {
    let due = rows::overdue_waits(&platform.store, platform.now()).await?;
    act(platform, due, |_| TaskStep::ExpireWaiting, "it waited longer than its maximum waiting time").await
}

/// Asks robots to stop tasks that ran longer than their maximum run time, and ends those whose robot does not.
pub async fn expire_running(platform: &Platform) -> Result<usize> {
    let message = "it ran longer than its maximum run time";
    let late = rows::overdue_stops(&platform.store, platform.now() - STOP_GRACE).await?;
    let ended = act(platform, late, |_| TaskStep::ExpireRunning, message).await?;
    // The robots know the limit and stop such tasks themselves: this is the net below them.
    let due = rows::overdue_runs(&platform.store, platform.now() - STOP_GRACE / 2).await?;
    for task in &due {
        let notice = TaskNotice { task_id: task.id, fence: task.fence, reason: message.into() };
        task.robot_id.map(|robot| platform.links.send(robot, ToRobot::Cancel(notice)));
    }
    Ok(ended + act(platform, due, |_| TaskStep::RequestStop, message).await?)
}

/// Tasks whose robot let the lease end: before the start they are given to another; after it they are lost, and a person
/// decides, unless their process may safely be run again.
pub async fn end_leases(platform: &Platform) -> Result<usize> {
    let due = rows::overdue_leases(&platform.store, platform.now()).await?;
    let step = |task: &DueTask| match task.state {
        TaskState::Assigned => TaskStep::Return,
        TaskState::Running if task.retry_safe => TaskStep::RunAgain,
        _ => TaskStep::Lose,
    };
    act(platform, due, step, "its robot has not been heard of").await
}

/// Puts queue items whose holder let the lease end back into their queues.
pub async fn release_items(platform: &Platform) -> Result<u64> {
    let now = platform.now();
    platform.store.write(move |tx| async move { queue_items::release_overdue(tx, now).await }.boxed()).await
}

async fn act(
    platform: &Platform,
    due: Vec<DueTask>,
    step: impl Fn(&DueTask) -> TaskStep,
    message: &str,
) -> Result<usize> {
    let now = platform.now();
    let steps = due.iter().map(|task| {
        let step = step(task);
        let detail = json!({ "fence": task.fence, "robotId": task.robot_id, "because": message });
        platform.hot.step.submit(StepRequest {
            task_id: task.id,
            step,
            fence: Some(task.fence),
            robot_id: None,
            message: Some(message.to_owned()),
            out_parameters: None,
            lease_until: None,
            now,
            audit: Some(Caller::platform().audit(now, word(step), "task", Some(task.id), None, &detail)),
        })
    });
    let mut changed = 0;
    for (task, outcome) in due.iter().zip(join_all(steps).await) {
        match outcome {
            Ok(answer) => {
                changed += usize::from(answer.changed);
                after(platform, task, answer.before.pool_id, answer.state);
            }
            // It moved on between the look and the write, which is well.
            Err(Error::Conflict(_) | Error::StaleFence { .. } | Error::AlreadyEnded | Error::AlreadyCancelled) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(changed)
}

fn word(step: TaskStep) -> &'static str {
    match step {
        TaskStep::ExpireWaiting => "wait-expired",
        TaskStep::ExpireRunning => "run-expired",
        TaskStep::RequestStop => "stop",
        TaskStep::Return => "return",
        TaskStep::RunAgain => "run-again",
        _ => "lost",
    }
}

fn after(platform: &Platform, task: &DueTask, pool: i64, state: TaskState) {
    if state == TaskState::Lost {
        tracing::error!(
            task = task.id,
            robot = task.robot_id,
            "a task is lost: its robot vanished after the start; a person must decide"
        );
    }
    if let Some(robot) = task.robot_id.filter(|_| state.is_final() || state == TaskState::Queued) {
        let notice = TaskNotice { task_id: task.id, fence: task.fence, reason: "its lease is over".into() };
        platform.links.send(robot, ToRobot::Stale(notice));
        platform.links.update(robot, |linked| linked.held.remove(&task.id));
    }
    if state == TaskState::Queued {
        platform.dispatch.wake(pool);
    }
}
