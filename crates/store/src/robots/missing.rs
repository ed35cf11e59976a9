//! Robots that are away without a word of parting, until somebody was told or they are back.

use baigong_model::{
    Result,
    ids::{DepartmentId, RobotId},
};
use sea_orm::{DatabaseTransaction as Tx, QueryResult};

use crate::{sql, write::Store};

/// A robot that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The robot.
    pub id: RobotId,
    /// Its department.
    pub department_id: DepartmentId,
    /// Its name.
    pub name: String,
    /// Since when.
    pub since: i64,
}

/// The live robots in service that have been missing since `until` or longer.
pub async fn missing(store: &Store, until: i64) -> Result<Vec<Missing>> {
    let text = "SELECT id, department_id, name, missing_since FROM robot
        WHERE missing_since <= $1 AND deleted_at IS NULL AND service_state = 'started' ORDER BY missing_since LIMIT 1000";
    let row = |row: &QueryResult| {
        let mut next = sql::Cursor::over(row);
        Ok(Missing { id: next.get()?, department_id: next.get()?, name: next.get()?, since: next.get()? })
    };
    sql::rows(store.reader(), text, vec![until.into()]).await?.iter().map(row).collect()
}

/// Somebody is told that the robot has been missing since then; `false` when it is back, or was told of already.
pub async fn told_missing(tx: &Tx, id: RobotId, since: i64) -> Result<bool> {
    let text = "UPDATE robot SET missing_since = NULL WHERE id = $1 AND missing_since = $2";
    Ok(sql::run(tx, text, vec![id.into(), since.into()]).await? > 0)
}

/// Whoever is missing is missing from `now` on only: before, there was nobody they could have connected to.
pub async fn missing_from(tx: &Tx, now: i64) -> Result<u64> {
    sql::run(tx, "UPDATE robot SET missing_since = $1 WHERE missing_since IS NOT NULL", vec![now.into()]).await
}
