//! Making, changing and deleting maintenance windows.

use baigong_model::{Error, Permission, Result, ids::DepartmentId};
use baigong_store::{
    Tx, audits, departments as department_rows, entity::maintenance_window::Model, maintenance_windows as rows,
    robot_groups, robots,
};
use futures_util::FutureExt;
use serde_json::json;

use super::window::{OnRunning, Target, Times, check, times_of};
use crate::{Caller, Platform, departments, lists::Table, names};

/// A window to be made.
#[derive(Debug, Clone)]
pub struct NewWindow {
    /// Its department.
    pub department_id: DepartmentId,
    /// Its name, unique in the department.
    pub name: String,
    /// A remark.
    pub remark: Option<String>,
    /// Whom it covers.
    pub target: Target,
    /// When it is open.
    pub times: Times,
    /// What happens to tasks that run when it begins.
    pub on_running: OnRunning,
}

/// What is to be changed of a window; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its name, unique in the department.
    pub name: Option<String>,
    /// A remark.
    pub remark: Option<String>,
    /// Whom it covers.
    pub target: Option<Target>,
    /// When it is open.
    pub times: Option<Times>,
    /// What happens to tasks that run when it begins.
    pub on_running: Option<OnRunning>,
}

/// Makes a window.
pub async fn create(platform: &Platform, caller: &Caller, input: NewWindow) -> Result<i64> {
    caller.need(Permission::MaintenanceWrite)?;
    departments::live(platform, caller, input.department_id).await?;
    let name = names::name("maintenanceName", &input.name)?;
    check(&input.times)?;
    let now = platform.now();
    let mut row = Model {
        id: 0,
        department_id: input.department_id,
        live_name: Some(format!("{}/{name}", input.department_id)),
        name,
        remark: names::remark(input.remark)?,
        target_kind: String::new(),
        target_id: 0,
        starts_at: None,
        ends_at: None,
        cron_expression: None,
        duration_minutes: None,
        time_zone: platform.config.time_zone.iana_name().unwrap_or("UTC").to_owned(),
        on_running: input.on_running.as_str().to_owned(),
        created_by: caller.id(),
        created_at: now,
        deleted_at: None,
    };
    aim(&mut row, input.target);
    set_times(&mut row, input.times);
    need_target(platform, caller, input.target).await?;
    let by = caller.clone();
    let created = platform.store.write(move |tx| {
        async move {
            department_rows::hold(tx, row.department_id).await?;
            let (department, detail) = (row.department_id, told(&row)?);
            let id = rows::insert(tx, row).await?;
            audit(tx, &by, now, "create", id, department, &detail).await.map(|()| id)
        }
        .boxed()
    });
    let id = created.await?;
    changed(platform).await?;
    Ok(id)
}

/// Changes a window. It is in force at once.
pub async fn update(platform: &Platform, caller: &Caller, id: i64, change: Change) -> Result<()> {
    caller.need(Permission::MaintenanceWrite)?;
    let name = change.name.map(|name| names::name("maintenanceName", &name)).transpose()?;
    let remark = names::remark(change.remark)?;
    change.times.as_ref().map(check).transpose()?;
    if let Some(target) = change.target {
        need_target(platform, caller, target).await?;
    }
    let (now, by) = (platform.now(), caller.clone());
    let updated = platform.store.write(move |tx| {
        async move {
            let row = rows::find_live(tx, by.scope(), id).await?;
            let mut row = row.ok_or_else(|| Error::not_found("maintenance window", id))?;
            if let Some(name) = name {
                row.live_name = Some(format!("{}/{name}", row.department_id));
                row.name = name;
            }
            row.remark = remark.or(row.remark);
            if let Some(target) = change.target {
                aim(&mut row, target);
            }
            if let Some(times) = change.times {
                set_times(&mut row, times);
            }
            if let Some(on_running) = change.on_running {
                on_running.as_str().clone_into(&mut row.on_running);
            }
            let (department, detail) = (row.department_id, told(&row)?);
            rows::update(tx, row).await?;
            audit(tx, &by, now, "update", id, department, &detail).await
        }
        .boxed()
    });
    updated.await?;
    changed(platform).await
}

/// Deletes a window: the robots it covers are in service again.
pub async fn delete(platform: &Platform, caller: &Caller, id: i64) -> Result<()> {
    caller.need(Permission::MaintenanceWrite)?;
    let (now, by) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            let row = rows::find_live(tx, by.scope(), id).await?;
            let row = row.ok_or_else(|| Error::not_found("maintenance window", id))?;
            if !rows::delete(tx, id, now).await? {
                return Err(Error::not_found("maintenance window", id));
            }
            audit(tx, &by, now, "delete", id, row.department_id, &json!({ "name": row.name })).await
        }
        .boxed()
    });
    deleted.await?;
    changed(platform).await
}

/// After the commit: counts, the windows in memory, and the robots here.
async fn changed(platform: &Platform) -> Result<()> {
    platform.counts.changed(Table::MaintenanceWindows);
    platform.maintenance.changed();
    super::look_again(platform).await.map(drop)
}

/// Fails unless the caller sees the live robot, group or department.
async fn need_target(platform: &Platform, caller: &Caller, target: Target) -> Result<()> {
    let store = &platform.store;
    let (is_there, kind, id) = match target {
        Target::Robot(id) => {
            (robots::find(store, caller.scope(), id).await?.is_some_and(|it| it.deleted_at.is_none()), "robot", id)
        }
        Target::Group(id) => {
            let group = robot_groups::find(store, caller.scope(), id).await?;
            (group.is_some_and(|it| it.deleted_at.is_none()), "robot group", id)
        }
        Target::Department(id) => return departments::live(platform, caller, id).await,
    };
    if is_there { Ok(()) } else { Err(Error::not_found(kind, id)) }
}

fn aim(row: &mut Model, target: Target) {
    let (kind, id) = target.parts();
    kind.clone_into(&mut row.target_kind);
    row.target_id = id;
}

fn set_times(row: &mut Model, times: Times) {
    (row.starts_at, row.ends_at, row.cron_expression, row.duration_minutes) = (None, None, None, None);
    match times {
        Times::Once { from, until } => (row.starts_at, row.ends_at) = (Some(from), Some(until)),
        Times::Recurring { cron, minutes, zone } => {
            (row.cron_expression, row.duration_minutes, row.time_zone) = (Some(cron), Some(minutes), zone);
        }
    }
}

/// For the audit.
fn told(row: &Model) -> Result<serde_json::Value> {
    Ok(json!({
        "name": row.name, "target": row.target_kind, "targetId": row.target_id, "times": format!("{:?}", times_of(row)?),
        "onRunning": row.on_running,
    }))
}

async fn audit(
    tx: &Tx,
    by: &Caller,
    now: i64,
    action: &'static str,
    id: i64,
    department: DepartmentId,
    detail: &serde_json::Value,
) -> Result<()> {
    let row = by.audit(now, action, "maintenance window", Some(id), Some(department), detail);
    audits::insert_many(tx, &[row]).await
}
