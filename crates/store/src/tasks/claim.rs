//! Giving queued tasks to robots: the one statement that differs between the engines, because only PostgreSQL has
//! several writers to skip around.

use std::{cmp::Reverse, collections::HashMap};

use baigong_model::{
    Result, TaskState,
    ids::{PoolId, RobotId},
};
use sea_orm::{DatabaseTransaction as Tx, Value};

use crate::{
    entity::task,
    sql,
    write::{Store, row_lock},
};

/// Free robots that ask for work.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The pools to look at, each with robots of it that are free and how many tasks each can take now.
    pub pools: Vec<(PoolId, Vec<(RobotId, usize)>)>,
    /// Until when the robots hold what they get.
    pub lease_until: i64,
    /// Now.
    pub now: i64,
}

/// How many tasks one claim gives at most: the statement's values are bounded, and others wait for the writer.
const MOST_GIVEN: usize = 2000;

/// Gives waiting tasks to free robots: by priority, then age, within each pool; across pools the most urgent first.
pub async fn claim(tx: &Tx, claim: &Claim) -> Result<Vec<task::Model>> {
    let mut free: HashMap<RobotId, usize> = claim.pools.iter().flat_map(|(_, robots)| robots.iter().copied()).collect();
    let mut candidates = Vec::new();
    for (index, (pool, robots)) in claim.pools.iter().enumerate() {
        let slots: usize = robots.iter().map(|(_, slots)| slots).sum();
        let found = waiting(tx, *pool, slots).await?;
        candidates.extend(found.into_iter().map(|(id, priority)| (priority, id, index)));
    }
    candidates.sort_unstable();
    let mut pools_of: HashMap<RobotId, usize> = HashMap::new();
    for (robot, _) in claim.pools.iter().flat_map(|(_, robots)| robots) {
        *pools_of.entry(*robot).or_default() += 1;
    }
    let mut given = Vec::new();
    for (_, id, index) in candidates {
        let robots = claim.pools[index].1.iter().map(|(robot, _)| *robot);
        // The robot with the most free places, so that work spreads before it piles up; of these the one that is asked
        // for by the fewest pools, so that a pool with one robot is not robbed of it.
        let best =
            robots.max_by_key(|robot| (free.get(robot).copied().unwrap_or(0), Reverse(pools_of.get(robot).copied())));
        let Some(robot) = best else { continue };
        if let Some(slots) = free.get_mut(&robot).filter(|slots| **slots > 0) {
            *slots -= 1;
            given.push((id, robot));
        }
        if given.len() == MOST_GIVEN {
            break;
        }
    }
    assign(tx, &given, claim).await
}

/// The tasks at the head of a pool's queue, locked where several writers exist.
async fn waiting(tx: &Tx, pool: PoolId, limit: usize) -> Result<Vec<(i64, i32)>> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let lock = row_lock(tx, " FOR UPDATE SKIP LOCKED");
    let text = format!(
        "SELECT id, priority FROM task WHERE state = 'queued' AND pool_id = $1 ORDER BY priority, id LIMIT {limit}{lock}"
    );
    let rows = sql::rows(tx, &text, vec![pool.into()]).await?;
    rows.iter().map(|row| Ok((sql::get(row, 0)?, sql::get(row, 1)?))).collect()
}

async fn assign(tx: &Tx, given: &[(i64, RobotId)], claim: &Claim) -> Result<Vec<task::Model>> {
    if given.is_empty() {
        return Ok(Vec::new());
    }
    let mut values: Vec<Value> = vec![claim.now.into(), claim.lease_until.into()];
    values.extend(given.iter().flat_map(|(id, robot)| [Value::from(*id), Value::from(*robot)]));
    let text = format!(
        "WITH v (id, robot_id) AS (VALUES {}) UPDATE task SET state = '{}', robot_id = v.robot_id, fence = task.fence + 1,
         assigned_at = $1, lease_until = $2
         FROM v WHERE task.id = v.id AND task.state = '{}' RETURNING {}",
        sql::places(tx, given.len(), 2, 2),
        TaskState::Assigned,
        TaskState::Queued,
        *super::query::TASK_COLUMNS,
    );
    sql::rows(tx, &text, values).await?.iter().map(super::query::from_row).collect()
}

/// Those of `pools` in which a task waits.
pub async fn with_waiting_tasks(store: &Store, pools: &[PoolId]) -> Result<Vec<PoolId>> {
    let mut waiting = Vec::new();
    for pools in pools.chunks(MOST_GIVEN) {
        let text = format!(
            "WITH p (id) AS (VALUES {}) SELECT id FROM p
             WHERE EXISTS (SELECT 1 FROM task WHERE state = 'queued' AND pool_id = p.id)",
            sql::places(store.reader(), pools.len(), 1, 0)
        );
        let values = pools.iter().map(|pool| (*pool).into()).collect();
        waiting.extend(sql::column::<PoolId>(store.reader(), &text, values).await?);
    }
    Ok(waiting)
}

/// The pools in which a task waits: one look at the index per pool, however long the queues are.
pub async fn pools_with_waiting_tasks(store: &Store) -> Result<Vec<PoolId>> {
    let mut pools = Vec::new();
    let mut last = 0_i64;
    loop {
        let text = "SELECT pool_id FROM task WHERE state = 'queued' AND pool_id > $1 ORDER BY pool_id LIMIT 1";
        match sql::column::<i64>(store.reader(), text, vec![last.into()]).await?.first() {
            Some(pool) => pools.push(*pool),
            None => return Ok(pools),
        }
        last = pools.last().copied().unwrap_or(last);
    }
}
