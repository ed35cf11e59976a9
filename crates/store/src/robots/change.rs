//! Changing and deleting robots.

use std::collections::HashMap;

use baigong_model::{Result, ServiceState, TaskState, ids::RobotId};
use sea_orm::{DatabaseTransaction as Tx, EntityTrait, QuerySelect};

use crate::{
    entity::robot::{Entity, Model},
    own_tasks::MADE_ON_ROBOT,
    scope::Scope,
    sql,
    write::Store,
};

/// What is to be changed of a robot; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its name, and the same with its department.
    pub name: Option<(String, String)>,
    /// 0 unattended, 1 attended.
    pub robot_type: Option<i32>,
    /// The computer's name.
    pub machine_name: Option<String>,
    /// The account on the computer.
    pub machine_username: Option<String>,
    /// That account's password, sealed.
    pub machine_password: Option<String>,
    /// A remark.
    pub remark: Option<String>,
    /// 0 console, 1 RDP or VNC.
    pub desktop_type: Option<i32>,
    /// Of its display, in pixels.
    pub resolution_width: Option<i32>,
    /// Of its display, in pixels.
    pub resolution_height: Option<i32>,
    /// Of its display, in bits.
    pub resolution_depth: Option<i32>,
    /// Whether it may unlock the screen.
    pub is_auto_unlock_enabled: Option<bool>,
    /// The finest level it sends.
    pub log_level: Option<String>,
    /// How many tasks it runs at once.
    pub max_tasks: Option<i32>,
}

/// The live robot `id`, if the scope sees it, locked until the end of the write.
pub async fn lock(tx: &Tx, scope: &Scope, id: RobotId) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id).lock_exclusive(), tx).await?;
    Ok(row.filter(|row| row.deleted_at.is_none() && scope.sees(row.department_id, row.created_by)))
}

/// Changes what is given. The name must be free in its department.
pub async fn update(tx: &Tx, id: RobotId, change: Change) -> Result<()> {
    let text = "UPDATE robot SET name = COALESCE($1, name), live_name = COALESCE($2, live_name),
            robot_type = COALESCE($3, robot_type), machine_name = COALESCE($4, machine_name),
            machine_username = COALESCE($5, machine_username), machine_password = COALESCE($6, machine_password),
            remark = COALESCE($7, remark), desktop_type = COALESCE($8, desktop_type),
            resolution_width = COALESCE($9, resolution_width), resolution_height = COALESCE($10, resolution_height),
            resolution_depth = COALESCE($11, resolution_depth),
            is_auto_unlock_enabled = COALESCE($12, is_auto_unlock_enabled), log_level = COALESCE($13, log_level),
            max_tasks = COALESCE($14, max_tasks) WHERE id = $15";
    let (name, live_name) = change.name.unzip();
    let values = vec![
        name.clone().into(),
        live_name.into(),
        change.robot_type.into(),
        change.machine_name.into(),
        change.machine_username.into(),
        change.machine_password.into(),
        change.remark.into(),
        change.desktop_type.into(),
        change.resolution_width.into(),
        change.resolution_height.into(),
        change.resolution_depth.into(),
        change.is_auto_unlock_enabled.into(),
        change.log_level.into(),
        change.max_tasks.into(),
        id.into(),
    ];
    sql::run_naming(tx, text, values, ("robot", name.as_deref())).await.map(drop)
}

/// Gives the robot another secret; whoever is connected with the old one no longer counts.
pub async fn set_secret(tx: &Tx, id: RobotId, secret_hash: &str) -> Result<()> {
    let text = "UPDATE robot SET secret_hash = $1, node_id = NULL, connection = NULL WHERE id = $2";
    sql::run(tx, text, vec![secret_hash.into(), id.into()]).await.map(drop)
}

/// Marks the robot deleted, frees its name and forgets the password of its computer.
pub async fn delete(tx: &Tx, id: RobotId, now: i64) -> Result<()> {
    let text = "UPDATE robot SET deleted_at = $1, live_name = NULL, machine_password = NULL, node_id = NULL,
            connection = NULL WHERE id = $2";
    sql::run(tx, text, vec![now.into(), id.into()]).await.map(drop)
}

/// A task of the platform that the robot holds.
pub async fn is_busy(tx: &Tx, id: RobotId) -> Result<Option<i64>> {
    let mut values = vec![id.into(), MADE_ON_ROBOT.into()];
    values.extend(TaskState::HELD.map(|state| state.as_str().into()));
    let places = sql::places(tx, 1, TaskState::HELD.len(), 2);
    let text = format!(
        "SELECT id FROM task WHERE robot_id = $1 AND create_mode <> $2 AND state IN {places} ORDER BY id LIMIT 1"
    );
    Ok(sql::column(tx, &text, values).await?.into_iter().next())
}

/// What the database says of a live robot's connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// Which connection is in force, if any is.
    pub connection: Option<i64>,
    /// The node it is to.
    pub node_id: Option<String>,
    /// Which start of the agent it is.
    pub incarnation: Option<String>,
    /// What people decided about the robot.
    pub service: ServiceState,
    /// How many tasks it may run at once.
    pub max_tasks: i32,
}

/// Which connection of each live robot of `robots` is in force.
pub async fn connections(store: &Store, robots: &[RobotId]) -> Result<HashMap<RobotId, InForce>> {
    let mut found = HashMap::with_capacity(robots.len());
    for robots in robots.chunks(1000) {
        let text = format!(
            "SELECT id, connection, node_id, incarnation, service_state, max_tasks FROM robot
             WHERE deleted_at IS NULL AND id IN {}",
            sql::places(store.reader(), 1, robots.len(), 0)
        );
        for row in sql::rows(store.reader(), &text, robots.iter().map(|id| (*id).into()).collect()).await? {
            let mut next = sql::Cursor::over(&row);
            let id = next.get()?;
            let in_force = InForce {
                connection: next.get()?,
                node_id: next.get()?,
                incarnation: next.get()?,
                service: next.get::<String>()?.parse().unwrap_or_default(),
                max_tasks: next.get()?,
            };
            found.insert(id, in_force);
        }
    }
    Ok(found)
}
