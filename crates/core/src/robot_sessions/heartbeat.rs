//! Signs of life. A heartbeat is not a write: it is noted in memory, and the leases of everything that is held are
//! renewed together.

use std::collections::HashMap;

use baigong_model::{Result, TaskState, ids::RobotId};
use baigong_protocol::{Heartbeat, TaskNotice, TaskRef, ToRobot};
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
        linked.paused.clear();
        linked.paused.extend(heartbeat.paused.iter().map(|task| (task.task_id, task.fence)));
        linked.declines = heartbeat.declines.as_deref().map(super::storable);
        linked.accepts && linked.held.len() < linked.max_tasks
    });
    if free == Some(true) {
        platform.dispatch.wake_robot(robot);
    }
}

/// Notes that a run of `robot` stands still, or goes on, as the robot has just said.
pub fn stands_still(platform: &Platform, robot: RobotId, task: TaskRef, still: bool) {
    platform.links.update(robot, |linked| match still {
        true => linked.paused.insert(task.task_id, task.fence),
        false => linked.paused.remove(&task.task_id),
    });
}

/// Renews the leases of what the robots heard lately say they hold, in one write, and tells each robot what has become of
/// the rest: whatever another node has done to a task reaches its robot with this beat.
pub async fn renew_leases(platform: &Platform) -> Result<usize> {
    let now = platform.now();
    let beating = platform.links.beating(now - platform.config.offline_after);
    let mut held: Vec<(i64, i64)> = beating.iter().map(|(_, task, fence)| (*task, *fence)).collect();
    held.sort_unstable();
    let lease_until = now + platform.config.lease;
    let renewed = match held.is_empty() {
        true => Vec::new(),
        false => {
            platform.store.write(move |tx| async move { rows::renew(tx, &held, lease_until).await }.boxed()).await?
        }
    };
    let renewed: HashMap<(i64, i64), String> =
        renewed.into_iter().map(|(id, fence, state)| ((id, fence), state)).collect();
    let mut refused = Vec::new();
    for (robot, task_id, fence) in beating {
        let Some(state) = renewed.get(&(task_id, fence)).and_then(|state| state.parse().ok()) else {
            refused.push((robot, task_id, fence));
            continue;
        };
        let stands_still = platform.links.look(robot, |linked| linked.paused.get(&task_id) == Some(&fence));
        let task = TaskRef { task_id, fence };
        let message = match (state, stands_still == Some(true)) {
            (TaskState::Stopping, _) => {
                ToRobot::Cancel(TaskNotice { task_id, fence, reason: "the task was cancelled".into() })
            }
            (TaskState::Paused, false) => ToRobot::Pause(task),
            (TaskState::Running, true) => ToRobot::Resume(task),
            _ => continue,
        };
        platform.links.send(robot, message);
    }
    tell_refused(platform, &refused).await?;
    forget_ended(platform).await?;
    Ok(renewed.len())
}

/// Under a newer fence the robot has nothing more to say; a task that has ended under its own is stopped and reported.
async fn tell_refused(platform: &Platform, refused: &[(RobotId, i64, i64)]) -> Result<()> {
    let ids: Vec<i64> = refused.iter().map(|(_, task, _)| *task).collect();
    let states = rows::states(&platform.store, &ids).await?;
    for (robot, task_id, fence) in refused {
        let notice = TaskNotice { task_id: *task_id, fence: *fence, reason: "its lease is over".into() };
        let has_ended =
            states.get(task_id).is_some_and(|standing| standing.fence == *fence && standing.state.is_final());
        platform.links.send(*robot, if has_ended { ToRobot::Cancel(notice) } else { ToRobot::Stale(notice) });
    }
    Ok(())
}

/// Places taken by tasks that have ended, here or on another node, are free again.
async fn forget_ended(platform: &Platform) -> Result<()> {
    let thought = platform.links.held();
    let tasks: Vec<i64> = thought.values().flatten().map(|(task, _)| *task).collect();
    let states = rows::states(&platform.store, &tasks).await?;
    for (robot, held) in thought {
        let is_over = |task: &i64, fence: &i64| {
            states.get(task).is_none_or(|standing| standing.fence != *fence || !standing.is_held)
        };
        for (task, fence) in held.into_iter().filter(|(task, fence)| is_over(task, fence)) {
            platform.links.update(robot, |linked| {
                if linked.held.get(&task) == Some(&fence) {
                    linked.held.remove(&task);
                }
            });
            platform.dispatch.wake_robot(robot);
        }
    }
    Ok(())
}

/// Takes robots off line that have not been heard of for too long; their connections are closed.
pub async fn drop_silent(platform: &Platform) -> Result<usize> {
    let silent = platform.links.silent(platform.now() - platform.config.offline_after);
    for (robot, connection) in &silent {
        tracing::warn!(robot, "a robot has not been heard of and counts as offline");
        let session = super::Session { robot_id: *robot, connection: *connection };
        super::disconnect(platform, session, super::Parting::BrokenOff).await?;
    }
    Ok(silent.len())
}
