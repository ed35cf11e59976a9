//! Queues that hold so many items at most: those that wait and those that are worked on count.

use std::collections::{BTreeSet, HashMap};

use baigong_model::{Error, Result};
use sea_orm::{DatabaseTransaction as Tx, Value};

use super::Push;
use crate::{sql, write::row_lock};

/// How many more items each limited queue of the requests takes. Others who push wait until this write has ended.
pub(super) async fn free(tx: &Tx, requests: &[Push]) -> Result<HashMap<i64, i64>> {
    let queues: BTreeSet<i64> = requests.iter().map(|request| request.queue_id).collect();
    let lock = row_lock(tx, " FOR UPDATE");
    let text = format!(
        "SELECT id, max_items FROM data_queue WHERE max_items IS NOT NULL AND id IN {} ORDER BY id{lock}",
        sql::places(tx, 1, queues.len(), 0)
    );
    let mut free: HashMap<i64, i64> = HashMap::new();
    for row in sql::rows(tx, &text, queues.into_iter().map(Value::from).collect()).await? {
        free.insert(sql::get(&row, 0)?, sql::get(&row, 1)?);
    }
    if free.is_empty() {
        return Ok(free);
    }
    let text = format!(
        "SELECT queue_id, COUNT(*) FROM queue_item WHERE state IN ('new', 'postponed', 'running') AND queue_id IN {} GROUP BY queue_id",
        sql::places(tx, 1, free.len(), 0)
    );
    for row in sql::rows(tx, &text, free.keys().map(|id| Value::from(*id)).collect()).await? {
        let held: i64 = sql::get(&row, 1)?;
        free.entry(sql::get(&row, 0)?).and_modify(|places| *places -= held);
    }
    Ok(free)
}

/// Takes the places of a request, all or none.
pub(super) fn take(free: &mut HashMap<i64, i64>, request: &Push) -> Result<()> {
    let Some(places) = free.get_mut(&request.queue_id) else { return Ok(()) };
    let wanted = i64::try_from(request.items.len()).unwrap_or(i64::MAX);
    if *places < wanted {
        return Err(Error::conflict(format!("the data queue is full: it takes {} more", (*places).max(0))));
    }
    *places -= wanted;
    Ok(())
}
