//! Platform nodes and their leases: a robot is online while the lease of the node it is connected to lasts, so that ten
//! thousand heartbeats cost no write at all.

use baigong_model::Result;
use sea_orm::DatabaseTransaction as Tx;

use crate::{sql, write::Store};

/// Says that node `id` is alive until `lease_until`.
pub async fn renew(tx: &Tx, id: &str, now: i64, lease_until: i64) -> Result<()> {
    let text = "INSERT INTO node (id, started_at, lease_until) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until";
    sql::run(tx, text, vec![id.into(), now.into(), lease_until.into()]).await.map(drop)
}

/// Takes every robot off the nodes whose lease has ended, and forgets those nodes. Answers how many robots.
pub async fn sweep(tx: &Tx, now: i64) -> Result<u64> {
    let robots = "UPDATE robot SET node_id = NULL WHERE node_id IS NOT NULL
        AND node_id NOT IN (SELECT id FROM node WHERE lease_until > $1)";
    let count = sql::run(tx, robots, vec![now.into()]).await?;
    sql::run(tx, "DELETE FROM node WHERE lease_until <= $1", vec![now.into()]).await?;
    Ok(count)
}

/// The nodes alive at `now`.
pub async fn alive(store: &Store, now: i64) -> Result<Vec<String>> {
    sql::column(store.reader(), "SELECT id FROM node WHERE lease_until > $1", vec![now.into()]).await
}
