//! What time does to tasks and queue items. Each function looks, then acts through the table of steps under the fence it
//! saw, so that it can never hit a run that has moved on.

use std::sync::atomic::Ordering;

use baigong_model::{Error, Result, TaskState, TaskStep};
use baigong_protocol::{TaskNotice, TaskRef, ToRobot};
use baigong_store::{
    queue_items as items,
    tasks::{self as rows, DueTask, StepAnswer, StepRequest},
};
use futures_util::{FutureExt, future::join_all};
use serde_json::json;

use crate::{Caller, Platform, robot_sessions};

/// How long a robot may take to stop a task that ran too long before the platform ends it alone.
const STOP_GRACE: i64 = 30_000;
/// How long an item that cannot be released is left alone.
const PUT_OFF: i64 = 60_000;

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
///
/// A lease ends only in time in which it could have been renewed. When this has not run for a while (the database was
/// away, the machine slept, the clock was set forward), the robots get a whole lease to be heard again.
pub async fn end_leases(platform: &Platform) -> Result<usize> {
    let now = platform.now();
    let due = rows::overdue_leases(&platform.store, now).await?;
    let lease = platform.config.lease;
    if now - platform.leases_looked_at.swap(now, Ordering::SeqCst) > lease / 4 {
        let extended =
            platform.store.write(move |tx| async move { rows::extend(tx, now + lease).await }.boxed()).await?;
        if extended > 0 {
            tracing::warn!(
                tasks = extended,
                "leases were not looked at for a while: robots get time to be heard again"
            );
        }
        return Ok(0);
    }
    let step = |task: &DueTask| match task.state {
        TaskState::Assigned => TaskStep::Return,
        TaskState::Running | TaskState::Paused if task.retry_safe => TaskStep::RunAgain,
        _ => TaskStep::Lose,
    };
    platform.counted.leases_expired(due.len());
    act(platform, due, step, "its robot has not been heard of").await
}

/// What time does to queue items: those whose holder let the lease end go back into their queues, those whose time has come
/// are there to be taken, those that nobody took in time are over. Answers how many.
pub async fn sweep_items(platform: &Platform) -> Result<u64> {
    let now = platform.now();
    keep_items_of_runs(platform, now).await?;
    let mut all = 0;
    loop {
        let some = platform.store.write(move |tx| {
            async move {
                // Over before there: what comes too late is not brought in first.
                let expired = items::expire(tx, now).await?;
                Ok(expired + items::promote(tx, now).await?)
            }
            .boxed()
        });
        let some = some.await? + release_items(platform, now).await?;
        all += some;
        if some == 0 {
            return Ok(all);
        }
    }
}

/// A run that goes on, or stands still, keeps what it holds: given to another robot meanwhile, its steps would happen twice.
/// When the run ends, however it ends, what it has not finished is released.
async fn keep_items_of_runs(platform: &Platform, now: i64) -> Result<()> {
    let holders = items::overdue_holders(&platform.store, now).await?;
    let runs: Vec<(String, TaskRef)> = holders
        .into_iter()
        .filter_map(|holder| robot_sessions::run_of_holder(&holder).map(|run| (holder, run)))
        .collect();
    let ids: Vec<i64> = runs.iter().map(|(_, run)| run.task_id).collect();
    let states = rows::states(&platform.store, &ids).await?;
    let goes_on = |run: &TaskRef| states.get(&run.task_id).is_some_and(|it| it.is_held && it.fence == run.fence);
    let kept: Vec<String> = runs.into_iter().filter(|(_, run)| goes_on(run)).map(|(holder, _)| holder).collect();
    if kept.is_empty() {
        return Ok(());
    }
    let until = now + platform.config.lease;
    platform.store.write(move |tx| async move { items::keep(tx, &kept, now, until).await }.boxed()).await.map(drop)
}

/// Releases items whose lease has ended: together or, where that fails, one by one. One that cannot be forwarded, because its
/// seal does not open, stays where it is for a while and keeps no other.
async fn release_items(platform: &Platform, now: i64) -> Result<u64> {
    let (store, vault) = (&platform.store, crate::queue_items::vault(platform));
    let with = vault.clone();
    match store.write(move |tx| async move { items::release_overdue(tx, now, &with).await }.boxed()).await {
        Err(Error::Internal(_)) => {}
        together => return together,
    }
    let mut released = 0;
    for item in items::overdue(store, now).await? {
        let with = vault.clone();
        let one = store.write(move |tx| async move { items::release_overdue_one(tx, item, now, &with).await }.boxed());
        match one.await {
            Ok(some) => released += some,
            Err(Error::Internal(cause)) => {
                tracing::error!(item, %cause, "a queue item whose lease has ended cannot be released");
                let until = now + PUT_OFF;
                store.write(move |tx| async move { items::put_off(tx, item, now, until).await }.boxed()).await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(released)
}

/// Takes the step for each task that is still as it was seen. An error with one does not hold up the others.
async fn act(
    platform: &Platform,
    due: Vec<DueTask>,
    step: impl Fn(&DueTask) -> TaskStep,
    message: &str,
) -> Result<usize> {
    let now = platform.now();
    let steps = due.iter().map(|task| platform.hot.step.submit(request(task, step(task), message, now)));
    let (mut changed, mut trouble) = (0, None);
    for (task, outcome) in due.iter().zip(join_all(steps).await) {
        match outcome {
            Ok(answer) => {
                platform.counted.stepped(&answer);
                changed += usize::from(answer.changed);
                if let Err(error) = after(platform, task, &answer).await {
                    trouble = Some(error);
                }
            }
            // It moved on between the look and the write, which is well.
            Err(Error::Conflict(_) | Error::StaleFence { .. } | Error::AlreadyEnded | Error::AlreadyCancelled) => {}
            Err(error) => trouble = Some(error),
        }
    }
    trouble.map_or(Ok(changed), Err)
}

fn request(task: &DueTask, step: TaskStep, message: &str, now: i64) -> StepRequest {
    let detail = json!({ "fence": task.fence, "robotId": task.robot_id, "because": message });
    let for_lease = matches!(step, TaskStep::Return | TaskStep::RunAgain | TaskStep::Lose);
    StepRequest {
        fence: Some(task.fence),
        seen: Some(task.state),
        lease_ended_by: for_lease.then_some(now),
        message: Some(message.to_owned()),
        audit: Some(Caller::platform().audit(now, word(step), "task", Some(task.id), None, &detail)),
        ..StepRequest::new(task.id, step, now)
    }
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

/// Tells the robot, should it be there after all, and gives its place and its queue items free.
async fn after(platform: &Platform, task: &DueTask, answer: &StepAnswer) -> Result<()> {
    let state = answer.state;
    if state == TaskState::Lost {
        let (task, robot) = (task.id, task.robot_id);
        tracing::error!(task, robot, "a task is lost: its robot vanished after the start; a person must decide");
    }
    if answer.is_held {
        return Ok(());
    }
    if let Some(robot) = task.robot_id {
        let notice = TaskNotice { task_id: task.id, fence: task.fence, reason: "its lease is over".into() };
        // A run that has ended still has to tell what it did; one that is given anew has nothing more to say.
        let message = if state.is_final() { ToRobot::Cancel(notice) } else { ToRobot::Stale(notice) };
        platform.links.send(robot, message);
        robot_sessions::let_go(platform, robot, task.id);
    }
    if state == TaskState::Queued {
        platform.dispatch.wake(answer.before.pool_id);
    }
    robot_sessions::release_items_of(platform, TaskRef { task_id: task.id, fence: task.fence }).await
}
