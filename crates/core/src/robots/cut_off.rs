//! Ending the connection of a robot whose identity is no longer what it was. On other nodes the background work does it
//! within seconds: until then its agent is answered nothing that a secret is needed for.

use std::collections::HashMap;

use baigong_model::{Result, ServiceState, ids::RobotId};
use baigong_protocol::ToRobot;
use baigong_store::{
    Engine,
    robots::{self as rows, InForce},
};

use crate::Platform;

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// The agent stops everything and does not come back; with the reason.
    ForGood(&'static str),
    /// The agent connects anew and goes on.
    ConnectAnew,
}

/// Ends the connection of `robot` to this node, if it has one; else the other nodes are told to look.
pub(super) fn now(platform: &Platform, robot: RobotId, how: &Cut) {
    match platform.links.look(robot, |linked| linked.connection) {
        Some(connection) => end(platform, robot, connection, how),
        None => platform.signals.changed(robot),
    }
}

fn end(platform: &Platform, robot: RobotId, connection: u64, how: &Cut) {
    if let Cut::ForGood(reason) = how {
        tracing::warn!(robot, reason, "a robot is cut off");
        platform.links.send(robot, ToRobot::Fenced { reason: (*reason).to_owned() });
    }
    // The connection ends when nothing holds the way to it.
    platform.links.remove(robot, connection);
}

/// Ends the connections to this node that another node has taken out of force: of robots that were deleted, given another
/// secret or another number of tasks at once, or whose agent, or another one with the same identity, has connected there since.
/// Also learns what people decided there about the others. Answers how many were ended.
pub async fn cut_off_changed(platform: &Platform) -> Result<usize> {
    if platform.store.engine() == Engine::Sqlite { Ok(0) } else { cut_off_all_changed(platform).await }
}

/// [`cut_off_changed`], wherever the change was made.
pub(crate) async fn cut_off_all_changed(platform: &Platform) -> Result<usize> {
    let connected = platform.links.connections();
    let robots: Vec<RobotId> = connected.iter().map(|(robot, _)| *robot).collect();
    let decided: HashMap<RobotId, ServiceState> = robots
        .iter()
        .filter_map(|robot| Some((*robot, platform.links.look(*robot, |linked| linked.service)?)))
        .collect();
    let known = rows::connections(&platform.store, &robots).await?;
    let mut cut = 0;
    for (robot, connection) in connected {
        let in_force = known.get(&robot);
        let Some(how) = how_to_end(platform, robot, connection, in_force) else {
            if let Some((in_force, before)) = in_force.zip(decided.get(&robot)) {
                learn(platform, robot, *before, in_force.service);
            }
            continue;
        };
        end(platform, robot, connection, &how);
        cut += 1;
    }
    Ok(cut)
}

/// How a connection that was in force here before the database was asked has to end, if it has.
fn how_to_end(platform: &Platform, robot: RobotId, connection: u64, in_force: Option<&InForce>) -> Option<Cut> {
    let Some(in_force) = in_force else { return Some(Cut::ForGood("the robot was deleted")) };
    // Its secret is another one: with the old one it is refused.
    let Some(number) = in_force.connection else { return Some(Cut::ConnectAnew) };
    let is_elsewhere = in_force.node_id.as_deref().is_some_and(|node| *node != *platform.node_id);
    if is_elsewhere && number.cast_unsigned() != connection {
        // The one that said hello last is in force: it wrote itself down after this one had.
        let here = platform.links.look(robot, |linked| linked.incarnation.clone());
        if here == in_force.incarnation {
            return Some(Cut::ConnectAnew);
        }
        tracing::warn!(
            robot,
            fenced_off = here,
            incarnation = in_force.incarnation,
            "a second agent took over the identity"
        );
        return Some(Cut::ForGood("another agent with the same secret has connected"));
    }
    let allowed = platform.links.look(robot, |linked| linked.allowed_tasks);
    (allowed != Some(in_force.max_tasks)).then_some(Cut::ConnectAnew)
}

/// What people decided about the robot on another node, unless something was decided here since the database was asked.
fn learn(platform: &Platform, robot: RobotId, before: ServiceState, now: ServiceState) {
    let learnt = platform.links.update(robot, |linked| {
        let is_news = linked.service == before && before != now;
        if is_news {
            linked.service = now;
        }
        is_news
    });
    if learnt == Some(true) {
        platform.dispatch.wake_robot(robot);
    }
}
