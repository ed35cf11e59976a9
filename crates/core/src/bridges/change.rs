//! Registering, changing and removing bridges.

use baigong_model::{
    Error, Permission, Result, Secret,
    ids::{BridgeId, DepartmentId},
};
use baigong_store::{
    Scope, Tx, audits, bridges as rows, departments as department_rows,
    entity::{bridge, machine, robot_group},
    foreign_objects::{self, Kind},
    machines as machine_rows, pools, robot_groups as group_rows,
};
use futures_util::FutureExt;
use serde_json::json;

use super::place;
use crate::{
    Caller, Platform, departments, licenses,
    lists::Table,
    machines, names, processes, robot_groups, robots,
    sm2_transport::{self, Purpose},
};

/// What the other side may speak.
const KINDS: [&str; 3] = ["tsac", "oapi", "robot"];
/// How many tasks are run there at once.
const AT_ONCE: i64 = 64;
/// The longest address.
const MAX_URL: usize = 2000;

/// A bridge to be made.
#[derive(Debug, Clone)]
pub struct NewBridge {
    /// Its department: what comes from there belongs to it.
    pub department_id: DepartmentId,
    /// Its name, unique in the department.
    pub name: String,
    /// "tsac", "oapi" or "robot".
    pub kind: String,
    /// `https://host:port`
    pub url: String,
    /// As whom we come; nothing for a robot.
    pub username: String,
    /// The password, the secret half of a key pair or the robot's secret, as it came over the wire.
    pub secret: Secret<String>,
}

/// What is to be changed; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct BridgeChange {
    /// Where it is.
    pub url: Option<String>,
    /// As whom we come.
    pub username: Option<String>,
    /// The secret.
    pub secret: Option<Secret<String>>,
    /// Whether it is in use.
    pub is_active: Option<bool>,
}

/// Whoever may make and change bridges: people with the permission.
pub(super) fn writer(caller: &Caller) -> Result<()> {
    caller.need(Permission::BridgeWrite)?;
    caller.need_person()
}

/// Makes a bridge, with the robot that stands for it, its machine and its group.
pub async fn create(platform: &Platform, caller: &Caller, input: NewBridge) -> Result<BridgeId> {
    writer(caller)?;
    departments::live(platform, caller, input.department_id).await?;
    let name = names::name("name", &input.name)?;
    if !KINDS.contains(&input.kind.as_str()) {
        return Err(Error::invalid("kind", "must be tsac, oapi or robot"));
    }
    let (url, username) = (origin_of(&input.url)?, username(&input.kind, &input.username)?);
    let secret = read(platform, &input.secret).await?;
    let row = bridge::Model {
        id: 0,
        department_id: input.department_id,
        live_name: Some(format!("{}/{name}", input.department_id)),
        name,
        kind: input.kind,
        url,
        username,
        sealed: String::new(),
        robot_id: 0,
        robot_group_id: 0,
        is_active: true,
        state: "new".into(),
        detail: None,
        reached_at: None,
        failures: 0,
        turn_at: 0,
        listed_at: None,
        created_by: caller.id(),
        created_at: platform.now(),
        deleted_at: None,
    };
    let (this, caller) = (platform.clone(), caller.clone());
    let made = platform.store.write(move |tx| async move { insert(&this, tx, &caller, row, &secret).await }.boxed());
    let row = made.await?;
    licenses::has_one(platform, row.robot_id);
    for table in [Table::Machines, Table::Robots, Table::RobotGroups] {
        platform.counts.changed(table);
    }
    Ok(row.id)
}

async fn insert(
    platform: &Platform,
    tx: &Tx,
    caller: &Caller,
    mut row: bridge::Model,
    secret: &Secret<String>,
) -> Result<bridge::Model> {
    let (now, department) = (row.created_at, row.department_id);
    department_rows::hold(tx, department).await?;
    row.id = rows::next_id(tx).await?;
    row.sealed = platform.keys.seal(&*platform.random, place(&row.id.to_string()), secret.expose().as_bytes());
    let stands_for = format!("bridge {}: {}", row.id, row.url);
    let name = format!("bridge {} {}", row.id, row.name).chars().take(128).collect::<String>();
    let machine = machine::Model {
        id: 0,
        name: name.clone(),
        live_name: Some(name.clone()),
        remark: Some(stands_for.clone()),
        created_at: now,
        deleted_at: None,
    };
    let machine_id = machine_rows::insert(tx, machine).await?;
    let robot = robots::NewRobot {
        department_id: department,
        name: name.clone(),
        robot_type: 0,
        machine_id,
        machine_name: "-".into(),
        machine_username: "-".into(),
        machine_password: None,
        remark: Some(stands_for.clone()),
        desktop_type: None,
        resolution_width: None,
        resolution_height: None,
        resolution_depth: None,
        is_auto_unlock_enabled: None,
        log_level: None,
        max_tasks: Some(AT_ONCE),
    };
    row.robot_id = robots::create_in(platform, tx, caller, robot).await?.id;
    let mut group = robot_group::Model {
        id: 0,
        department_id: department,
        pool_id: 0,
        live_name: Some(format!("{department}/{name}")),
        name,
        remark: Some(stands_for),
        created_by: caller.id(),
        created_at: now,
        deleted_at: None,
    };
    group.pool_id = pools::create(tx, &format!("bridge:{}", row.id)).await?;
    pools::add_members(tx, group.pool_id, &[row.robot_id]).await?;
    row.robot_group_id = group_rows::insert(tx, group).await?;
    let detail = json!({ "name": row.name, "kind": row.kind, "url": row.url, "robotId": row.robot_id });
    rows::insert(tx, row.clone()).await?;
    let audit = caller.audit(now, "create", "bridge", Some(row.id), Some(department), &detail);
    audits::insert_many(tx, &[audit]).await.map(|()| row)
}

/// Changes a bridge. What runs there goes on.
pub async fn update(platform: &Platform, caller: &Caller, id: BridgeId, change: BridgeChange) -> Result<()> {
    writer(caller)?;
    let url = change.url.map(|url| origin_of(&url)).transpose()?;
    let secret = match &sm2_transport::changed(change.secret) {
        Some(secret) => Some(read(platform, secret).await?),
        None => None,
    };
    let (this, now, caller) = (platform.clone(), platform.now(), caller.clone());
    let updated = platform.store.write(move |tx| {
        async move {
            let row = rows::find_live(tx, caller.scope(), id).await?;
            let mut row = row.ok_or_else(|| Error::not_found("bridge", id))?;
            if url.as_ref().is_some_and(|url| *url != row.url) && secret.is_none() {
                // Whoever may change a bridge must not get its secret by having it sent to themselves.
                return Err(Error::invalid("secret", "must be given with another address"));
            }
            row.url = url.unwrap_or(row.url);
            if let Some(given) = change.username {
                row.username = username(&row.kind, &given)?;
            }
            if let Some(secret) = &secret {
                row.sealed = this.keys.seal(&*this.random, place(&id.to_string()), secret.expose().as_bytes());
            }
            row.is_active = change.is_active.unwrap_or(row.is_active);
            (row.failures, row.listed_at) = (0, None);
            let detail = json!({ "url": row.url, "isActive": row.is_active, "isSecretChanged": secret.is_some() });
            let audit = caller.audit(now, "update", "bridge", Some(id), Some(row.department_id), &detail);
            rows::update(tx, row).await?;
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    updated.await
}

/// Removes a bridge with everything that stands here for what is there: refused while a task runs there. It is out of use
/// from the first moment on, so that a refusal in the midst can be followed by another try.
pub async fn delete(platform: &Platform, caller: &Caller, id: BridgeId) -> Result<()> {
    writer(caller)?;
    let row = rows::find(&platform.store, caller.scope(), id).await?;
    let row = row.filter(|row| row.deleted_at.is_none()).ok_or_else(|| Error::not_found("bridge", id))?;
    update(platform, caller, id, BridgeChange { is_active: Some(false), ..BridgeChange::default() }).await?;
    // What stands for the other side belongs to the bridge, whoever removes it.
    let ours = Caller::platform();
    let mirrored = foreign_objects::all(&platform.store, id, Kind::Process).await?;
    let robot = baigong_store::robots::find(&platform.store, &Scope::All, row.robot_id).await?;
    ignore_missing(robots::delete(platform, &ours, row.robot_id).await)?;
    for process in mirrored.iter().filter_map(|process| process.local_id) {
        ignore_missing(processes::delete(platform, &ours, process).await)?;
    }
    ignore_missing(robot_groups::delete(platform, &ours, row.robot_group_id).await)?;
    if let Some(robot) = robot {
        ignore_missing(machines::delete(platform, &ours, robot.machine_id).await)?;
    }
    let (now, caller) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            rows::delete(tx, id, now).await?;
            let detail = json!({ "name": row.name, "url": row.url });
            let audit = caller.audit(now, "delete", "bridge", Some(id), Some(row.department_id), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    deleted.await
}

fn ignore_missing<T>(deleted: Result<T>) -> Result<()> {
    match deleted {
        Ok(_) | Err(Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

fn username(kind: &str, given: &str) -> Result<String> {
    match kind {
        "robot" => Ok(String::new()),
        _ => names::name("username", given),
    }
}

async fn read(platform: &Platform, secret: &Secret<String>) -> Result<Secret<String>> {
    let secret = sm2_transport::read_field(platform, "secret", secret, Purpose::Bridge).await?;
    if secret.expose().is_empty() {
        return Err(Error::invalid("secret", "must not be empty"));
    }
    Ok(secret)
}

/// The address without anything behind host and port.
fn origin_of(url: &str) -> Result<String> {
    let wrong = || Error::invalid("url", "must be an address like https://host:port");
    let parsed = url::Url::parse(url.trim()).ok().filter(|_| url.len() <= MAX_URL).ok_or_else(wrong)?;
    let has_more = !parsed.username().is_empty() || parsed.password().is_some() || parsed.query().is_some();
    if !matches!(parsed.scheme(), "https" | "http") || parsed.host_str().is_none() || has_more {
        return Err(wrong());
    }
    match parsed.path().trim_end_matches('/') {
        "" => Ok(parsed.origin().ascii_serialization()),
        _ => Err(wrong()),
    }
}
