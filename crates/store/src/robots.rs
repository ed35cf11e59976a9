//! Robots.

mod change;
mod list;
mod missing;
mod service;

pub use change::{Change, InForce, connections, delete, is_busy, lock, set_secret, update};
pub use list::{Filter, Listed, by_ids, count, list, named};
pub use missing::{Missing, missing, missing_from, told_missing};
pub use service::{set_service, with_paused_tasks};

use baigong_model::{
    Result, ServiceState,
    ids::{DepartmentId, PoolId, RobotId},
};
use sea_orm::{ActiveModelTrait, DatabaseTransaction as Tx, EntityTrait, QueryResult};

use crate::{
    entity::robot::{ActiveModel, Entity, Model},
    error::taken,
    scope::{self, Scope},
    sql,
    write::{Store, next_ids},
};

/// The id of the next robot: its secrets are sealed to it before it is inserted.
pub async fn next_id(tx: &Tx) -> Result<RobotId> {
    let ids = next_ids(tx, "robot", 1).await?;
    ids.into_iter().next().ok_or_else(|| baigong_model::Error::internal("a robot got no id"))
}

/// Inserts `row` under its own id, from [`next_id`]. The name must be free in its department.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    let name = row.name.clone();
    let row = ActiveModel::from(row).reset_all();
    row.insert(tx).await.map_err(|error| taken(error, "robot", &name)).map(drop)
}

/// The robot `id`, deleted or not, if the scope sees it.
pub async fn find(store: &Store, scope: &Scope, id: RobotId) -> Result<Option<Model>> {
    let row = crate::sql::unique(Entity::find_by_id(id), store.reader()).await?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// The type of an agent that is a designer and no robot.
pub const STUDIO: i32 = 2;

/// Those of `robots` that are live and that `scope` sees, inside a write. A studio is no robot.
pub async fn visible(tx: &Tx, scope: &Scope, robots: &[RobotId]) -> Result<Vec<RobotId>> {
    let seen = scope::visible(tx, scope, "robot", robots).await?;
    let mut found = Vec::with_capacity(seen.len());
    for seen in seen.chunks(1000) {
        let text = format!(
            "SELECT id FROM robot WHERE robot_type <> {STUDIO} AND id IN {} ORDER BY id",
            sql::places(tx, 1, seen.len(), 0)
        );
        found.extend(sql::column::<i64>(tx, &text, seen.iter().map(|id| (*id).into()).collect()).await?);
    }
    Ok(found)
}

/// What an agent says of itself when it connects.
#[derive(Debug, Clone)]
pub struct Connected {
    /// Which start of the agent.
    pub incarnation: String,
    /// The platform node it is connected to.
    pub node_id: String,
    /// Which connection.
    pub connection: i64,
    /// When.
    pub at: i64,
    /// Where the agent is installed.
    pub install_path: String,
    /// Since when; 0 when it does not say.
    pub installed_at: i64,
    /// Its version.
    pub agent_version: String,
    /// Its address.
    pub ip: String,
    /// Its operating system.
    pub system: String,
}

/// Says that the robot is connected; `false` when it has been deleted.
pub async fn went_online(tx: &Tx, id: RobotId, connected: &Connected) -> Result<bool> {
    let text =
        "UPDATE robot SET node_id = $1, incarnation = $2, online_at = $3, missing_since = NULL, install_path = $4,
            installed_at = NULLIF($5, 0), agent_version = $6, ip = $7, system = $8, connection = $9
        WHERE id = $10 AND deleted_at IS NULL";
    let values = vec![
        connected.node_id.as_str().into(),
        connected.incarnation.as_str().into(),
        connected.at.into(),
        connected.install_path.as_str().into(),
        connected.installed_at.into(),
        connected.agent_version.as_str().into(),
        connected.ip.as_str().into(),
        connected.system.as_str().into(),
        connected.connection.into(),
        id.into(),
    ];
    Ok(sql::run(tx, text, values).await? > 0)
}

/// Says that the robot is gone, unless it has connected elsewhere or anew since; whether it was this connection. With a time
/// it is missing since then.
pub async fn went_offline(tx: &Tx, id: RobotId, connection: i64, missing_since: Option<i64>) -> Result<bool> {
    let text =
        "UPDATE robot SET node_id = NULL, connection = NULL, missing_since = $3 WHERE id = $1 AND connection = $2";
    Ok(sql::run(tx, text, vec![id.into(), connection.into(), missing_since.into()]).await? > 0)
}

/// Notes that the robot has told of its own firing `number` of `book`; `false` when it had before.
pub async fn told_firing(tx: &Tx, id: RobotId, book: i64, number: i64) -> Result<bool> {
    let text = "UPDATE robot SET firing_book = $1, last_firing = $2
        WHERE id = $3 AND (firing_book IS NULL OR firing_book <> $1 OR last_firing < $2)";
    Ok(sql::run(tx, text, vec![book.into(), number.into(), id.into()]).await? > 0)
}

/// A robot as far as people's decisions and maintenance windows are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The robot.
    pub id: RobotId,
    /// Its department.
    pub department_id: DepartmentId,
    /// What people decided about it.
    pub service: ServiceState,
}

/// The first live robots of `pool` that are connected to one of `nodes`.
pub async fn connected_in(store: &Store, pool: PoolId, nodes: &[String]) -> Result<Vec<Standing>> {
    if nodes.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT r.id, r.department_id, r.service_state FROM robot_pool_member m JOIN robot r ON r.id = m.robot_id
         WHERE m.pool_id = $1 AND r.deleted_at IS NULL AND r.node_id IN {} ORDER BY m.robot_id LIMIT 1000",
        sql::places(store.reader(), 1, nodes.len(), 1)
    );
    let mut values = vec![pool.into()];
    values.extend(nodes.iter().map(|node| node.as_str().into()));
    let rows = sql::rows(store.reader(), &text, values).await?;
    let standing = |row: &QueryResult| {
        let service: String = sql::get(row, 2)?;
        let service = service.parse().unwrap_or_default();
        Ok(Standing { id: sql::get(row, 0)?, department_id: sql::get(row, 1)?, service })
    };
    rows.iter().map(standing).collect()
}
