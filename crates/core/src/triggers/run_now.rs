//! Running a trigger once because a person asks, whatever its schedule says: its next instants stay as they are.

use std::collections::HashMap;

use baigong_model::{
    Error, Permission, Result,
    ids::{PoolId, RobotId, TaskId, TriggerId},
};
use baigong_package::in_parameters as parameters;
use baigong_store::{entity::task_trigger, pools, triggers as rows};

use super::work::{self, Ground};
use crate::{
    Caller, Platform,
    tasks::{self as operations, Origin},
};

/// Makes the tasks that the trigger would make now; their ids.
pub async fn run_now(platform: &Platform, caller: &Caller, id: TriggerId) -> Result<Vec<TaskId>> {
    caller.need(Permission::TaskRun)?;
    let seen = rows::find(&platform.store, caller.scope(), id).await?;
    seen.filter(|row| row.deleted_at.is_none()).ok_or_else(|| Error::not_found("trigger", id))?;
    let ready = rows::ready_one(&platform.store, id).await?.ok_or_else(|| Error::not_found("trigger", id))?;
    let ground = Ground::of(platform, std::slice::from_ref(&ready)).await?;
    let (plan, pools) = ground
        .plan(&ready)
        .map_err(|(reason, _)| Error::conflict(format!("the trigger has nothing to run now: {}", reason.as_str())))?;
    let now = platform.now();
    let origin = Origin { caller, create_mode: 2, created_by: caller.id(), trigger_id: Some(id), now };
    let request = operations::request(&work::order(&ready.trigger)?, plan, pools.clone(), &origin)?;
    let ids = platform.hot.create.submit(request).await?;
    for pool in pools {
        platform.dispatch.wake(pool);
    }
    Ok(ids)
}

/// The names of in-parameters as they are stored: their values may be confidential.
#[must_use]
pub fn parameter_names(stored: &str) -> String {
    let parameters = parameters::parse(stored).unwrap_or_default();
    parameters.into_iter().map(|parameter| parameter.name).collect::<Vec<_>>().join(",")
}

/// The live robots in the lists of the triggers that the caller sees, by the trigger's id.
pub async fn robots_of(
    platform: &Platform,
    caller: &Caller,
    triggers: &[task_trigger::Model],
) -> Result<HashMap<TriggerId, Vec<RobotId>>> {
    let listed: HashMap<TriggerId, PoolId> =
        triggers.iter().filter_map(|row| Some((row.id, work::listed_pool(row)?))).collect();
    if listed.is_empty() {
        return Ok(HashMap::new());
    }
    let pools: Vec<PoolId> = listed.values().copied().collect();
    let members = pools::members_of(&platform.store, caller.scope(), &pools).await?;
    Ok(listed.into_iter().map(|(id, pool)| (id, members.get(&pool).cloned().unwrap_or_default())).collect())
}
