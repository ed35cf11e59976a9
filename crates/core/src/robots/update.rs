//! Changing robots (T/TSAC 002-2025, 6.2.10.3), and giving one another secret.

use baigong_model::{Error, LogLevel, Permission, Result, Secret, ids::RobotId};
use baigong_protocol::RobotSecret;
use baigong_store::{Tx, audits, robots as rows};
use futures_util::FutureExt;
use serde_json::json;

use super::{
    agent::secret_hash,
    create::{MOST_TASKS, within},
    cut_off::{self, Cut},
};
use crate::{Caller, Platform, keys::Place, licenses, lists::Table, names, sm2_transport, sm2_transport::Purpose};

/// What is to be changed of a robot; what is absent stays. The fields are those of a new robot.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its name, unique in the department.
    pub name: Option<String>,
    /// 0 unattended, 1 attended: its seat changes with it.
    pub robot_type: Option<i64>,
    /// The computer's name.
    pub machine_name: Option<String>,
    /// The account on the computer.
    pub machine_username: Option<String>,
    /// That account's password as it came over the wire, see `sm2_transport`.
    pub machine_password: Option<Secret<String>>,
    /// A remark.
    pub remark: Option<String>,
    /// 0 console, 1 RDP or VNC.
    pub desktop_type: Option<i64>,
    /// Of its display, in pixels.
    pub resolution_width: Option<i64>,
    /// Of its display, in pixels.
    pub resolution_height: Option<i64>,
    /// Of its display, in bits.
    pub resolution_depth: Option<i64>,
    /// Whether it may unlock the screen.
    pub is_auto_unlock_enabled: Option<bool>,
    /// The finest level it sends.
    pub log_level: Option<LogLevel>,
    /// How many tasks it runs at once.
    pub max_tasks: Option<i64>,
}

/// Changes a robot. What its agent needs to know it hears with its next task; another number of tasks at once lets it
/// connect anew, which what it runs does not notice.
pub async fn update(platform: &Platform, caller: &Caller, id: RobotId, change: Change) -> Result<()> {
    caller.need(Permission::RobotWrite)?;
    let password =
        match &sm2_transport::changed(change.machine_password.clone()).filter(|text| !text.expose().is_empty()) {
            Some(text) => {
                Some(sm2_transport::read_field(platform, "machinePassword", text, Purpose::MachinePassword).await?)
            }
            None => None,
        };
    let (this, caller, change) = (platform.clone(), caller.clone(), checked(change)?);
    let updated =
        platform.store.write(move |tx| async move { write(&this, tx, &caller, id, change, password).await }.boxed());
    if updated.await? {
        cut_off::now(platform, id, &Cut::ConnectAnew);
    }
    platform.counts.changed(Table::Robots);
    Ok(())
}

/// The change as it is stored, and the name by itself.
struct Checked {
    row: rows::Change,
    name: Option<String>,
}

/// Whether the robot runs another number of tasks at once from now on.
async fn write(
    platform: &Platform,
    tx: &Tx,
    caller: &Caller,
    id: RobotId,
    change: Checked,
    password: Option<Secret<String>>,
) -> Result<bool> {
    let now = platform.now();
    let robot = rows::lock(tx, caller.scope(), id).await?.ok_or_else(|| Error::not_found("robot", id))?;
    let Checked { mut row, name } = change;
    if row.robot_type.is_some() && robot.robot_type == rows::STUDIO {
        return Err(Error::conflict("a studio stays one: make a robot beside it"));
    }
    if let Some(kind) = row.robot_type.filter(|kind| *kind != robot.robot_type) {
        licenses::move_seat(tx, id, kind, caller.id(), now).await?;
    }
    let detail = json!({
        "name": name, "robotType": row.robot_type, "machineName": row.machine_name,
        "machineUsername": row.machine_username, "machinePassword": password.is_some(), "logLevel": row.log_level,
        "desktopType": row.desktop_type, "maxTasks": row.max_tasks,
        "resolution": [row.resolution_width, row.resolution_height, row.resolution_depth],
        "isAutoUnlockEnabled": row.is_auto_unlock_enabled, "before": { "name": robot.name },
    });
    row.name = name.map(|name| (name.clone(), format!("{}/{name}", robot.department_id)));
    let place = Place { table: "robot", row: &id.to_string(), column: "machine_password" };
    row.machine_password =
        password.map(|password| platform.keys.seal(&*platform.random, place, password.expose().as_bytes()));
    let is_other_capacity = row.max_tasks.is_some_and(|tasks| tasks != robot.max_tasks);
    rows::update(tx, id, row).await?;
    let audit = caller.audit(now, "update", "robot", Some(id), Some(robot.department_id), &detail);
    audits::insert_many(tx, &[audit]).await?;
    Ok(is_other_capacity)
}

fn checked(change: Change) -> Result<Checked> {
    let number =
        |field: &str, value: Option<i64>, range| value.map(|value| within(field, Some(value), 0, range)).transpose();
    let name = |field: &str, text: Option<String>| text.map(|text| names::name(field, &text)).transpose();
    Ok(Checked {
        name: name("robotName", change.name)?,
        row: rows::Change {
            name: None,
            robot_type: number("robotType", change.robot_type, 0..=1)?,
            machine_name: name("machineName", change.machine_name)?,
            machine_username: name("machineUsername", change.machine_username)?,
            machine_password: None,
            remark: names::remark(change.remark)?,
            desktop_type: number("desktopType", change.desktop_type, 0..=1)?,
            resolution_width: number("resolutionWidth", change.resolution_width, 1..=16_384)?,
            resolution_height: number("resolutionHeight", change.resolution_height, 1..=16_384)?,
            resolution_depth: number("resolutionDepth", change.resolution_depth, 1..=64)?,
            is_auto_unlock_enabled: change.is_auto_unlock_enabled,
            log_level: change.log_level.map(|level| level.as_str().to_owned()),
            max_tasks: number("maxTasks", change.max_tasks, 1..=MOST_TASKS)?,
        },
    })
}

/// Gives the robot another secret, which is shown this once. The old one is good for nothing from now on, and an agent
/// that is connected with it is told to stop.
pub async fn reset_secret(platform: &Platform, caller: &Caller, id: RobotId) -> Result<Secret<String>> {
    caller.need(Permission::RobotWrite)?;
    let secret = RobotSecret::generate(id, &*platform.random);
    let (now, caller, hash) = (platform.now(), caller.clone(), secret_hash(&secret));
    let written = platform.store.write(move |tx| {
        async move {
            let robot = rows::lock(tx, caller.scope(), id).await?.ok_or_else(|| Error::not_found("robot", id))?;
            rows::set_secret(tx, id, &hash).await?;
            let audit = caller.audit(now, "reset-secret", "robot", Some(id), Some(robot.department_id), &json!({}));
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    written.await?;
    cut_off::now(platform, id, &Cut::ForGood("the robot has been given another secret"));
    Ok(secret.to_text())
}
