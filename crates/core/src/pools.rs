//! Pools of robots, as the dispatcher asks for them.

use baigong_model::{
    Result,
    ids::{PoolId, RobotId},
};
use baigong_store::{nodes, pools as rows, robots};

use crate::Platform;

/// The pools that a robot is in.
pub async fn of_robot(platform: &Platform, robot: RobotId) -> Result<Vec<PoolId>> {
    rows::of_robot(&platform.store, robot).await
}

/// Whether any robot of `pool` is connected, here or to another node.
pub async fn any_online(platform: &Platform, pool: PoolId) -> Result<bool> {
    if platform.links.pools().contains(&pool) {
        return Ok(true);
    }
    let alive = nodes::alive(&platform.store, platform.now()).await?;
    robots::any_connected(&platform.store, pool, &alive).await
}
