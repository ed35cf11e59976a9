//! Making a robot. Its secret is shown once and stored as a hash; the password of its computer is sealed.

use baigong_model::{
    Error, LogLevel, Permission, Result, Secret, ServiceState,
    ids::{DepartmentId, MachineId, RobotId},
};
use baigong_protocol::RobotSecret;
use baigong_store::{Tx, audits, departments as department_rows, entity::robot, machines, pools, robots as rows};
use futures_util::FutureExt;
use serde_json::json;

use super::agent::secret_hash;
use crate::{
    Caller, Platform, departments, keys::Place, licenses, lists::Table, names, robot_scenes, sm2_transport,
    sm2_transport::Purpose,
};

/// The most tasks a robot may run at once.
pub(super) const MOST_TASKS: i64 = 64;

/// A robot to be made. What is absent gets the usual value.
#[derive(Debug, Clone)]
pub struct NewRobot {
    /// Its department.
    pub department_id: DepartmentId,
    /// Its name, unique in the department.
    pub name: String,
    /// 0 unattended, 1 attended, 2 a studio: a designer, which runs no tasks.
    pub robot_type: i64,
    /// The machine it runs on.
    pub machine_id: MachineId,
    /// The computer's name.
    pub machine_name: String,
    /// The account on the computer.
    pub machine_username: String,
    /// That account's password as it came over the wire, see `sm2_transport`.
    pub machine_password: Option<Secret<String>>,
    /// A remark.
    pub remark: Option<String>,
    /// 0 console (usual), 1 RDP or VNC.
    pub desktop_type: Option<i64>,
    /// Of its display, in pixels; 1920.
    pub resolution_width: Option<i64>,
    /// Of its display, in pixels; 1080.
    pub resolution_height: Option<i64>,
    /// Of its display, in bits; 32.
    pub resolution_depth: Option<i64>,
    /// Whether it may unlock the screen; no.
    pub is_auto_unlock_enabled: Option<bool>,
    /// The finest level it sends; info.
    pub log_level: Option<LogLevel>,
    /// How many tasks it runs at once; 1.
    pub max_tasks: Option<i64>,
}

/// What making a robot answers.
#[derive(Debug, Clone)]
pub struct CreatedRobot {
    /// Its id.
    pub id: RobotId,
    /// What its agent connects with, in its text form. It is not kept: this is the only time it is seen.
    pub secret: Secret<String>,
}

/// Makes a robot, with a pool of its own.
pub async fn create(platform: &Platform, caller: &Caller, input: NewRobot) -> Result<CreatedRobot> {
    caller.need(Permission::RobotWrite)?;
    departments::live(platform, caller, input.department_id).await?;
    let password = match &input.machine_password {
        Some(text) => {
            let purpose = Purpose::MachinePassword;
            Some(sm2_transport::read_field(platform, "machinePassword", text, purpose).await?)
        }
        None => None,
    };
    let row = checked(input, platform.now())?;
    let (this, caller) = (platform.clone(), caller.clone());
    let created =
        platform.store.write(move |tx| async move { insert(&this, tx, &caller, row, password).await }.boxed());
    let created = created.await?;
    licenses::has_one(platform, created.id);
    platform.counts.changed(Table::Robots);
    Ok(created)
}

/// Makes a robot within a write that makes more; the caller has been asked for their permission.
pub(crate) async fn create_in(platform: &Platform, tx: &Tx, caller: &Caller, input: NewRobot) -> Result<CreatedRobot> {
    let row = checked(input, platform.now())?;
    insert(platform, tx, caller, row, None).await
}

async fn insert(
    platform: &Platform,
    tx: &Tx,
    caller: &Caller,
    mut row: robot::Model,
    password: Option<Secret<String>>,
) -> Result<CreatedRobot> {
    department_rows::hold(tx, row.department_id).await?;
    if !machines::hold(tx, row.machine_id).await? {
        return Err(Error::not_found("machine", row.machine_id));
    }
    let id = rows::next_id(tx).await?;
    let secret = RobotSecret::generate(id, &*platform.random);
    let place = Place { table: "robot", row: &id.to_string(), column: "machine_password" };
    row.id = id;
    row.created_by = caller.id();
    row.secret_hash = secret_hash(&secret);
    row.machine_password =
        password.map(|password| platform.keys.seal(&*platform.random, place, password.expose().as_bytes()));
    row.pool_id = pools::create(tx, &format!("robot:{id}")).await?;
    let (pool, department) = (row.pool_id, row.department_id);
    let detail = json!({ "name": row.name, "machineId": row.machine_id, "maxTasks": row.max_tasks });
    let (kind, now) = (row.robot_type, platform.now());
    rows::insert(tx, row).await?;
    licenses::take_seat(tx, id, kind, caller.id(), now).await?;
    pools::add_members(tx, pool, &[id]).await?;
    robot_scenes::insert_default(tx, id, now).await?;
    audits::insert_many(tx, &[caller.audit(platform.now(), "create", "robot", Some(id), Some(department), &detail)])
        .await?;
    Ok(CreatedRobot { id, secret: secret.to_text() })
}

fn checked(input: NewRobot, now: i64) -> Result<robot::Model> {
    let name = names::name("robotName", &input.name)?;
    Ok(robot::Model {
        id: 0,
        department_id: input.department_id,
        machine_id: input.machine_id,
        pool_id: 0,
        live_name: Some(format!("{}/{name}", input.department_id)),
        name,
        robot_type: within("robotType", Some(input.robot_type), 0, 0..=2)?,
        machine_name: names::name("machineName", &input.machine_name)?,
        machine_username: names::name("machineUsername", &input.machine_username)?,
        machine_password: None,
        remark: names::remark(input.remark)?,
        desktop_type: within("desktopType", input.desktop_type, 0, 0..=1)?,
        resolution_width: within("resolutionWidth", input.resolution_width, 1920, 1..=16_384)?,
        resolution_height: within("resolutionHeight", input.resolution_height, 1080, 1..=16_384)?,
        resolution_depth: within("resolutionDepth", input.resolution_depth, 32, 1..=64)?,
        is_auto_unlock_enabled: input.is_auto_unlock_enabled.unwrap_or(false),
        log_level: input.log_level.unwrap_or_default().as_str().to_owned(),
        secret_hash: String::new(),
        max_tasks: within("maxTasks", input.max_tasks, 1, 1..=MOST_TASKS)?,
        service_state: ServiceState::Started.as_str().to_owned(),
        node_id: None,
        connection: None,
        incarnation: None,
        online_at: None,
        missing_since: None,
        firing_book: None,
        last_firing: None,
        install_path: None,
        installed_at: None,
        agent_version: None,
        ip: None,
        system: None,
        created_by: 0,
        created_at: now,
        deleted_at: None,
    })
}

pub(super) fn within(field: &str, value: Option<i64>, usual: i64, range: std::ops::RangeInclusive<i64>) -> Result<i32> {
    let value = value.unwrap_or(usual);
    let fits = range.contains(&value).then(|| i32::try_from(value).ok()).flatten();
    fits.ok_or_else(|| Error::invalid(field, format!("must be between {} and {}", range.start(), range.end())))
}
