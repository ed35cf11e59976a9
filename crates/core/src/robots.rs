//! Robots (T/TSAC 002-2025, 6.2.10.1 to 6.2.10.5), and how their agents are known.

mod agent;
mod create;
mod cut_off;
mod delete;
mod list;
mod missing;
mod named;
mod service;
mod update;

pub(crate) use agent::NodesAlive;
pub use agent::{authenticate_agent, went_offline, went_online};
pub use baigong_store::robots::STUDIO;
pub(crate) use create::create_in;
pub use create::{CreatedRobot, NewRobot, create};
pub use cut_off::cut_off_changed;
pub use delete::delete;
pub use list::{Filter, ListedRobot, list};
pub use missing::tell_missing;
pub use named::{named, rename};
pub use service::{follow_all, pause, resume, start, stop};
pub(crate) use service::{on_hold, state_of};
pub use update::{Change, reset_secret, update};

use baigong_model::{
    Error, Permission, Result, RobotState,
    ids::{PoolId, RobotId},
};
use baigong_store::{entity::robot, nodes, pools, robots as rows, tasks};
use futures_util::FutureExt;

use crate::{Caller, Platform};

/// A robot and what it is doing.
#[derive(Debug, Clone)]
pub struct RobotDetails {
    /// The robot; its sealed password and the hash of its secret are taken out.
    pub robot: robot::Model,
    /// Whether the account on its computer has a password.
    pub has_machine_password: bool,
    /// What it is doing.
    pub state: RobotState,
    /// Since when it is connected; none while it is not.
    pub online_since: Option<i64>,
}

/// The robot `id`, unless it is deleted: for interfaces that have no word for that.
pub async fn query_live(platform: &Platform, caller: &Caller, id: RobotId) -> Result<RobotDetails> {
    let details = query(platform, caller, id).await?;
    if details.robot.deleted_at.is_some() { Err(Error::not_found("robot", id)) } else { Ok(details) }
}

/// The robot `id`, deleted or not.
pub async fn query(platform: &Platform, caller: &Caller, id: RobotId) -> Result<RobotDetails> {
    caller.need(Permission::RobotRead)?;
    let robot = rows::find(&platform.store, caller.scope(), id).await?;
    let mut robot = robot.ok_or_else(|| Error::not_found("robot", id))?;
    let is_online = match &robot.node_id {
        Some(node) => nodes::alive(&platform.store, platform.now()).await?.contains(node),
        None => false,
    };
    let held = tasks::of_robots(&platform.store, &[id]).await?.get(&id).copied().unwrap_or(0);
    robot.secret_hash.clear();
    let service = state_of(&robot);
    let has_machine_password = robot.machine_password.take().is_some();
    let online_since = robot.online_at.filter(|_| is_online);
    Ok(RobotDetails { robot, has_machine_password, state: RobotState::of(is_online, service, held), online_since })
}

/// The pool of exactly these robots, which the caller must see and which must be live.
pub async fn pool_of(platform: &Platform, caller: &Caller, robots: &[RobotId]) -> Result<PoolId> {
    let (scope, mut wanted) = (caller.scope().clone(), robots.to_vec());
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() || wanted.len() > MOST_ROBOTS {
        return Err(Error::invalid("robotIds", format!("must name 1 to {MOST_ROBOTS} robots")));
    }
    let made = platform.store.write(move |tx| {
        async move {
            all_visible(tx, &scope, &wanted).await?;
            pools::for_list(tx, &wanted).await
        }
        .boxed()
    });
    let pool = made.await?;
    for robot in robots {
        joined(platform, *robot, pool);
    }
    Ok(pool)
}

/// At most this many robots are named in one call.
pub(crate) const MOST_ROBOTS: usize = 10_000;

/// Fails, naming the first that is not, unless all robots are live and visible.
pub(crate) async fn all_visible(
    tx: &baigong_store::Tx,
    scope: &baigong_store::Scope,
    robots: &[RobotId],
) -> Result<()> {
    let visible: std::collections::HashSet<RobotId> = rows::visible(tx, scope, robots).await?.into_iter().collect();
    match robots.iter().find(|robot| !visible.contains(robot)) {
        Some(missing) => Err(Error::not_found("robot", missing)),
        None => Ok(()),
    }
}

/// Tells the dispatcher of this node that the robot is in one more pool.
pub(crate) fn joined(platform: &Platform, robot: RobotId, pool: PoolId) {
    platform.links.update(robot, |linked| {
        if !linked.pools.contains(&pool) {
            linked.pools = linked.pools.iter().copied().chain([pool]).collect();
        }
    });
}

/// Tells the dispatcher of this node that the robot is in one pool less.
pub(crate) fn left(platform: &Platform, robot: RobotId, pool: PoolId) {
    platform.links.update(robot, |linked| {
        linked.pools = linked.pools.iter().copied().filter(|one| *one != pool).collect();
    });
}

#[cfg(test)]
mod change_tests;
#[cfg(test)]
pub(crate) mod tests;
