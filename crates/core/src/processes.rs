//! Processes (T/TSAC 002-2025, 6.2.5): what is run, by which robots, with which package version.

mod delete;
mod search;
mod update;

pub use delete::delete;
pub use search::{Search, search};
pub use update::{Change, update};

use baigong_model::{
    Error, PageOf, Parameter, Permission, Result,
    ids::{DepartmentId, PackageId, ProcessId, RobotGroupId},
};
use baigong_package::PackageInfo;
use baigong_store::{
    audits, departments as department_rows, entity::process, packages, processes as rows, robot_groups,
};
use futures_util::FutureExt;
use serde_json::json;

use crate::{
    Caller, Platform, departments,
    lists::{self, ListInput, Table},
    names, parameters, task_names,
};

/// A process to be made.
#[derive(Debug, Clone)]
pub struct NewProcess {
    /// Its department.
    pub department_id: DepartmentId,
    /// The robots that run it unless a task says otherwise.
    pub robot_group_id: RobotGroupId,
    /// Its name, unique in the department.
    pub name: String,
    /// A remark.
    pub remark: Option<String>,
    /// Whether its runs are recorded.
    pub is_record: bool,
    /// How often a task is tried again after a run that reported a failure: 0 to 10.
    pub fail_try_times: i64,
}

/// Checks how often a task is tried again.
fn try_times(given: i64) -> Result<i32> {
    let within = i32::try_from(given).ok().filter(|times| (0..=10).contains(times));
    within.ok_or_else(|| Error::invalid("failTryTimes", "must be between 0 and 10"))
}

/// Makes a process. It can run once a package version is activated.
pub async fn create(platform: &Platform, caller: &Caller, input: NewProcess) -> Result<ProcessId> {
    caller.need(Permission::ProcessWrite)?;
    departments::live(platform, caller, input.department_id).await?;
    let name = names::name("processName", &input.name)?;
    let now = platform.now();
    let row = process::Model {
        id: 0,
        department_id: input.department_id,
        robot_group_id: input.robot_group_id,
        package_id: None,
        live_name: Some(format!("{}/{name}", input.department_id)),
        name,
        remark: names::remark(input.remark)?,
        is_record: input.is_record,
        in_parameters: "[]".into(),
        task_name: None,
        fail_try_times: try_times(input.fail_try_times)?,
        created_by: caller.id(),
        created_at: now,
        deleted_at: None,
    };
    let caller = caller.clone();
    let created = platform.store.write(move |tx| {
        async move {
            department_rows::hold(tx, row.department_id).await?;
            let group = robot_groups::find_live(tx, caller.scope(), row.robot_group_id).await?;
            group.ok_or_else(|| Error::not_found("robot group", row.robot_group_id))?;
            let detail = json!({ "name": row.name, "robotGroupId": row.robot_group_id });
            let department = row.department_id;
            let id = rows::insert(tx, row).await?;
            let audit = caller.audit(now, "create", "process", Some(id), Some(department), &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| id)
        }
        .boxed()
    });
    let id = created.await?;
    platform.counts.changed(Table::Processes);
    Ok(id)
}

/// Activates a package version, with the in-parameters of every run unless a task says otherwise. Tasks made before
/// keep the version they were made with. Parameters that the package requires may be left to the tasks. Of a package with
/// several tasks `task_name` says which one is run; the first where none is named.
pub async fn activate_package_version(
    platform: &Platform,
    caller: &Caller,
    id: ProcessId,
    package_id: PackageId,
    in_parameters: Vec<Parameter>,
    task_name: Option<String>,
) -> Result<()> {
    caller.need(Permission::ProcessWrite)?;
    let in_parameters = parameters::overlay(Vec::new(), in_parameters)?;
    let (now, caller) = (platform.now(), caller.clone());
    let activated = platform.store.write(move |tx| {
        async move {
            let process = rows::find_live(tx, caller.scope(), id).await?;
            let process = process.ok_or_else(|| Error::not_found("process", id))?;
            let package = packages::find_live(tx, caller.scope(), package_id).await?;
            let package = package.ok_or_else(|| Error::not_found("package", package_id))?;
            let info: PackageInfo = serde_json::from_str(&package.info).map_err(Error::internal)?;
            parameters::check(&in_parameters, &info, false)?;
            let task_name = task_names::choose(task_name, None, &info)?;
            rows::activate(tx, id, package_id, &parameters::to_text(&in_parameters)?, task_name.clone()).await?;
            // Values may be confidential; the names say what was set.
            let names: Vec<&str> = in_parameters.iter().map(|parameter| parameter.name.as_str()).collect();
            let detail = json!({
                "packageId": package_id, "packageName": package.name, "packageVersion": package.version,
                "before": process.package_id, "inParameters": names,
                "taskName": task_name,
            });
            let audit = caller.audit(now, "activate", "process", Some(id), Some(process.department_id), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    activated.await
}

/// The process `id`, deleted or not.
pub async fn query(platform: &Platform, caller: &Caller, id: ProcessId) -> Result<process::Model> {
    caller.need(Permission::ProcessRead)?;
    rows::find(&platform.store, caller.scope(), id).await?.ok_or_else(|| Error::not_found("process", id))
}

/// A page of processes, oldest first.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<process::Model>> {
    caller.need(Permission::ProcessRead)?;
    let filter = input.filter(platform, caller).await?;
    lists::page(platform, Table::Processes, &filter, input.page, rows::count, rows::list).await
}

#[cfg(test)]
mod change_tests;
#[cfg(test)]
mod tests;
