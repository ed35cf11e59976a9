//! Signs of life. A heartbeat is not a write: it is noted in memory, and the leases of everything that is held are
//! renewed together.

use std::collections::{HashMap, HashSet};

use baigong_model::{Result, ids::RobotId};
use baigong_protocol::{Heartbeat, TaskNotice, ToRobot};
use baigong_store::tasks as rows;
use futures_util::FutureExt;

use crate::Platform;

/// Notes that `robot` lives and what it holds.
pub fn heartbeat(platform: &Platform, robot: RobotId, heartbeat: &Heartbeat) {
    let now = platform.now();
    let free = platform.links.update(robot, |linked| {
        linked.seen_at = now;
        linked.accepts = heartbeat.free_slots > 0 || heartbeat.held.len() >= linked.max_tasks;
        linked.beating.clear();
        linked.beating.extend(heartbeat.held.iter().map(|task| (task.task_id, task.fence)));
        linked.accepts && linked.held.len() < linked.max_tasks
    });
    if free == Some(true) {
        platform.dispatch.wake_robot(robot);
    }
}

/// Renews the leases of what the robots heard lately say they hold, in one write. A robot that holds a task it should
/// not is told to stop it.
pub async fn renew_leases(platform: &Platform) -> Result<usize> {
    let now = platform.now();
    let beating = platform.links.beating(now - platform.config.offline_after);
    if beating.is_empty() {
        return Ok(0);
    }
    let mut held: Vec<(i64, i64)> = beating.iter().map(|(_, task, fence)| (*task, *fence)).collect();
    held.sort_unstable();
    let lease_until = now + platform.config.lease;
    let renewed =
        platform.store.write(move |tx| async move { rows::renew(tx, &held, lease_until).await }.boxed()).await?;
    let renewed: HashSet<i64> = renewed.into_iter().collect();
    let refused: Vec<_> = beating.into_iter().filter(|(_, task, _)| !renewed.contains(task)).collect();
    tell_stale(platform, &refused).await?;
    Ok(renewed.len())
}

/// A lease that was not renewed is over, or its task has just ended: only the former is told.
async fn tell_stale(platform: &Platform, refused: &[(RobotId, i64, i64)]) -> Result<()> {
    let ids: Vec<i64> = refused.iter().map(|(_, task, _)| *task).collect();
    let states: HashMap<i64, (String, i64)> = rows::states(&platform.store, &ids).await?;
    for (robot, task_id, fence) in refused {
        let current = states.get(task_id).map_or(0, |(_, fence)| *fence);
        if current != *fence || matches!(states.get(task_id), Some((state, _)) if state == "lost") {
            let notice = TaskNotice { task_id: *task_id, fence: *fence, reason: "its lease is over".into() };
            platform.links.send(*robot, ToRobot::Stale(notice));
        }
    }
    Ok(())
}

/// Takes robots off line that have not been heard of for too long; their connections are closed.
pub async fn drop_silent(platform: &Platform) -> Result<usize> {
    let silent = platform.links.silent(platform.now() - platform.config.offline_after);
    for (robot, connection) in &silent {
        tracing::warn!(robot, "a robot has not been heard of and counts as offline");
        super::disconnect(platform, super::Session { robot_id: *robot, connection: *connection }).await?;
    }
    Ok(silent.len())
}
