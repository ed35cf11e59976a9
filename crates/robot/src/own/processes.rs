//! Processes that were made on this robot (6.3.4).

use baigong_model::{Error, Page, PageOf, Parameter, Result, names};
use baigong_package::{PackageInfo, in_parameters, task_names};
use baigong_robot_store::{Tx, entity::process, packages as package_rows, processes as rows, tasks as task_rows};
use futures_util::FutureExt;

use crate::robot::Robot;

/// Makes a process; its id. It can run once a package version is activated.
pub(crate) async fn create(robot: &Robot, name: &str, remark: Option<String>) -> Result<i64> {
    let name = names::name("processName", name)?;
    let row = process::Model {
        id: 0,
        live_name: Some(name.clone()),
        name,
        remark: names::remark(remark)?,
        package_id: None,
        in_parameters: "[]".into(),
        task_name: None,
        created_at: robot.options.clock.now(),
        deleted_at: None,
    };
    robot.own.store.write(move |tx| async move { rows::insert(tx, row).await }.boxed()).await
}

/// Activates a package version, with the in-parameters of every run unless a task says otherwise. Tasks made before keep the
/// version they were made with.
pub(crate) async fn activate(
    robot: &Robot,
    id: i64,
    package_id: i64,
    given: Vec<Parameter>,
    task_name: Option<String>,
) -> Result<()> {
    let given = in_parameters::overlay(Vec::new(), given)?;
    let activated = robot.own.store.write(move |tx| {
        async move {
            live(tx, id).await?;
            let package = package_rows::find_live(tx, package_id).await?;
            let package = package.ok_or_else(|| Error::not_found("package", package_id))?;
            let info: PackageInfo = serde_json::from_str(&package.info).map_err(Error::internal)?;
            in_parameters::check(&given, &info, false)?;
            let task_name = task_names::choose(task_name, None, &info)?;
            rows::activate(tx, id, package_id, in_parameters::to_text(&given)?, task_name).await
        }
        .boxed()
    });
    activated.await
}

/// Another name or remark.
pub(crate) async fn update(robot: &Robot, id: i64, name: Option<String>, remark: Option<String>) -> Result<()> {
    let name = name.map(|name| names::name("processName", &name)).transpose()?;
    let remark = remark.map(|remark| names::remark(Some(remark))).transpose()?;
    let updated = robot.own.store.write(move |tx| {
        async move {
            live(tx, id).await?;
            rows::change(tx, id, name, remark).await
        }
        .boxed()
    });
    updated.await
}

/// Deletes a process, unless a task of it has not ended.
pub(crate) async fn delete(robot: &Robot, id: i64) -> Result<()> {
    let now = robot.options.clock.now();
    let deleted = robot.own.store.write(move |tx| {
        async move {
            live(tx, id).await?;
            if let Some(task) = task_rows::running_process(tx, id).await? {
                let reason = format!("task {task} of this process has not ended: cancel it or wait for its end");
                return Err(Error::Conflict(reason));
            }
            rows::delete(tx, id, now).await
        }
        .boxed()
    });
    deleted.await
}

/// The process `id`, unless it is deleted.
pub(crate) async fn live(tx: &Tx, id: i64) -> Result<process::Model> {
    rows::find_live(tx, id).await?.ok_or_else(|| Error::not_found("process", id))
}

/// A page of processes, oldest first.
pub(crate) async fn list(
    robot: &Robot,
    page: Page,
    with_deleted: bool,
    keyword: Option<&str>,
) -> Result<PageOf<process::Model>> {
    rows::list(&robot.own.store, page, with_deleted, keyword).await
}
