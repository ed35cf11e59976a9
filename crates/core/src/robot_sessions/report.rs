//! How tasks end, as their robots report it.

use baigong_model::{Error, Result, TaskState, TaskStep, ids::RobotId};
use baigong_protocol::{Declined, Failure, Outcome, Report, TaskRef};
use baigong_store::{audits, queue_items, tasks::StepDetail};
use futures_util::FutureExt;
use serde_json::json;

use super::{let_go, step_of, storable, take};
use crate::{Caller, Platform, parameters, tasks::control};

/// For how long a robot that turned a task down gets no other.
const REST: i64 = 5_000;

/// Stores how a task ended; `Ok` once it is durable, or when it came too late to matter, which is recorded.
pub async fn report(platform: &Platform, robot: RobotId, report: Report) -> Result<()> {
    let task = TaskRef { task_id: report.task_id, fence: report.fence };
    let step = match report.outcome {
        Outcome::Succeeded => TaskStep::Succeed,
        Outcome::Failed => TaskStep::Fail,
        Outcome::Cancelled => TaskStep::Cancel,
        Outcome::RunExpired => TaskStep::ExpireRunning,
    };
    let mut request = step_of(platform, robot, task, step);
    // What it was told is no news: the message keeps who stopped it.
    request.message = report.message.as_deref().filter(|it| *it != control::TO_STOP).map(storable);
    request.out_parameters = Some(parameters::to_text(&report.out_parameters)?);
    request.detail = match report.failure {
        Some(Failure::Application) => StepDetail::MayRetry,
        Some(Failure::Interrupted) => StepDetail::MayRetryIfSafe,
        Some(Failure::Business | Failure::Unknown) | None => StepDetail::None,
    };
    let outcome = take(platform, request).await;
    match outcome {
        Ok(answer) if answer.state != TaskState::Succeeded => {
            release_items_of(platform, task).await?;
            if answer.state == TaskState::Queued {
                platform.dispatch.wake(answer.before.pool_id);
            }
        }
        Ok(_) => {}
        Err(
            error @ (Error::AlreadyEnded
            | Error::AlreadyCancelled
            | Error::StaleFence { .. }
            | Error::NotFound { .. }
            | Error::Conflict(_)),
        ) => {
            record_late(platform, robot, task, report.outcome, &error).await?;
        }
        Err(error) => return Err(error),
    }
    let_go(platform, robot, task.task_id);
    Ok(())
}

/// The robot turned an assignment down: the task goes back into the queue, and the robot rests a moment.
pub async fn declined(platform: &Platform, robot: RobotId, declined: Declined) -> Result<()> {
    let task = TaskRef { task_id: declined.task_id, fence: declined.fence };
    tracing::warn!(robot, task = task.task_id, reason = declined.reason, "a robot turned a task down");
    let mut request = step_of(platform, robot, task, TaskStep::Return);
    request.message = Some(format!("robot {robot} turned it down: {}", storable(&declined.reason)));
    let returned = take(platform, request).await;
    platform.links.update(robot, |linked| {
        linked.rests_until = platform.now() + REST;
        linked.declined = Some(storable(&declined.reason));
    });
    let_go(platform, robot, task.task_id);
    match returned {
        Ok(answer) => platform.dispatch.wake(answer.before.pool_id),
        Err(error) => tracing::info!(robot, task = task.task_id, %error, "it had moved on already"),
    }
    Ok(())
}

/// An assignment that could not be sent goes back into the queue.
pub(crate) async fn return_untold(platform: &Platform, robot: RobotId, task: TaskRef) -> Result<()> {
    let returned = take(platform, step_of(platform, robot, task, TaskStep::Return)).await;
    platform.links.update(robot, |linked| linked.rests_until = platform.now() + REST);
    let_go(platform, robot, task.task_id);
    match returned {
        Ok(answer) => platform.dispatch.wake(answer.before.pool_id),
        Err(error) => tracing::info!(robot, task = task.task_id, %error, "it had moved on already"),
    }
    Ok(())
}

/// Items that this run of the task took and did not finish go back into their queues.
pub(crate) async fn release_items_of(platform: &Platform, task: TaskRef) -> Result<()> {
    let (holder, now, vault) = (holder_of(task), platform.now(), crate::queue_items::vault(platform));
    let work = platform.store.write(move |tx| {
        async move {
            // Some at a time, until none is left.
            while queue_items::requeue_of_holder(tx, &holder, now, &vault).await? > 0 {}
            Ok(())
        }
        .boxed()
    });
    work.await
}

/// How a run is written as the holder of a queue item.
pub(super) fn holder_of(task: TaskRef) -> String {
    format!("task {}:{}", task.task_id, task.fence)
}

/// The run that holds a queue item under this name; none where a user does.
pub(crate) fn run_of_holder(holder: &str) -> Option<TaskRef> {
    let (task_id, fence) = holder.strip_prefix("task ")?.split_once(':')?;
    Some(TaskRef { task_id: task_id.parse().ok()?, fence: fence.parse().ok()? })
}

async fn record_late(
    platform: &Platform,
    robot: RobotId,
    task: TaskRef,
    outcome: Outcome,
    error: &Error,
) -> Result<()> {
    tracing::warn!(robot, task = task.task_id, ?outcome, %error, "a report came too late and changes nothing");
    let detail = json!({ "robotId": robot, "fence": task.fence, "outcome": outcome, "because": error.to_string() });
    let row = Caller::platform().audit(platform.now(), "late-report", "task", Some(task.task_id), None, &detail);
    platform.store.write(move |tx| async move { audits::insert_many(tx, &[row]).await }.boxed()).await
}
