//! Making, changing, deleting and listing the robot's triggers.

use baigong_model::{Error, Page, PageOf, Parameter, Priority, Result, names};
use baigong_package::in_parameters;
use baigong_robot_store::{
    entity::{local_firing, local_trigger},
    triggers as rows,
};
use futures_util::FutureExt;

use super::{Cause, files};
use crate::{own::processes, robot::Robot};

/// Minutes in ten years: more is a mistake.
const MOST_MINUTES: i64 = 10 * 366 * 24 * 60;

/// A trigger to be made.
#[derive(Debug, Clone)]
pub(crate) struct NewTrigger {
    pub(crate) name: String,
    pub(crate) cause: Cause,
    /// Of one that waits for files: whether those that are there already count as arrived.
    pub(crate) with_present: bool,
    pub(crate) process_id: i64,
    pub(crate) in_parameters: Vec<Parameter>,
    pub(crate) priority: i64,
    pub(crate) is_record: bool,
    /// Minutes; 0 for no limit.
    pub(crate) max_run_time: i64,
    pub(crate) is_activated: bool,
}

/// What is to be changed; what is absent stays.
#[derive(Debug, Clone, Default)]
pub(crate) struct Change {
    pub(crate) name: Option<String>,
    pub(crate) cause: Option<Cause>,
    pub(crate) in_parameters: Option<Vec<Parameter>>,
    pub(crate) is_activated: Option<bool>,
}

/// Makes a trigger; its id.
pub(crate) async fn create(robot: &Robot, input: NewTrigger) -> Result<i64> {
    let name = names::name("triggerName", &input.name)?;
    input.cause.check()?;
    if !(0..=MOST_MINUTES).contains(&input.max_run_time) {
        return Err(Error::invalid("maxRunTime", "must be a number of minutes, 0 for no limit"));
    }
    let now = robot.options.clock.now();
    let known = match &input.cause {
        Cause::File(arrival) if !input.with_present => files::present(arrival).await,
        _ => Vec::new(),
    };
    let row = local_trigger::Model {
        id: 0,
        live_name: Some(name.clone()),
        name,
        next_fire_at: next(&input.cause, input.is_activated, now)?,
        cause: input.cause.to_text()?,
        process_id: input.process_id,
        in_parameters: in_parameters::to_text(&in_parameters::overlay(Vec::new(), input.in_parameters)?)?,
        priority: Priority::from_number(input.priority)?.number(),
        is_record: input.is_record,
        max_run_minutes: input.max_run_time,
        is_activated: input.is_activated,
        created_at: now,
        deleted_at: None,
    };
    let created = robot.own.store.write(move |tx| {
        async move {
            processes::live(tx, row.process_id).await?;
            let id = rows::insert(tx, row).await?;
            for (instant, path) in known {
                let row = local_firing::Model {
                    id: 0,
                    trigger_id: id,
                    instant,
                    outcome: "known".to_owned(),
                    detail: path,
                    task_ids: "[]".to_owned(),
                    fired_at: now,
                    is_told: true,
                };
                rows::decide(tx, row).await?;
            }
            Ok(id)
        }
        .boxed()
    });
    let id = created.await?;
    robot.bell.ring();
    Ok(id)
}

fn next(cause: &Cause, is_activated: bool, now: i64) -> Result<Option<i64>> {
    if is_activated { cause.next_after(now) } else { Ok(None) }
}

/// Changes a trigger.
pub(crate) async fn update(robot: &Robot, id: i64, change: Change) -> Result<()> {
    let name = change.name.map(|name| names::name("triggerName", &name)).transpose()?;
    change.cause.as_ref().map_or(Ok(()), Cause::check)?;
    let given = change.in_parameters.map(|given| in_parameters::overlay(Vec::new(), given)).transpose()?;
    let now = robot.options.clock.now();
    let updated = robot.own.store.write(move |tx| {
        async move {
            let mut row = rows::find_live(tx, id).await?.ok_or_else(|| Error::not_found("trigger", id))?;
            if let Some(name) = name {
                row.live_name = Some(name.clone());
                row.name = name;
            }
            let before = (row.cause.clone(), row.is_activated);
            if let Some(cause) = &change.cause {
                row.cause = cause.to_text()?;
            }
            if let Some(given) = given {
                row.in_parameters = in_parameters::to_text(&given)?;
            }
            row.is_activated = change.is_activated.unwrap_or(row.is_activated);
            if before != (row.cause.clone(), row.is_activated) {
                row.next_fire_at = next(&Cause::of_text(&row.cause)?, row.is_activated, now)?;
            }
            rows::update(tx, row).await
        }
        .boxed()
    });
    updated.await?;
    robot.bell.ring();
    Ok(())
}

/// Deletes a trigger.
pub(crate) async fn delete(robot: &Robot, id: i64) -> Result<()> {
    let now = robot.options.clock.now();
    let deleted = robot.own.store.write(move |tx| {
        async move {
            rows::find_live(tx, id).await?.ok_or_else(|| Error::not_found("trigger", id))?;
            rows::delete(tx, id, now).await
        }
        .boxed()
    });
    deleted.await?;
    robot.bell.ring();
    Ok(())
}

/// A page of triggers, oldest first.
pub(crate) async fn list(
    robot: &Robot,
    page: Page,
    with_deleted: bool,
    keyword: Option<&str>,
) -> Result<PageOf<local_trigger::Model>> {
    rows::list(&robot.own.store, page, with_deleted, keyword).await
}

/// A page of what came of a trigger's instants, the latest first.
pub(crate) async fn firings(robot: &Robot, id: i64, page: Page) -> Result<PageOf<local_firing::Model>> {
    rows::firings(&robot.own.store, id, page).await
}
