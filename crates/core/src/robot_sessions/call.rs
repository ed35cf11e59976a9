//! What running flows ask of the platform: queues, assets, credentials. A call is done once: its answer is stored in the same
//! transaction, and a repetition gets that answer.

use baigong_model::{Error, Result, TaskState, ids::RobotId};
use baigong_protocol::{Call, CallAnswer, CallError, CallRequest, CallResult, Reply};
use baigong_store::{Scope, entity::task, robot_calls, tasks as rows};
use futures_util::FutureExt;

use super::{
    queue_work::{self, Work},
    secrets,
};
use crate::{Platform, keys::Place, retention::in_batches};

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

async fn prepare(platform: &Platform, robot: RobotId, call: &Call) -> Result<Prepared> {
    let task = running(platform, robot, call).await?;
    if let Some(work) = queue_work::prepare(platform, &task, call).await? {
        return Ok(Prepared::Write(work));
    }
    Ok(match &call.request {
        CallRequest::AssetGet { name, key } => {
            Prepared::Now(secrets::asset(platform, robot, call, &task, (name, key)).await?)
        }
        CallRequest::CredentialGet { name, key } => {
            Prepared::Now(secrets::credential(platform, robot, call, &task, (name, key)).await?)
        }
        _ => {
            return Err(Error::invalid("request", "this platform does not know it: update the platform"));
        }
    })
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

/// Does the work unless it was done before; either way the answer is the stored one.
async fn once(platform: &Platform, robot: RobotId, call: &Call, work: Work) -> Result<CallAnswer> {
    let (task, fence, id, now) = (call.task_id, call.fence, call.call_id, platform.now());
    let platform_inside = platform.clone();
    let done = platform.store.write(move |tx| {
        async move {
            if !robot_calls::reserve(tx, task, fence, id, now).await? {
                let reply = robot_calls::find(tx, task, fence, id).await?.unwrap_or_default();
                return opened(&platform_inside, (task, fence, id), &reply);
            }
            // Again, inside: the run may have ended since it was looked at.
            if !rows::runs_on(tx, task, fence, robot).await? {
                return Err(Error::StaleFence { given: fence, current: 0 });
            }
            let (result, is_secret) = queue_work::run(&platform_inside, tx, work).await?;
            let answer = CallAnswer::Result(result);
            let mut reply = serde_json::to_string(&answer).map_err(Error::internal)?;
            if is_secret {
                let row = row_of((task, fence, id));
                reply = platform_inside.keys.seal(&*platform_inside.random, place(&row), reply.as_bytes());
            }
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

/// The id of a stored answer, which its seal is bound to.
fn row_of((task, fence, id): (i64, i64, i64)) -> String {
    format!("{task}:{fence}:{id}")
}

fn place(row: &str) -> Place<'_> {
    Place { table: "robot_call", row, column: "reply" }
}

/// A stored answer; one that holds a secret is stored sealed.
fn opened(platform: &Platform, key: (i64, i64, i64), reply: &str) -> Result<CallAnswer> {
    if reply.starts_with('{') {
        return serde_json::from_str(reply).map_err(Error::internal);
    }
    let opened = platform.keys.open(place(&row_of(key)), reply)?;
    serde_json::from_slice(opened.expose()).map_err(Error::internal)
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
    in_batches(platform, move |tx| async move { robot_calls::forget(tx, before).await }.boxed()).await
}
