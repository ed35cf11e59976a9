//! What running flows ask of the platform: queues, assets, credentials. A call is done once: its answer is stored in the same
//! transaction, and a repetition gets that answer.

use std::sync::Arc;

use baigong_model::{Error, Result, TaskState, ids::RobotId};
use baigong_protocol::{
    Call, CallAnswer, CallError, CallRequest, CallResult, NewQueueItem, QueueItem, QueueOutcome, Reply, TaskRef,
};
use baigong_store::{Scope, Tx, entity::task, queue_items as items, queues, robot_calls, tasks as rows};
use futures_util::FutureExt;

use super::{report::holder_of, secrets, storable};
use crate::{Platform, queue_items};

/// Does what a task asks for through its robot.
pub async fn call(platform: &Platform, robot: RobotId, call: Call) -> Result<Reply> {
    let (call_id, task_id, fence) = (call.call_id, call.task_id, call.fence);
    let answer = match prepare(platform, robot, &call).await {
        Ok(Prepared::Now(result)) => CallAnswer::Result(result),
        Ok(Prepared::Write(work)) => once(platform, robot, &call, work).await?,
        Err(error) => refused(error)?,
    };
    Ok(Reply { call_id, task_id, fence, answer })
}

/// A call after its checks.
enum Prepared {
    Now(CallResult),
    Write(Work),
}

enum Work {
    Push(items::Push),
    Pop(items::Pop),
    Finish(items::Finish),
}

async fn prepare(platform: &Platform, robot: RobotId, call: &Call) -> Result<Prepared> {
    let task = running(platform, robot, call).await?;
    let now = platform.now();
    Ok(match &call.request {
        CallRequest::QueuePush { queue, items } => {
            let queue = queue_of(platform, &task, queue).await?;
            let items = items.iter().map(|item| new_item(item, now)).collect::<Result<_>>()?;
            Prepared::Write(Work::Push(items::Push { queue_id: queue.id, items, now }))
        }
        CallRequest::QueuePop { queue } => {
            let queue = queue_of(platform, &task, queue).await?;
            let lease_until = now + queue.lease_seconds * 1000;
            Prepared::Write(Work::Pop(items::Pop { queue_id: queue.id, holder: holder(call), lease_until, now }))
        }
        CallRequest::QueueFinish { item_id, item_fence, outcome } => {
            let outcome = ending(outcome)?;
            Prepared::Write(Work::Finish(items::Finish {
                item_id: *item_id,
                queue_id: None,
                holder: holder(call),
                fence: *item_fence,
                outcome,
                now,
            }))
        }
        CallRequest::AssetGet { name, key } => {
            Prepared::Now(secrets::asset(platform, robot, call, &task, (name, key)).await?)
        }
        CallRequest::CredentialGet { name, key } => {
            Prepared::Now(secrets::credential(platform, robot, call, &task, (name, key)).await?)
        }
        CallRequest::Unknown => {
            return Err(Error::invalid("request", "this platform does not know it: update the platform"));
        }
    })
}

fn holder(call: &Call) -> Arc<str> {
    holder_of(TaskRef { task_id: call.task_id, fence: call.fence }).into()
}

/// The task, which must run on `robot` under the call's fence.
async fn running(platform: &Platform, robot: RobotId, call: &Call) -> Result<task::Model> {
    let task = rows::find(&platform.store, &Scope::All, call.task_id).await?;
    let task = task.ok_or_else(|| Error::not_found("task", call.task_id))?;
    let state = task.state.parse::<TaskState>();
    let runs = matches!(state, Ok(TaskState::Running | TaskState::Paused | TaskState::Stopping));
    if task.fence != call.fence || task.robot_id != Some(robot) || !runs {
        return Err(Error::StaleFence { given: call.fence, current: task.fence });
    }
    Ok(task)
}

async fn queue_of(
    platform: &Platform,
    task: &task::Model,
    name: &str,
) -> Result<baigong_store::entity::data_queue::Model> {
    let found = queues::find_by_name(&platform.store, task.department_id, name).await?;
    found.ok_or_else(|| {
        let reason = format!("there is no data queue \"{name}\" in department {}: create it first", task.department_id);
        Error::NotFound { kind: "data queue", id: reason }
    })
}

fn new_item(item: &NewQueueItem, now: i64) -> Result<items::NewItem> {
    queue_items::checked(&item.payload, item.reference.clone(), item.priority, now)
}

fn ending(outcome: &QueueOutcome) -> Result<items::Outcome> {
    Ok(match outcome {
        QueueOutcome::Succeeded { output } => {
            items::Outcome::Succeeded(output.as_ref().map(serde_json::to_string).transpose().map_err(Error::internal)?)
        }
        QueueOutcome::BusinessFailure { reason } => items::Outcome::BusinessFailure(storable(reason)),
        QueueOutcome::ApplicationFailure { reason } => items::Outcome::ApplicationFailure(storable(reason)),
    })
}

/// Does the work unless it was done before; either way the answer is the stored one.
async fn once(platform: &Platform, robot: RobotId, call: &Call, work: Work) -> Result<CallAnswer> {
    let (task, fence, id, now) = (call.task_id, call.fence, call.call_id, platform.now());
    let done = platform.store.write(move |tx| {
        async move {
            if !robot_calls::reserve(tx, task, fence, id, now).await? {
                let reply = robot_calls::find(tx, task, fence, id).await?.unwrap_or_default();
                return serde_json::from_str(&reply).map_err(Error::internal);
            }
            // Again, inside: the run may have ended since it was looked at.
            if !rows::runs_on(tx, task, fence, robot).await? {
                return Err(Error::StaleFence { given: fence, current: 0 });
            }
            let answer = CallAnswer::Result(work_in(tx, work).await?);
            let reply = serde_json::to_string(&answer).map_err(Error::internal)?;
            robot_calls::answer(tx, task, fence, id, &reply).await?;
            Ok(answer)
        }
        .boxed()
    });
    match done.await {
        Ok(answer) => Ok(answer),
        Err(error) => refused(error),
    }
}

async fn work_in(tx: &Tx, work: Work) -> Result<CallResult> {
    Ok(match work {
        Work::Push(push) => CallResult::QueuePushed { item_ids: first(items::push(tx, Arc::new(vec![push])).await?)? },
        Work::Pop(pop) => {
            let item = first(items::pop(tx, Arc::new(vec![pop])).await?)?;
            CallResult::QueuePopped { item: item.map(shown).transpose()? }
        }
        Work::Finish(finish) => {
            first(items::finish(tx, Arc::new(vec![finish])).await?)?;
            CallResult::QueueFinished
        }
    })
}

fn first<T>(answers: Vec<Result<T>>) -> Result<T> {
    answers.into_iter().next().ok_or_else(|| Error::internal("a batch of one gave no answer"))?
}

fn shown(item: baigong_store::entity::queue_item::Model) -> Result<QueueItem> {
    Ok(QueueItem {
        item_id: item.id,
        fence: item.fence,
        payload: serde_json::from_str(&item.payload).map_err(Error::internal)?,
        reference: item.reference,
        attempts: i64::from(item.attempts) - 1,
    })
}

/// An error the flow can act on; one that will pass is not answered, so that the robot asks again.
fn refused(error: Error) -> Result<CallAnswer> {
    let code = match &error {
        Error::NotFound { .. } => "notFound",
        Error::AlreadyExists { .. } | Error::Conflict(_) | Error::StaleFence { .. } => "conflict",
        Error::Invalid { .. } => "invalid",
        Error::Forbidden(_) => "forbidden",
        Error::Unavailable(_) | Error::LimitReached(_) | Error::Internal(_) => return Err(error),
        _ => "failed",
    };
    let message = match error {
        Error::NotFound { kind: "data queue", id } => id,
        other => other.to_string(),
    };
    Ok(CallAnswer::Error(CallError { code: code.into(), message }))
}

/// How long answers are kept for robots that ask again.
const KEEP: i64 = 7 * 24 * 3_600_000;

/// Forgets answers given long ago.
pub async fn forget_calls(platform: &Platform) -> Result<u64> {
    let before = platform.now() - KEEP;
    let mut forgotten = 0;
    loop {
        let batch =
            platform.store.write(move |tx| async move { robot_calls::forget(tx, before).await }.boxed()).await?;
        forgotten += batch;
        if batch == 0 {
            return Ok(forgotten);
        }
    }
}
