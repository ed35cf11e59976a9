//! Firing: the row of the instant, the next instant and the task in one transaction. What cannot become a task is a skip,
//! written down with its reason.

use baigong_model::{Error, Parameter, Result};
use baigong_package::in_parameters;
use baigong_robot_store::{
    Tx,
    entity::{local_firing, local_trigger},
    triggers as rows,
};
use futures_util::FutureExt;

use crate::{own::tasks, robot::Robot};

/// One instant of a trigger.
#[derive(Debug, Clone)]
pub(super) struct Instant {
    /// What tells it from all others of the trigger.
    pub(super) name: String,
    /// What it was: a file's path, keys, a person.
    pub(super) detail: String,
    /// What its task is given over what the trigger gives.
    pub(super) given: Vec<Parameter>,
    /// The instant that the trigger stood at, and the one it goes to: of one that fires at times.
    pub(super) moves: Option<(i64, Option<i64>)>,
}

/// Fires once for `instant`, or not at all when it has been decided already. The tasks that were made.
pub(super) async fn fire(robot: &Robot, trigger: &local_trigger::Model, instant: Instant) -> Result<Vec<i64>> {
    let (now, id) = (robot.options.clock.now(), trigger.id);
    let stopped = robot.desk.is_stopped();
    let fired = robot.own.store.write(move |tx| {
        async move {
            let Some(trigger) = rows::find_live(tx, id).await?.filter(|trigger| trigger.is_activated) else {
                return Ok(Vec::new());
            };
            if let Some((at, next)) = instant.moves
                && !rows::move_on(tx, id, at, next).await?
            {
                return Ok(Vec::new());
            }
            let row = |outcome: &str, detail: String, task_ids: String| local_firing::Model {
                id: 0,
                trigger_id: id,
                instant: instant.name.clone(),
                outcome: outcome.to_owned(),
                detail,
                task_ids,
                fired_at: now,
                is_told: false,
            };
            if rows::is_decided_in(tx, id, &instant.name).await? {
                return Ok(Vec::new());
            }
            let made = match stopped {
                Some(reason) => Err(Error::RobotState(reason.to_owned())),
                None => make(tx, &trigger, &instant.given, now).await,
            };
            match made {
                Ok(tasks) => {
                    let ids = serde_json::to_string(&tasks).map_err(Error::internal)?;
                    rows::decide(tx, row("fired", instant.detail.clone(), ids)).await?;
                    Ok(tasks)
                }
                // What the database could not do is tried again; what a person has to mend is written down.
                Err(error @ (Error::Internal(_) | Error::Unavailable(_))) => Err(error),
                Err(refused) => {
                    rows::decide(tx, row("skipped", refused.to_string(), "[]".to_owned())).await?;
                    Ok(Vec::new())
                }
            }
        }
        .boxed()
    });
    let made = fired.await?;
    if !made.is_empty() {
        tracing::info!(trigger = trigger.id, name = trigger.name, tasks = ?made, "a trigger fires");
        robot.own.wake();
    }
    robot.untold.ring();
    Ok(made)
}

async fn make(tx: &Tx, trigger: &local_trigger::Model, given: &[Parameter], now: i64) -> Result<Vec<i64>> {
    let usual = in_parameters::parse(&trigger.in_parameters)?;
    let new = tasks::NewTasks {
        process_id: trigger.process_id,
        total_count: 1,
        priority: trigger.priority.into(),
        is_record: trigger.is_record,
        in_parameters: in_parameters::overlay(usual, given.to_vec())?,
        task_name: None,
        max_run_time: trigger.max_run_minutes,
        max_waiting_time: 0,
    };
    tasks::create_within(tx, new, now).await
}

/// Fires a trigger because somebody says so, whatever its kind. The task.
pub(crate) async fn by_hand(robot: &Robot, id: i64, given: Vec<Parameter>) -> Result<Vec<i64>> {
    if let Some(reason) = robot.desk.is_stopped() {
        return Err(Error::RobotState(reason.to_owned()));
    }
    let mut random = [0; 16];
    robot.options.random.fill(&mut random);
    let now = robot.options.clock.now();
    let made = robot.own.store.write(move |tx| {
        async move {
            let trigger = rows::find_live(tx, id).await?.ok_or_else(|| Error::not_found("trigger", id))?;
            let tasks = make(tx, &trigger, &given, now).await?;
            let row = local_firing::Model {
                id: 0,
                trigger_id: id,
                instant: format!("hand {}", hex::encode(random)),
                outcome: "fired".to_owned(),
                detail: "by hand".to_owned(),
                task_ids: serde_json::to_string(&tasks).map_err(Error::internal)?,
                fired_at: now,
                is_told: false,
            };
            rows::decide(tx, row).await.map(|_| tasks)
        }
        .boxed()
    });
    let made = made.await?;
    robot.own.wake();
    robot.untold.ring();
    Ok(made)
}
