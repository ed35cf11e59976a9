//! Secrets for running tasks: given only to the robot that holds the task, sealed to the key that its agent made, with a row in
//! the audit each time. The answer is never stored, only what it was of: a call that comes again is answered anew.

use baigong_model::{Error, Result, Secret, ids::RobotId};
use baigong_protocol::{Call, CallResult, Credential, sealing};
use baigong_store::{
    asset_accesses, audits, entity::task, grants, grants::Granted, own_tasks::MADE_ON_ROBOT, robot_calls, tasks as rows,
};
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::{Caller, Platform, assets, credentials};

/// The credential called `name`, for a task that runs on `robot`.
pub(super) async fn credential(
    platform: &Platform,
    robot: RobotId,
    call: &Call,
    task: &task::Model,
    (name, key): (&str, &str),
) -> Result<CallResult> {
    let row = credentials::for_robot(platform, task.department_id, robot, name).await?;
    need_name(platform, task, robot, (Granted::Credential, row.id)).await?;
    let password = text(&credentials::open(platform, &row)?)?;
    let credential = Credential { username: row.username, password: password.expose().clone() };
    let value = serde_json::to_value(credential).map_err(Error::internal)?;
    let sealed = seal(platform, call, key, value)?;
    told(
        platform,
        robot,
        call,
        Fetched { kind: "credential", id: row.id, department: row.department_id, name, read: None },
    )
    .await?;
    Ok(sealed)
}

/// The value of the asset called `name`, for a task that runs on `robot`.
pub(super) async fn asset(
    platform: &Platform,
    robot: RobotId,
    call: &Call,
    task: &task::Model,
    (name, key): (&str, &str),
) -> Result<CallResult> {
    let row = assets::for_robot(platform, task.department_id, robot, name).await?;
    let read = assets::access::by_task(task, robot, row.id, platform.now());
    if row.kind != "hash" {
        assets::access::write(platform, vec![read.clone()]).await?;
    }
    let value = match row.kind.as_str() {
        "text" => Value::String(row.value),
        "hash" => {
            if key.is_empty() {
                return Err(Error::invalid("key", "the asset is secret and this robot has no key: update the robot"));
            }
            need_name(platform, task, robot, (Granted::Asset, row.id)).await?;
            let value = text(&assets::open(platform, &row)?)?;
            let sealed = seal(platform, call, key, Value::String(value.expose().clone()))?;
            let read = Some(read);
            let fetched = Fetched { kind: "asset", id: row.id, department: row.department_id, name, read };
            told(platform, robot, call, fetched).await?;
            return Ok(sealed);
        }
        _ => serde_json::from_str(&row.value).unwrap_or(Value::String(row.value)),
    };
    Ok(CallResult::Asset { value })
}

/// A task that was made on the robot itself was not checked by anybody here: it gets a secret only where somebody gave that
/// secret to this robot by name, not because it is everybody's.
async fn need_name(
    platform: &Platform,
    task: &task::Model,
    robot: RobotId,
    (granted, id): (Granted, i64),
) -> Result<()> {
    if task.create_mode != MADE_ON_ROBOT {
        return Ok(());
    }
    let named = grants::robots(&platform.store, granted, &[id]).await?;
    if named.get(&id).is_some_and(|robots| robots.contains(&robot)) {
        return Ok(());
    }
    let reason = format!("a secret that names robot {robot} (the task was made on the robot itself)");
    Err(Error::Forbidden(reason))
}

fn text(bytes: &Secret<Vec<u8>>) -> Result<Secret<String>> {
    String::from_utf8(bytes.expose().clone()).map(Secret::new).map_err(Error::internal)
}

fn seal(platform: &Platform, call: &Call, key: &str, value: Value) -> Result<CallResult> {
    let id = sealing::CallId { task_id: call.task_id, fence: call.fence, call_id: call.call_id };
    let sealed = sealing::seal(&*platform.random, key, id, value);
    let value = sealed.ok_or_else(|| Error::invalid("key", "must be a point of SM2, 04‖x‖y, in hexadecimal"))?;
    Ok(CallResult::Sealed { value })
}

/// What a task gets.
struct Fetched<'a> {
    kind: &'static str,
    id: i64,
    department: i64,
    name: &'a str,
    /// To be written down among the readings of an asset.
    read: Option<asset_accesses::NewAccess>,
}

/// Writes into the audit that the task gets it, once for each call, if the task still runs there.
async fn told(platform: &Platform, robot: RobotId, call: &Call, fetched: Fetched<'_>) -> Result<()> {
    let (task, fence, call_id, now) = (call.task_id, call.fence, call.call_id, platform.now());
    let read: Vec<_> = fetched.read.into_iter().collect();
    let detail = json!({ "taskId": task, "robotId": robot, "name": fetched.name });
    let told =
        Caller::platform().audit(now, "fetch", fetched.kind, Some(fetched.id), Some(fetched.department), &detail);
    let what = format!("{} {}", fetched.kind, fetched.id);
    let audit = audits::NewAudit { username: format!("robot {robot}").into(), ..told };
    let written = platform.store.write(move |tx| {
        async move {
            // Again, inside: the run may have ended since it was looked at.
            if !rows::runs_on(tx, task, fence, robot).await? {
                return Err(Error::StaleFence { given: fence, current: 0 });
            }
            if robot_calls::reserve(tx, task, fence, call_id, now).await? {
                robot_calls::answer(tx, task, fence, call_id, &what).await?;
                asset_accesses::insert_many(tx, &read).await?;
                return audits::insert_many(tx, &[audit]).await;
            }
            // One row in the audit stands for one secret: the same number does not fetch another one.
            match robot_calls::find(tx, task, fence, call_id).await?.is_some_and(|before| before == what) {
                true => Ok(()),
                false => Err(Error::conflict("the call asked for something else before")),
            }
        }
        .boxed()
    });
    written.await
}

#[cfg(test)]
mod tests;
