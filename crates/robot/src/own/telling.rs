//! Telling the platform of the robot's own tasks and their logs, so that both show the same: what changed while it was away is
//! told when it is back. The robot goes on deciding; nothing here ever makes a run wait.

use std::{sync::Arc, time::Duration};

use baigong_model::{Error, Result, TaskState};
use baigong_package::in_parameters;
use baigong_protocol::{FromRobot, Log, LogAck, MOST_OWN_TASKS, OwnTask, OwnTaskKnown, OwnTasks, TaskRef};
use baigong_robot_store::{entity::task, tasks as rows};
use futures_util::FutureExt;

use crate::{robot::Robot, timer, triggers::Bell};

/// What is not acknowledged is said again after this.
const REPEAT: Duration = Duration::from_secs(30);
/// Changes that come so soon after one another are told together.
const LINGER: Duration = Duration::from_millis(100);
/// So long a run waits until the platform knows of it.
const PATIENCE: Duration = Duration::from_secs(10);

/// What there is to tell.
#[derive(Default)]
pub(super) struct Bells {
    /// Something has changed.
    pub(super) changed: Bell,
    /// The platform knows something more.
    known: Bell,
    /// The same, for runs that wait for it.
    stored: tokio::sync::Notify,
}

/// Tells for as long as the agent runs.
pub(super) async fn keep_telling(robot: Arc<Robot>) {
    let (mut connections, mut seen) = (robot.link.connections(), 0);
    let bells = &robot.own.telling;
    seen = connections.newer_than(seen).await;
    loop {
        let is_all_told = match tell(&robot).await {
            Ok(is_any) => !is_any,
            Err(error) => {
                tracing::warn!(%error, "the robot's own tasks cannot be told yet");
                false
            }
        };
        tokio::select! {
            () = bells.changed.rings() => timer::after(LINGER).await,
            () = bells.known.rings() => {}
            () = timer::after(REPEAT), if !is_all_told => {}
            newer = connections.newer_than(seen) => seen = newer,
        }
    }
}

/// Says what the platform does not know: tasks first, lines of those that it knows then; whether there is any.
async fn tell(robot: &Robot) -> Result<bool> {
    if !robot.link.is_up() {
        return Ok(false);
    }
    let store = &robot.own.store;
    let tasks = rows::untold(store, MOST_OWN_TASKS as u64).await?;
    if !tasks.is_empty() {
        let tasks = tasks.into_iter().map(told).collect::<Result<_>>()?;
        let said = OwnTasks { book: robot.folder.installed_at, tasks };
        robot.link.send(&FromRobot::OwnTasks(said)).await.map_err(Error::internal)?;
        return Ok(true);
    }
    let Some(row) = rows::untold_log(store).await? else { return Ok(false) };
    let task = rows::find(store, row.task_id).await?.and_then(|task| task.platform_id);
    let Some(task_id) = task else { return Ok(false) };
    let lines = serde_json::from_str(&row.lines).map_err(Error::internal)?;
    let said = Log { task_id, fence: -row.fence, first_sequence: row.first_sequence, lines };
    robot.link.send(&FromRobot::Log(said)).await.map_err(Error::internal)?;
    Ok(true)
}

fn told(task: task::Model) -> Result<OwnTask> {
    Ok(OwnTask {
        number: task.id,
        revision: task.revision,
        process: task.process_id,
        process_name: task.process_name,
        task_name: task.task_name,
        priority: task.priority,
        record: task.is_record,
        in_parameters: in_parameters::parse(&task.in_parameters)?,
        out_parameters: task.out_parameters.as_deref().map(in_parameters::parse).transpose()?,
        state: task.state,
        // Own leases count downwards, runs upwards.
        run: -task.fence,
        message: task.message,
        max_run_minutes: task.max_run_minutes,
        max_wait_minutes: task.max_wait_minutes,
        started_at: task.started_at,
        ended_at: task.ended_at,
    })
}

/// The platform knows these tasks so far.
pub(crate) async fn known(robot: Arc<Robot>, tasks: Vec<OwnTaskKnown>) {
    let noted = robot.own.store.write(move |tx| {
        async move {
            for task in tasks {
                rows::told(tx, (task.number, task.revision), task.task_id).await?;
            }
            Ok(())
        }
        .boxed()
    });
    if let Err(error) = noted.await {
        tracing::warn!(%error, "what the platform knows is told once more");
    }
    robot.own.telling.stored.notify_waiters();
    robot.own.telling.known.ring();
}

/// The platform has these lines, or wants none of them.
pub(crate) async fn log_known(robot: Arc<Robot>, ack: LogAck) {
    let noted = robot
        .own
        .store
        .write(move |tx| async move { rows::told_log(tx, ack.task_id, -ack.fence, ack.last_sequence).await }.boxed());
    match noted.await {
        Ok(true) => robot.own.telling.known.ring(),
        // Lines of a task that is not this robot's own.
        Ok(false) => {}
        Err(error) => tracing::warn!(%error, "lines that the platform has are told once more"),
    }
}

/// What the platform knows a running own task as, once it knows that it runs; none while the platform is away.
pub(crate) async fn as_the_platform_knows(robot: &Robot, task: TaskRef) -> Option<TaskRef> {
    let wait = async {
        loop {
            let stored = robot.own.telling.stored.notified();
            let found = rows::find(&robot.own.store, task.task_id).await.ok().flatten()?;
            let runs = found.fence == task.fence && found.state != TaskState::Assigned.as_str();
            if let Some(id) = found.platform_id.filter(|_| runs && found.told_revision >= found.revision) {
                return Some(TaskRef { task_id: id, fence: -task.fence });
            }
            if !robot.link.is_up() {
                return None;
            }
            robot.own.changed();
            stored.await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.ok().flatten()
}
