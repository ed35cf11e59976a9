//! A robot connects, says what it still holds, and is told what to do about it.

use std::{collections::HashMap, sync::Arc};

use baigong_model::{Error, Result, TaskState, TaskStep};
use baigong_protocol::{
    HeldPhase, Hello, PROTOCOL_VERSION, RecorderKey, Screen, TaskNotice, TaskRef, ToRobot, Welcome,
};
use baigong_store::{entity::robot, own_tasks, tasks as rows};

use super::{let_go, step_of, take};
use crate::{
    Platform, licenses,
    links::{Linked, RobotLink},
    machines, maintenance_windows, pools, robots,
};

/// More tasks than any robot runs at once.
const MOST_HELD: usize = 1000;

/// A connection in force.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    /// The robot.
    pub robot_id: i64,
    /// Which connection.
    pub connection: u64,
}

/// Whether the robot can be talked to and believed.
fn check(hello: &Hello) -> Result<()> {
    if hello.protocol > PROTOCOL_VERSION {
        let reason = format!(
            "the robot speaks protocol {}, this platform {PROTOCOL_VERSION}: update the platform",
            hello.protocol
        );
        return Err(Error::Conflict(reason));
    }
    if hello.held.len() > MOST_HELD {
        return Err(Error::invalid("held", format!("a robot that holds more than {MOST_HELD} tasks is not believed")));
    }
    Ok(())
}

/// Puts `robot` on line through `link`. An older connection of the same robot is fenced off: two agents never work
/// under one identity. Sends the welcome and what is to be said about held tasks.
pub async fn connect(
    platform: &Platform,
    robot: &robot::Model,
    hello: &Hello,
    link: Arc<dyn RobotLink>,
) -> Result<Session> {
    check(hello)?;
    let order = platform.links.next_order();
    let pools = pools::of_robot(platform, robot.id).await?;
    let mut number = [0; 8];
    platform.random.fill(&mut number);
    let connection = u64::from_le_bytes(number);
    robots::went_online(platform, robot.id, hello, connection).await?;
    let messages = reconcile(platform, robot.id, hello).await?;
    let held: HashMap<i64, i64> =
        rows::held_by(&platform.store, robot.id).await?.into_iter().map(|row| (row.id, row.fence)).collect();
    let beating = hello.held.iter().map(|held| (held.task_id, held.fence)).collect();
    let paused = hello.held.iter().filter(|held| held.phase == HeldPhase::Paused);
    let paused = paused.map(|held| (held.task_id, held.fence)).collect();
    let linked = Linked {
        link: link.clone(),
        connection,
        order,
        incarnation: hello.incarnation.clone(),
        department_id: robot.department_id,
        service: robots::state_of(robot),
        maintenance: maintenance_windows::of_robot(platform, robot).await?,
        has_seat: licenses::has_seat(platform, robot.id),
        pools: pools.into(),
        max_tasks: at_once(robot, hello),
        allowed_tasks: robot.max_tasks,
        accepts: true,
        rests_until: 0,
        held,
        own: own_tasks::running(&platform.store, robot.id).await?.into_iter().collect(),
        beating,
        paused,
        declined: None,
        declines: None,
        seen_at: platform.now(),
    };
    match platform.links.insert(robot.id, linked) {
        Ok(older) => fence_off(older, robot.id, &hello.incarnation),
        Err(_) => {
            // The one in force is the one that lists show.
            if let Some(newer) = platform.links.look(robot.id, |linked| linked.connection) {
                robots::went_online(platform, robot.id, hello, newer).await?;
            }
            return Err(Error::conflict("the robot has connected once more since"));
        }
    }
    let session = Session { robot_id: robot.id, connection };
    // A decision that was stored after the robot was read and before it was entered here.
    let decided = baigong_store::robots::find(&platform.store, &baigong_store::Scope::All, robot.id).await?;
    let is_itself = |it: &robot::Model| it.deleted_at.is_none() && it.secret_hash == robot.secret_hash;
    let Some(decided) = decided.filter(is_itself) else {
        disconnect(platform, session, Parting::InOrder).await?;
        return Err(Error::Unauthenticated);
    };
    let max_tasks = at_once(&decided, hello);
    platform.links.update(robot.id, |linked| {
        linked.service = robots::state_of(&decided);
        (linked.max_tasks, linked.allowed_tasks) = (max_tasks, decided.max_tasks);
    });
    machines::greeted(platform, robot, hello);
    link.send(ToRobot::Welcome(Welcome {
        robot_id: robot.id,
        robot_name: robot.name.clone(),
        heartbeat_seconds: seconds(platform.config.heartbeat),
        lease_seconds: seconds(platform.config.lease),
        max_tasks: u32::try_from(max_tasks).unwrap_or(1),
        time: platform.now(),
        recorder_key: Some(RecorderKey { public: platform.keys.recorder_public() }),
        screen: Some(screen(robot)),
    }));
    for message in messages {
        link.send(message);
    }
    platform.dispatch.wake_robot(robot.id);
    Ok(session)
}

/// How many tasks the robot runs at once: as many as it is allowed and can.
fn at_once(robot: &robot::Model, hello: &Hello) -> usize {
    let can = i32::try_from(hello.capacity.max(1)).unwrap_or(64);
    usize::try_from(robot.max_tasks.clamp(1, 64).min(can)).unwrap_or(1)
}

/// The screen that people want it to have.
fn screen(robot: &robot::Model) -> Screen {
    let pixels = |count: i32| u16::try_from(count).unwrap_or(u16::MAX);
    Screen {
        width: pixels(robot.resolution_width),
        height: pixels(robot.resolution_height),
        depth: u8::try_from(robot.resolution_depth).unwrap_or(24),
    }
}

/// Another agent under the same identity is told to stop for good; an older connection of the same agent just ends.
fn fence_off(older: Option<Linked>, robot: i64, incarnation: &str) {
    if let Some(older) = older.filter(|older| older.incarnation != incarnation) {
        tracing::warn!(
            robot,
            incarnation,
            fenced_off = older.incarnation,
            "a second agent took over the robot's identity"
        );
        older.link.send(ToRobot::Fenced { reason: "another agent with the same secret has connected".into() });
    }
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parting {
    /// The robot took its leave: its agent was stopped in order.
    InOrder,
    /// It broke off, or nothing was heard any more.
    BrokenOff,
}

/// The connection ended. The robot's tasks stay its own until their leases end: it may be back in a moment.
pub async fn disconnect(platform: &Platform, session: Session, parting: Parting) -> Result<()> {
    // A robot that drains is on its way out, however it goes then.
    let drains = platform.links.look(session.robot_id, |linked| !linked.accepts && linked.declines.is_none());
    if platform.links.remove(session.robot_id, session.connection) {
        let is_missed = parting == Parting::BrokenOff && drains != Some(true);
        robots::went_offline(platform, session.robot_id, session.connection, is_missed).await?;
    }
    Ok(())
}

fn seconds(milliseconds: i64) -> u64 {
    u64::try_from(milliseconds / 1000).unwrap_or(1).max(1)
}

/// Deals with what the robot says it holds, and with what it does not.
async fn reconcile(platform: &Platform, robot: i64, hello: &Hello) -> Result<Vec<ToRobot>> {
    let mut messages = Vec::new();
    let ids: Vec<i64> = hello.held.iter().map(|held| held.task_id).collect();
    let states = rows::states(&platform.store, &ids).await?;
    for held in &hello.held {
        let task = TaskRef { task_id: held.task_id, fence: held.fence };
        let standing = states.get(&held.task_id).filter(|standing| standing.fence == held.fence);
        let state = standing.filter(|it| it.is_held || it.state.is_final()).map(|standing| standing.state);
        match (held.phase, state) {
            // Its report follows and is answered.
            (HeldPhase::Finished, _) => {}
            (HeldPhase::Dropped, Some(TaskState::Assigned)) => {
                give_back(platform, robot, task, TaskStep::Return).await?;
            }
            (HeldPhase::Dropped, Some(TaskState::Running | TaskState::Paused)) => {
                give_back(platform, robot, task, TaskStep::RunAgain).await?;
            }
            (_, Some(TaskState::Stopping)) => messages.push(ToRobot::Cancel(notice(task, "the task was cancelled"))),
            // Ended here, and the robot does not know: it stops, and tells what it did.
            (_, Some(state)) if state.is_final() => {
                messages.push(ToRobot::Cancel(notice(task, "the task has ended on the platform")));
            }
            (HeldPhase::Running, Some(TaskState::Paused)) => messages.push(ToRobot::Pause(task)),
            (HeldPhase::Paused, Some(TaskState::Running)) => messages.push(ToRobot::Resume(task)),
            (_, Some(_)) => {}
            _ => messages.push(ToRobot::Stale(notice(task, "its lease is over"))),
        }
    }
    // Assigned, and the robot knows nothing of it: the assignment was lost on the way.
    for row in rows::held_by(&platform.store, robot).await? {
        let known = hello.held.iter().any(|held| held.task_id == row.id && held.fence == row.fence);
        if !known && row.state == TaskState::Assigned.as_str() {
            give_back(platform, robot, TaskRef { task_id: row.id, fence: row.fence }, TaskStep::Return).await?;
        }
    }
    Ok(messages)
}

fn notice(task: TaskRef, reason: &str) -> TaskNotice {
    TaskNotice { task_id: task.task_id, fence: task.fence, reason: reason.into() }
}

/// A task whose start was granted and that was certainly not begun goes back into the queue: for robots that hand what they
/// run on to somebody else, and could not.
pub async fn never_begun(platform: &Platform, robot: i64, task: TaskRef) -> Result<()> {
    give_back(platform, robot, task, TaskStep::RunAgain).await?;
    let_go(platform, robot, task.task_id);
    Ok(())
}

/// A task that was certainly never started goes back into the queue.
async fn give_back(platform: &Platform, robot: i64, task: TaskRef, step: TaskStep) -> Result<()> {
    match take(platform, step_of(platform, robot, task, step)).await {
        Ok(answer) => platform.dispatch.wake(answer.before.pool_id),
        // What could not be stored is not settled: the robot has to say it again.
        Err(error @ (Error::Unavailable(_) | Error::LimitReached(_) | Error::Internal(_))) => return Err(error),
        Err(error) => tracing::info!(robot, task = task.task_id, %error, "it had moved on already"),
    }
    Ok(())
}
