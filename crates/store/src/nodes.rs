//! Platform nodes and their leases: a robot is online while the lease of the node it is connected to lasts, so that ten
//! thousand heartbeats cost no write at all.

use baigong_model::Result;
use sea_orm::{DatabaseTransaction as Tx, Value};

use crate::{sql, write::Store};

/// Says that node `id` is alive until `lease_until`. Answers whether it was thought to be gone.
pub async fn renew(tx: &Tx, id: &str, now: i64, lease_until: i64) -> Result<bool> {
    let known =
        sql::run(tx, "UPDATE node SET lease_until = $2 WHERE id = $1", vec![id.into(), lease_until.into()]).await?;
    if known > 0 {
        return Ok(false);
    }
    let text = "INSERT INTO node (id, started_at, lease_until) VALUES ($1, $2, $3)";
    sql::run(tx, text, vec![id.into(), now.into(), lease_until.into()]).await?;
    Ok(true)
}

/// Puts robots back on node `id` whose connections (robot and number) are in force there.
pub async fn take_back(tx: &Tx, id: &str, connections: &[(i64, i64)]) -> Result<()> {
    for connections in connections.chunks(1000) {
        let mut values: Vec<Value> = vec![id.into()];
        values.extend(connections.iter().flat_map(|(robot, number)| [Value::from(*robot), Value::from(*number)]));
        let text = format!(
            "WITH v (id, connection) AS (VALUES {}) UPDATE robot SET node_id = $1, missing_since = NULL FROM v
             WHERE robot.id = v.id AND robot.connection = v.connection AND robot.node_id IS NULL",
            sql::places(tx, connections.len(), 2, 1)
        );
        sql::run(tx, &text, values).await?;
    }
    Ok(())
}

/// Takes every robot off the nodes whose lease has ended by `until`, and forgets those nodes; the robots are missing from
/// `now` on. Answers how many robots.
pub async fn sweep(tx: &Tx, until: i64, now: i64) -> Result<u64> {
    let robots = "UPDATE robot SET node_id = NULL, missing_since = $2 WHERE node_id IS NOT NULL
        AND node_id NOT IN (SELECT id FROM node WHERE lease_until > $1)";
    let count = sql::run(tx, robots, vec![until.into(), now.into()]).await?;
    sql::run(tx, "DELETE FROM node WHERE lease_until <= $1", vec![until.into()]).await?;
    Ok(count)
}

/// The nodes alive at `now`.
pub async fn alive(store: &Store, now: i64) -> Result<Vec<String>> {
    sql::column(store.reader(), "SELECT id FROM node WHERE lease_until > $1", vec![now.into()]).await
}

/// Whether any node is alive at `now`, inside a write.
pub async fn is_any_alive(tx: &Tx, now: i64) -> Result<bool> {
    sql::exists(tx, "SELECT 1 FROM node WHERE lease_until > $1", vec![now.into()]).await
}
