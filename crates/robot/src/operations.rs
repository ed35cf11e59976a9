//! What a permitted person asks of the robot itself: restart, reboot, shut down, run another version. Each is written down,
//! waits for the running tasks, is done once, and is told of until the platform knows. Ending and starting the program is
//! for whoever runs the agent: this module says when, and settles afterwards what came of it.

mod book;
mod machine;
pub mod trial;
mod upgrade;

pub(crate) use book::OperationBook;

use std::{sync::Arc, time::Duration};

pub use baigong_protocol::AgentVersion;
use baigong_protocol::{FromRobot, Operated, Operation, OperationKind, OperationStage};

use crate::{AgentExit, agent, preflight, robot::Robot, timer};
use book::Known;

/// Another version that is on trial says that it is well when nothing has been wrong for so long.
const WELL: Duration = Duration::from_millis(500);

/// The platform asks for something, maybe again.
pub(crate) async fn asked(robot: Arc<Robot>, operation: Operation) {
    let id = operation.operation_id;
    match robot.operations.known(id) {
        Known::Reported(operated) => return tell(&robot, operated).await,
        Known::AtIt => return tell(&robot, said(id, OperationStage::Accepted, "")).await,
        // It is asked for again until its turn has come.
        Known::Busy => return,
        Known::New => {}
    }
    if let Err(why) = may(&robot, &operation) {
        tracing::warn!(operation = id, kind = operation.kind.as_str(), why, "an operation is refused");
        return report(&robot, said(id, OperationStage::Refused, &why)).await;
    }
    if let Err(error) = robot.operations.begin(&operation) {
        // The platform asks again; what is not written down is not begun.
        return tracing::error!(%error, operation = id, "an operation cannot be written down");
    }
    tracing::info!(operation = id, kind = operation.kind.as_str(), "an operation begins");
    tell(&robot, said(id, OperationStage::Accepted, "")).await;
    if let Err(why) = carry_out(&robot, &operation).await {
        tracing::error!(operation = id, why, "an operation failed");
        report(&robot, said(id, OperationStage::Failed, &why)).await;
        match robot.stopping.is_cancelled() {
            // Its tasks have been ended: only a start brings it back.
            true => robot.leave(AgentExit::Restart),
            false => robot.desk.close(None),
        }
    }
}

/// Why the robot does not do this, if it does not.
fn may(robot: &Robot, operation: &Operation) -> Result<(), String> {
    let allowed = &robot.options.operations;
    let refused = |what: &str| Err(format!("this robot's own settings do not allow it: {what}"));
    match operation.kind {
        OperationKind::Restart if !allowed.restart => refused("nobody would start it again"),
        OperationKind::Reboot if allowed.reboot.is_none() => refused("it has no command that reboots its machine"),
        OperationKind::Shutdown if allowed.shutdown.is_none() => {
            refused("it has no command that shuts its machine down")
        }
        OperationKind::Upgrade if !allowed.upgrade => refused("it does not run other versions"),
        OperationKind::Upgrade => upgrade::may(robot, operation.version.as_ref()),
        OperationKind::Unknown => refused("it does not know this operation"),
        OperationKind::Restart | OperationKind::Reboot | OperationKind::Shutdown => Ok(()),
    }
}

async fn carry_out(robot: &Arc<Robot>, operation: &Operation) -> Result<(), String> {
    let fetched = match &operation.version {
        // Fetched and looked at before any task has to wait for it.
        Some(version) if operation.kind == OperationKind::Upgrade => {
            let Some(program) = upgrade::fetch(robot, version).await? else {
                report(robot, said(operation.operation_id, OperationStage::Done, "it runs this version")).await;
                return Ok(());
            };
            Some((program, version))
        }
        _ => None,
    };
    drain(robot, Duration::from_secs(operation.drain_seconds)).await;
    match operation.kind {
        OperationKind::Restart => robot.leave(AgentExit::Restart),
        OperationKind::Upgrade => {
            let (program, version) = fetched.ok_or("the platform named no version")?;
            let folder = robot.folder.path().to_owned();
            let trial = trial::Trial::new(&robot.options.version, &version.version, &program);
            let written = tokio::task::spawn_blocking(move || trial.write(&folder)).await;
            written.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
            robot.leave(AgentExit::Restart);
        }
        OperationKind::Reboot | OperationKind::Shutdown => {
            if tokio::time::timeout(Duration::ZERO, robot.desk.nothing_runs()).await.is_err() {
                agent::stop_tasks(robot).await;
            }
            let allowed = &robot.options.operations;
            let command = if operation.kind == OperationKind::Reboot { &allowed.reboot } else { &allowed.shutdown };
            machine::tell(command.as_deref().unwrap_or_default()).await?;
            report(robot, said(operation.operation_id, OperationStage::Done, "the machine was told")).await;
        }
        OperationKind::Unknown => {}
    }
    Ok(())
}

/// Takes no new tasks, and waits until none runs or `longest` is over: then they are stopped with the agent.
async fn drain(robot: &Robot, longest: Duration) {
    robot.desk.close(Some("the robot was asked to make room for its operators"));
    let _ = tokio::time::timeout(longest, robot.desk.nothing_runs()).await;
}

/// After a start: what came of the operation that this start is the end of. A version on trial says first that it is well.
pub(crate) async fn settle(robot: Arc<Robot>) {
    let Some(pending) = robot.operations.pending() else { return tell_unreported(robot).await };
    let id = pending.operation_id;
    let done = |detail: &str| said(id, OperationStage::Done, detail);
    let failed = |detail: &str| said(id, OperationStage::Failed, detail);
    let version = &robot.options.version;
    let operated = match pending.kind {
        OperationKind::Restart => done("it has started again"),
        OperationKind::Reboot | OperationKind::Shutdown if pending.other_boot => done("the machine is up again"),
        OperationKind::Reboot | OperationKind::Shutdown => failed("the agent ended before the machine did"),
        OperationKind::Upgrade if pending.version.as_deref() == Some(version.as_str()) => {
            well(&robot).await;
            done(&format!("version {version} runs"))
        }
        OperationKind::Upgrade => {
            let why = trial::Trial::read(robot.folder.path()).ok().flatten().and_then(|trial| trial.failure());
            let why = why.unwrap_or_else(|| "the other version was not started".to_owned());
            failed(&format!("{why}; version {version} runs again"))
        }
        OperationKind::Unknown => failed("it is not known any more"),
    };
    report(&robot, operated).await;
    tell_unreported(robot).await;
}

/// Waits until the platform has greeted this version and nothing that tasks need is missing.
async fn well(robot: &Arc<Robot>) {
    let (mut connections, mut seen) = (robot.link.connections(), 0);
    loop {
        seen = connections.newer_than(seen).await;
        timer::after(WELL).await;
        let troubles = preflight::troubles(robot).await;
        if robot.link.is_up() && troubles.is_empty() {
            robot.well.cancel();
            return;
        }
        tracing::warn!(?troubles, "this version is not well yet");
        if robot.link.is_up() {
            seen = seen.saturating_sub(1);
        }
    }
}

fn said(operation_id: i64, stage: OperationStage, detail: &str) -> Operated {
    Operated { operation_id, stage, detail: detail.to_owned() }
}

/// Writes down what came of an operation, and tells the platform.
async fn report(robot: &Robot, operated: Operated) {
    if let Err(error) = robot.operations.end(&operated) {
        tracing::error!(%error, operation = operated.operation_id, "what came of an operation cannot be written down");
    }
    tell(robot, operated).await;
}

async fn tell(robot: &Robot, operated: Operated) {
    if let Err(error) = robot.link.send(&FromRobot::Operated(operated)).await {
        tracing::error!(%error, "what came of an operation cannot be told");
    }
}

/// Tells on every connection what the platform does not know yet.
async fn tell_unreported(robot: Arc<Robot>) {
    let (mut connections, mut seen) = (robot.link.connections(), 0);
    loop {
        seen = connections.newer_than(seen).await;
        for operated in robot.operations.unreported() {
            tell(&robot, operated).await;
        }
    }
}

/// The platform knows what came of an operation.
pub(crate) async fn acknowledged(robot: &Robot, operation_id: i64) {
    if let Err(error) = robot.operations.acknowledged(operation_id) {
        tracing::warn!(%error, operation_id, "it is told once more at the next start");
    }
}
