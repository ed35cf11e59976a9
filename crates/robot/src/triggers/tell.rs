//! Telling the platform what came of the robot's own triggers, one after the other and until it knows: also of what happened
//! while it was away.

use std::{sync::Arc, time::Duration};

use baigong_model::Result;
use baigong_protocol::{FromRobot, OwnFiring};
use baigong_robot_store::triggers as rows;
use futures_util::FutureExt;

use crate::{robot::Robot, timer};

/// What is not acknowledged is said again after this.
const REPEAT: Duration = Duration::from_secs(30);

/// Tells for as long as the agent runs.
pub(crate) async fn keep_telling(robot: Arc<Robot>) {
    let (mut connections, mut seen) = (robot.link.connections(), 0);
    loop {
        seen = connections.newer_than(seen).await;
        loop {
            match tell_next(&robot).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => tracing::warn!(%error, "what came of the robot's own triggers cannot be told yet"),
            }
            tokio::select! {
                // Another one, or the platform knows of this one.
                () = robot.untold.rings() => {}
                () = timer::after(REPEAT) => {}
                newer = connections.newer_than(seen) => seen = newer,
            }
        }
        // Nothing is left to be told until something fires: then it goes to the connection of that moment.
        tokio::select! {
            () = robot.untold.rings() => seen = seen.saturating_sub(1),
            newer = connections.newer_than(seen) => seen = newer.saturating_sub(1),
        }
    }
}

/// Says the first that the platform does not know; whether there is one.
async fn tell_next(robot: &Robot) -> Result<bool> {
    let Some((firing, trigger)) = rows::untold(&robot.own.store).await? else { return Ok(false) };
    let said = OwnFiring {
        book: robot.folder.installed_at,
        number: firing.id,
        trigger,
        outcome: firing.outcome,
        detail: firing.detail,
        tasks: serde_json::from_str(&firing.task_ids).unwrap_or_default(),
        at: firing.fired_at,
    };
    robot.link.send(&FromRobot::Fired(said)).await.map_err(baigong_model::Error::internal)?;
    Ok(true)
}

/// The platform knows of all up to this one.
pub(crate) async fn acknowledged(robot: Arc<Robot>, number: i64) {
    let noted = robot.own.store.write(move |tx| async move { rows::told(tx, number).await }.boxed()).await;
    if let Err(error) = noted {
        tracing::warn!(%error, "what the platform knows is told once more");
    }
    robot.untold.ring();
}
