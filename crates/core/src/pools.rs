//! Pools of robots, as the dispatcher asks for them.

use std::collections::HashMap;

use baigong_model::{
    Result,
    ids::{PoolId, RobotId},
};
use baigong_store::{Engine, pools as rows};

use crate::{Caller, Platform};

/// The pools that a robot is in.
pub async fn of_robot(platform: &Platform, robot: RobotId) -> Result<Vec<PoolId>> {
    rows::of_robot(&platform.store, robot).await
}

/// The live robots that the caller sees of each of `pools`, by the pool; of a pool with very many, none.
pub async fn listed(platform: &Platform, caller: &Caller, pools: &[PoolId]) -> Result<HashMap<PoolId, Vec<RobotId>>> {
    if pools.is_empty() {
        return Ok(HashMap::new());
    }
    let mut members = rows::members_of(&platform.store, caller.scope(), pools).await?;
    members.retain(|_, robots| robots.len() <= MOST_LISTED);
    Ok(members)
}

/// More robots than this are not listed one by one.
const MOST_LISTED: usize = 20;

/// Reads again which pools the robots connected here are in: another node may have added some to a group. Needed only
/// where there are several nodes; a change made on this node is known at once. Answers how many robots had changed.
pub async fn refresh(platform: &Platform) -> Result<usize> {
    let robots = platform.links.robots();
    let mut known = rows::of_robots(&platform.store, &robots).await?;
    let mut changed = 0;
    for robot in robots {
        let pools = known.remove(&robot).unwrap_or_default();
        let is_new = platform.links.look(robot, |linked| {
            linked.pools.len() != pools.len() || pools.iter().any(|pool| !linked.pools.contains(pool))
        });
        if is_new == Some(true) {
            platform.links.update(robot, |linked| linked.pools = pools.into());
            platform.dispatch.wake_robot(robot);
            changed += 1;
        }
    }
    Ok(changed)
}

/// [`refresh`], where there may be other nodes.
pub async fn learn_from_others(platform: &Platform) -> Result<usize> {
    if platform.store.engine() == Engine::Sqlite { Ok(0) } else { refresh(platform).await }
}
