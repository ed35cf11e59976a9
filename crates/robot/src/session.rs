//! The connection to the platform: dial, greet, talk, and dial again. Ends when the agent hangs up, or when another agent
//! with the same identity has taken over.

mod dial;
mod greeting;
mod hear;
mod talk;

use std::sync::Arc;

use crate::{robot::Robot, timer};

use dial::DialError;
pub(crate) use dial::dial;

/// Why there will be no other connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// The agent stops.
    HungUp,
    /// Another agent took over.
    Fenced(String),
}

/// How one connection ended.
enum Lost {
    /// The other end, or the network.
    Connection(String),
    /// For good.
    End(End),
}

pub(crate) use hear::hear;

/// Keeps the robot connected; one that stands alone waits for its end.
pub(crate) async fn keep_connected(robot: Arc<Robot>) -> End {
    if robot.transfer.platform().is_none() {
        robot.hang_up.cancelled().await;
        return End::HungUp;
    }
    let mut attempt = 0;
    loop {
        let (wait, trouble) = match one_connection(&robot, &mut attempt).await {
            Ok(Lost::End(end)) => return end,
            Ok(Lost::Connection(reason)) => (jitter(&robot, attempt), format!("the connection was lost: {reason}")),
            Err(DialError::WrongSecret) => (slowly(&robot), DialError::WrongSecret.to_string()),
            Err(DialError::Fenced(reason)) => return End::Fenced(reason),
            Err(error) => (jitter(&robot, attempt), error.to_string()),
        };
        attempt = attempt.saturating_add(1);
        robot.set_trouble(&trouble);
        tracing::warn!(trouble, next_try_in = ?wait, "not connected to the platform");
        tokio::select! {
            () = timer::after(wait) => {}
            () = robot.hang_up.cancelled() => return End::HungUp,
        }
    }
}

async fn one_connection(robot: &Arc<Robot>, attempt: &mut u32) -> Result<Lost, DialError> {
    let connected = tokio::select! {
        connected = greeting::connect(robot) => connected?,
        () = robot.hang_up.cancelled() => return Ok(Lost::End(End::HungUp)),
    };
    *attempt = 0;
    let lost = talk::talk(robot, connected).await;
    robot.link.detach();
    Ok(lost)
}

fn jitter(robot: &Robot, attempt: u32) -> std::time::Duration {
    timer::jitter(&robot.options.timing, attempt, &*robot.options.random)
}

/// A wrong secret does not become right by asking often.
fn slowly(robot: &Robot) -> std::time::Duration {
    robot.options.timing.reconnect_max + jitter(robot, u32::MAX)
}
