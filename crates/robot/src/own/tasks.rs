//! Tasks, those that were made on this robot and those of its platform (6.3.5): the same operations for both. What is done here
//! to a task of the platform is done to its run, which tells the platform.

mod control;
mod create;
mod log;

pub(crate) use control::{cancel, pause, resume};
pub(crate) use create::{NewTasks, create, create_within};
pub(crate) use log::log;

use baigong_model::{Error, Page, PageOf, Result};
use baigong_robot_store::{
    entity::{recording, task},
    recordings,
    tasks::{self as rows, Filter},
};

use crate::robot::Robot;

/// The task `id`, with its recordings.
pub(crate) async fn query(robot: &Robot, id: i64) -> Result<(task::Model, Vec<recording::Model>)> {
    let task = rows::find(&robot.own.store, id).await?.ok_or_else(|| Error::not_found("task", id))?;
    Ok((task, recordings::of_tasks(&robot.own.store, &[id]).await?))
}

/// A page of tasks, newest first, each with its recordings.
pub(crate) async fn list(
    robot: &Robot,
    filter: &Filter,
    page: Page,
) -> Result<PageOf<(task::Model, Vec<recording::Model>)>> {
    let page = rows::list(&robot.own.store, filter, page).await?;
    let ids: Vec<i64> = page.rows.iter().map(|task| task.id).collect();
    let recordings = recordings::of_tasks(&robot.own.store, &ids).await?;
    Ok(page.map(|task| {
        let of_it = recordings.iter().filter(|recording| recording.task_id == task.id).cloned().collect();
        (task, of_it)
    }))
}
