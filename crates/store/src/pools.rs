//! Pools: the sets of robots that may run a task. Groups and single robots have one each; a list of robots gets one when
//! it is first asked for.

use std::collections::{BTreeSet, HashMap};

use baigong_model::{Error, Result, ids::PoolId};
use sea_orm::DatabaseTransaction as Tx;
use sha2::{Digest, Sha256};

use crate::{scope::Scope, sql, write::Store};

/// PostgreSQL cannot index longer keys than about 2,700 bytes.
const LONGEST_KEY: usize = 500;

/// Makes an empty pool under `key`, which nobody uses yet.
pub async fn create(tx: &Tx, key: &str) -> Result<PoolId> {
    let ids = sql::column(tx, "INSERT INTO robot_pool (pool_key) VALUES ($1) RETURNING id", vec![key.into()]).await?;
    ids.into_iter().next().ok_or_else(|| Error::internal("a pool got no id"))
}

/// Adds robots to a pool; those that are in it already stay.
pub async fn add_members(tx: &Tx, pool: PoolId, robots: &[i64]) -> Result<()> {
    for robots in robots.chunks(1000) {
        let text = format!(
            "INSERT INTO robot_pool_member (pool_id, robot_id) VALUES {} ON CONFLICT (pool_id, robot_id) DO NOTHING",
            sql::places(tx, robots.len(), 2, 0)
        );
        let values = robots.iter().flat_map(|robot| [pool.into(), (*robot).into()]).collect();
        sql::run(tx, &text, values).await?;
    }
    Ok(())
}

/// Takes robots out of a pool; those that are not in it are left out.
pub async fn remove_members(tx: &Tx, pool: PoolId, robots: &[i64]) -> Result<()> {
    for robots in robots.chunks(1000) {
        let text = format!(
            "DELETE FROM robot_pool_member WHERE pool_id = $1 AND robot_id IN {}",
            sql::places(tx, 1, robots.len(), 1)
        );
        let values = [pool].iter().chain(robots).map(|value| (*value).into()).collect();
        sql::run(tx, &text, values).await?;
    }
    Ok(())
}

/// Takes every robot out of a pool; which they were.
pub async fn empty(tx: &Tx, pool: PoolId) -> Result<Vec<i64>> {
    sql::column(tx, "DELETE FROM robot_pool_member WHERE pool_id = $1 RETURNING robot_id", vec![pool.into()]).await
}

/// The pools that have no live robot but `robot` and never will: its own and lists. A group may get others.
pub async fn only_of(tx: &Tx, robot: i64) -> Result<Vec<PoolId>> {
    let text = "SELECT m.pool_id FROM robot_pool_member m WHERE m.robot_id = $1 AND NOT EXISTS (
            SELECT 1 FROM robot_pool_member o JOIN robot r ON r.id = o.robot_id
            WHERE o.pool_id = m.pool_id AND o.robot_id <> $1 AND r.deleted_at IS NULL)
        AND NOT EXISTS (SELECT 1 FROM robot_group g WHERE g.pool_id = m.pool_id)";
    sql::column(tx, text, vec![robot.into()]).await
}

/// The pool of exactly these robots, made when it is not there yet.
pub async fn for_list(tx: &Tx, robots: &[i64]) -> Result<PoolId> {
    let robots: BTreeSet<i64> = robots.iter().copied().collect();
    let robots: Vec<i64> = robots.into_iter().collect();
    let key = list_key(&robots);
    let insert = "INSERT INTO robot_pool (pool_key) VALUES ($1) ON CONFLICT (pool_key) DO NOTHING";
    let is_new = sql::run(tx, insert, vec![key.as_str().into()]).await? > 0;
    let ids = sql::column(tx, "SELECT id FROM robot_pool WHERE pool_key = $1", vec![key.into()]).await?;
    let pool = ids.into_iter().next().ok_or_else(|| Error::internal("a pool got no id"))?;
    if is_new {
        add_members(tx, pool, &robots).await?;
    }
    Ok(pool)
}

fn list_key(robots: &[i64]) -> String {
    let ids: Vec<String> = robots.iter().map(ToString::to_string).collect();
    let key = format!("list:{}", ids.join(","));
    if key.len() <= LONGEST_KEY {
        return key;
    }
    let digest = Sha256::digest(key.as_bytes());
    digest.iter().fold("list:sha256:".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

/// The live robots of a pool, by id.
pub async fn members(store: &Store, pool: PoolId) -> Result<Vec<i64>> {
    let text = "SELECT r.id FROM robot_pool_member m JOIN robot r ON r.id = m.robot_id
        WHERE m.pool_id = $1 AND r.deleted_at IS NULL ORDER BY r.id";
    sql::column(store.reader(), text, vec![pool.into()]).await
}

/// The live robots of several pools that `scope` sees, by pool.
pub async fn members_of(store: &Store, scope: &Scope, pools: &[PoolId]) -> Result<HashMap<PoolId, Vec<i64>>> {
    let mut members: HashMap<PoolId, Vec<i64>> = HashMap::new();
    if pools.is_empty() {
        return Ok(members);
    }
    let text = format!(
        "SELECT m.pool_id, r.id, r.department_id, r.created_by FROM robot_pool_member m JOIN robot r ON r.id = m.robot_id
         WHERE m.pool_id IN {} AND r.deleted_at IS NULL ORDER BY m.pool_id, r.id",
        sql::places(store.reader(), 1, pools.len(), 0)
    );
    for row in sql::rows(store.reader(), &text, pools.iter().map(|pool| (*pool).into()).collect()).await? {
        if scope.sees(sql::get(&row, 2)?, sql::get(&row, 3)?) {
            members.entry(sql::get(&row, 0)?).or_default().push(sql::get(&row, 1)?);
        }
    }
    Ok(members)
}

/// The own pools of the live robots of several pools, by pool.
pub async fn own_pools(store: &Store, pools: &[PoolId]) -> Result<HashMap<PoolId, Vec<PoolId>>> {
    let mut found: HashMap<PoolId, Vec<PoolId>> = HashMap::new();
    for pools in pools.chunks(1000) {
        let text = format!(
            "SELECT m.pool_id, r.pool_id FROM robot_pool_member m JOIN robot r ON r.id = m.robot_id
             WHERE m.pool_id IN {} AND r.deleted_at IS NULL ORDER BY m.pool_id, r.id",
            sql::places(store.reader(), 1, pools.len(), 0)
        );
        for row in sql::rows(store.reader(), &text, pools.iter().map(|pool| (*pool).into()).collect()).await? {
            found.entry(sql::get(&row, 0)?).or_default().push(sql::get(&row, 1)?);
        }
    }
    Ok(found)
}

/// The pools that a robot is in.
pub async fn of_robot(store: &Store, robot: i64) -> Result<Vec<PoolId>> {
    let text = "SELECT pool_id FROM robot_pool_member WHERE robot_id = $1";
    sql::column(store.reader(), text, vec![robot.into()]).await
}

/// The pools that each of `robots` is in.
pub async fn of_robots(store: &Store, robots: &[i64]) -> Result<HashMap<i64, Vec<PoolId>>> {
    let mut pools: HashMap<i64, Vec<PoolId>> = HashMap::new();
    for robots in robots.chunks(1000) {
        let text = format!(
            "SELECT robot_id, pool_id FROM robot_pool_member WHERE robot_id IN {} ORDER BY robot_id, pool_id",
            sql::places(store.reader(), 1, robots.len(), 0)
        );
        for row in sql::rows(store.reader(), &text, robots.iter().map(|robot| (*robot).into()).collect()).await? {
            pools.entry(sql::get(&row, 0)?).or_default().push(sql::get(&row, 1)?);
        }
    }
    Ok(pools)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_KEY, list_key};

    #[test]
    fn a_long_list_has_a_short_key_of_its_own() {
        assert_eq!(list_key(&[1, 5, 9]), "list:1,5,9");
        let long: Vec<i64> = (1..2000).collect();
        let other: Vec<i64> = (1..2001).collect();
        assert!(list_key(&long).len() < LONGEST_KEY);
        assert_ne!(list_key(&long), list_key(&other));
    }
}
