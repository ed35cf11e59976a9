//! Waiting own tasks are begun when a place is free: by priority, then age. The places are shared with the platform's tasks.

use std::{sync::Arc, time::Duration};

use baigong_model::{LogLevel, Result, TaskStep};
use baigong_package::in_parameters;
use baigong_protocol::{Assign, PackageRef};
use baigong_robot_store::{
    entity::{package, task},
    packages as package_rows,
    tasks::{self as rows, Step},
};
use futures_util::FutureExt;

use crate::{hold, robot::Robot, timer};

/// Without any word it is looked again after so long, at the latest.
const LOOK: Duration = Duration::from_secs(30);
/// So many are begun in one go at most.
const MOST: usize = 64;
/// After a failed look the next comes so much later.
const RETRY: Duration = Duration::from_secs(2);

/// Begins tasks until the agent stops.
pub(super) async fn keep_claiming(robot: Arc<Robot>) {
    let mut places = robot.desk.changes();
    loop {
        let next = match look(&robot).await {
            Ok(next) => next,
            Err(error) => {
                tracing::error!(%error, "waiting tasks cannot be begun now");
                RETRY
            }
        };
        tokio::select! {
            () = robot.own.wake.notified() => {}
            _ = places.changed() => {}
            () = timer::after(next) => {}
            () = robot.stopping.cancelled() => return,
        }
    }
}

/// Begins what can be begun, ends what has waited too long; how long until the next of those has.
async fn look(robot: &Arc<Robot>) -> Result<Duration> {
    let (store, now) = (&robot.own.store, robot.options.clock.now());
    for id in rows::waited_too_long(store, now).await? {
        let message = Some("it waited longer than its maximum waiting time".to_owned());
        let step = Step { id, fence: None, step: TaskStep::ExpireWaiting, message, out_parameters: None, now };
        let expired = store.write(move |tx| async move { rows::step(tx, step).await }.boxed()).await;
        if let Err(error) = expired {
            tracing::info!(%error, task = id, "a task that waited too long has moved on");
        }
    }
    let free = usize::try_from(robot.free_slots()).unwrap_or(0).min(MOST);
    if free > 0 && !robot.stopping.is_cancelled() && rows::is_any_waiting(store).await? {
        let claimed = store.write(move |tx| async move { rows::claim(tx, free as u64).await }.boxed()).await?;
        robot.own.changed();
        for task in claimed {
            let package = match task.package_id {
                Some(id) => package_rows::find(store, id).await?,
                None => None,
            };
            let level = robot.own.configuration.borrow().log_level;
            hold::assign(robot, assignment(task, package, level)?);
        }
    }
    let until = rows::next_deadline(store).await?.map_or(LOOK, |deadline| {
        Duration::from_millis(u64::try_from(deadline - now).unwrap_or(0)).max(Duration::from_millis(50))
    });
    Ok(until.min(LOOK))
}

fn assignment(task: task::Model, package: Option<package::Model>, log_level: LogLevel) -> Result<Assign> {
    let package = package.map(|package| PackageRef {
        package_id: package.id,
        sha256: package.sha256,
        size: u64::try_from(package.size).unwrap_or(0),
        // It lies here: there is nowhere else to fetch it from.
        path: String::new(),
    });
    let nothing = || PackageRef { package_id: 0, sha256: String::new(), size: 0, path: String::new() };
    Ok(Assign {
        task_id: task.id,
        fence: task.fence,
        process_id: task.process_id,
        process_name: task.process_name,
        package: package.unwrap_or_else(nothing),
        in_parameters: in_parameters::parse(&task.in_parameters)?,
        task_name: task.task_name,
        max_run_seconds: Some(task.max_run_minutes * 60).filter(|seconds| *seconds > 0),
        log_level,
        retry_safe: task.retry_safe,
        record: task.is_record,
        operator: String::new(),
        recording_ticket: String::new(),
    })
}
