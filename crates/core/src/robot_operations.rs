//! What permitted people ask of robots themselves (T/TSAC 002-2025, 5.3): restart, reboot, shut down, run another version.
//! An operation is stored, said to the robot until it answers, and over when the robot says what came of it.

use baigong_model::{
    Error, Page, PageOf, Permission, Result,
    ids::{OperationId, RobotId, RolloutId},
};
pub use baigong_protocol::OperationKind;
use baigong_protocol::{Operated, Operation, OperationStage, ToRobot, VersionRef, paths};
use baigong_store::{
    Scope, agent_rollouts, agent_versions, audits,
    entity::robot_operation::Model,
    robot_operations::{self as rows, Filter},
    robots,
};
use futures_util::FutureExt;
use serde_json::json;

use crate::{Caller, Platform, departments, robot_sessions::storable};

/// A robot that is not connected for so long is not asked any more: a machine must not reboot out of the blue.
pub const ASKED_FOR: i64 = 15 * 60_000;
/// A robot that has begun and says nothing for so long beyond the time its tasks may take has failed.
const ANSWERS_WITHIN: i64 = 20 * 60_000;
/// The longest time that running tasks may take first, in seconds.
pub const LONGEST_DRAIN: i64 = 24 * 3600;
/// The longest words of a robot that are kept.
const LONGEST_DETAIL: usize = 2000;

/// Asks the robot `id` for `kind`. `drain_seconds` is how long running tasks may go on first.
pub async fn request(
    platform: &Platform,
    caller: &Caller,
    id: RobotId,
    kind: OperationKind,
    drain_seconds: i64,
) -> Result<OperationId> {
    caller.need(Permission::RobotOperate)?;
    check_drain(drain_seconds)?;
    let robot = robots::find(&platform.store, caller.scope(), id).await?;
    let robot = robot.filter(|robot| robot.deleted_at.is_none()).ok_or_else(|| Error::not_found("robot", id))?;
    let now = platform.now();
    let row = Model {
        id: 0,
        department_id: robot.department_id,
        robot_id: id,
        kind: kind.as_str().to_owned(),
        state: "waiting".to_owned(),
        detail: String::new(),
        drain_seconds,
        rollout_id: None,
        version_id: None,
        wave: 0,
        version_before: robot.agent_version.filter(|version| !version.is_empty()),
        created_by: caller.id(),
        created_at: now,
        asked_at: Some(now),
        ended_at: None,
    };
    let by = caller.clone();
    let stored = platform.store.write(move |tx| {
        async move {
            if rows::is_open(tx, id, kind.as_str()).await? {
                return Err(Error::conflict(format!("the robot is being asked for this already: {}", kind.as_str())));
            }
            let audit = by.audit(now, kind.as_str(), "robot", Some(id), Some(row.department_id), &json!({}));
            let ids = rows::insert_many(tx, vec![row]).await?;
            audits::insert_many(tx, &[audit]).await?;
            ids.into_iter().next().ok_or_else(|| Error::internal("an operation got no id"))
        }
        .boxed()
    });
    let operation = stored.await?;
    ask_all(platform).await?;
    Ok(operation)
}

/// Fails unless running tasks may take so long.
pub(crate) fn check_drain(seconds: i64) -> Result<()> {
    if (0..=LONGEST_DRAIN).contains(&seconds) {
        return Ok(());
    }
    Err(Error::invalid("drainSeconds", format!("must be between 0 and {LONGEST_DRAIN}")))
}

/// Takes back an operation that no robot has begun.
pub async fn cancel(platform: &Platform, caller: &Caller, id: OperationId) -> Result<()> {
    caller.need(Permission::RobotOperate)?;
    let (now, by) = (platform.now(), caller.clone());
    let cancelled = platform.store.write(move |tx| {
        async move {
            let row = rows::lock(tx, id).await?.filter(|row| by.scope().sees(row.department_id, row.created_by));
            let row = row.ok_or_else(|| Error::not_found("operation", id))?;
            if !rows::step(tx, id, &["planned", "waiting"], "cancelled", "", Some(now)).await? {
                return Err(Error::conflict(format!("the operation is {}: it cannot be taken back", row.state)));
            }
            let detail = json!({ "robotId": row.robot_id, "kind": row.kind });
            let audit = by.audit(now, "cancel", "robot operation", Some(id), Some(row.department_id), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    cancelled.await
}

/// Which operations.
#[derive(Debug, Clone, Copy, Default)]
pub struct Which {
    /// Only of this department and those below.
    pub department_id: Option<i64>,
    /// Only of this robot.
    pub robot_id: Option<RobotId>,
    /// Only of this rolling upgrade.
    pub rollout_id: Option<RolloutId>,
}

/// A page of operations, the latest first.
pub async fn list(platform: &Platform, caller: &Caller, which: Which, page: Page) -> Result<PageOf<Model>> {
    caller.need(Permission::RobotRead)?;
    if let Some(id) = which.robot_id {
        robots::find(&platform.store, caller.scope(), id).await?.ok_or_else(|| Error::not_found("robot", id))?;
    }
    if let Some(id) = which.rollout_id {
        let found = agent_rollouts::find(&platform.store, caller.scope(), id).await?;
        found.ok_or_else(|| Error::not_found("agent rollout", id))?;
    }
    let scope = departments::scope_of(platform, caller, which.department_id).await?;
    let filter = Filter { scope, robot_id: which.robot_id, rollout_id: which.rollout_id };
    let total = rows::count(&platform.store, &filter).await?;
    Ok(PageOf { rows: rows::list(&platform.store, &filter, page).await?, total })
}

/// Asks the robots that are connected here and have not answered, and gives up on those that will not. Answers how many
/// were asked.
pub async fn ask_all(platform: &Platform) -> Result<usize> {
    let now = platform.now();
    let mut asked = 0;
    for row in rows::open(&platform.store).await? {
        let since = now - row.asked_at.unwrap_or(row.created_at);
        let (state, why) = match row.state.as_str() {
            "waiting" if since > ASKED_FOR => ("expired", "the robot was not connected"),
            "waiting" => {
                if platform.links.look(row.robot_id, |_| ()).is_some() {
                    let operation = operation_of(platform, &row).await?;
                    asked += usize::from(platform.links.send(row.robot_id, ToRobot::Operate(operation)));
                }
                continue;
            }
            _ if since > ANSWERS_WITHIN + row.drain_seconds * 1000 => {
                ("failed", "the robot began and was not heard of again")
            }
            _ => continue,
        };
        end(platform, row, state, why).await?;
    }
    Ok(asked)
}

async fn end(platform: &Platform, row: Model, to: &'static str, why: &'static str) -> Result<bool> {
    let now = platform.now();
    let ended = platform.store.write(move |tx| {
        async move {
            if !rows::step(tx, row.id, &[&row.state], to, why, Some(now)).await? {
                return Ok(false);
            }
            let told = json!({ "robotId": row.robot_id, "kind": row.kind, "outcome": to, "detail": why });
            let (id, department) = (Some(row.id), Some(row.department_id));
            let audit = Caller::platform().audit(now, to, "robot operation", id, department, &told);
            audits::insert_many(tx, &[audit]).await.map(|()| true)
        }
        .boxed()
    });
    ended.await
}

/// The operation as the robot is told of it.
async fn operation_of(platform: &Platform, row: &Model) -> Result<Operation> {
    let version = match row.version_id {
        Some(id) => agent_versions::find(&platform.store, &Scope::All, id).await?,
        None => None,
    };
    let rollout = match row.rollout_id {
        Some(id) => agent_rollouts::find(&platform.store, &Scope::All, id).await?,
        None => None,
    };
    Ok(Operation {
        operation_id: row.id,
        kind: row.kind.parse().unwrap_or(OperationKind::Unknown),
        drain_seconds: u64::try_from(row.drain_seconds).unwrap_or(0),
        version: version.map(|version| VersionRef {
            path: paths::agent_version(version.id),
            version: version.name,
            sha256: version.sha256,
            size: u64::try_from(version.size).unwrap_or(0),
            signature: version.signature,
            allows_older: rollout.is_some_and(|rollout| rollout.allows_older),
        }),
    })
}

/// A robot says how far an operation of its own is. Said twice, it changes nothing.
pub async fn heard(platform: &Platform, robot: RobotId, said: Operated) -> Result<()> {
    let (now, id) = (platform.now(), said.operation_id);
    let (to, from, is_over): (_, &'static [&'static str], _) = match said.stage {
        OperationStage::Accepted => ("accepted", &["waiting"], false),
        OperationStage::Done => ("done", &["waiting", "accepted", "expired"], true),
        OperationStage::Failed => ("failed", &["waiting", "accepted", "expired"], true),
        OperationStage::Refused => ("refused", &["waiting"], true),
        OperationStage::Unknown => return Ok(()),
    };
    let detail: String = storable(&said.detail).chars().take(LONGEST_DETAIL).collect();
    let written = platform.store.write(move |tx| {
        async move {
            let Some(row) = rows::lock(tx, id).await?.filter(|row| row.robot_id == robot) else { return Ok(()) };
            if !rows::step(tx, id, from, to, &detail, is_over.then_some(now)).await? {
                return Ok(());
            }
            let told = json!({ "robotId": robot, "kind": row.kind, "outcome": to, "detail": detail });
            let audit = Caller::platform().audit(now, to, "robot operation", Some(id), Some(row.department_id), &told);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    written.await
}

#[cfg(test)]
pub(crate) mod tests;
