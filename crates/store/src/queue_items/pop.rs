//! Taking items: the most urgent first, then the oldest; each by one holder, for the time of the queue's lease.

use std::{collections::BTreeMap, sync::Arc};

use baigong_model::Result;
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{DatabaseTransaction as Tx, Value};

use super::{
    row::{COLUMNS, from_row},
    sweep::promote_in,
};
use crate::{
    entity::queue_item,
    sql,
    write::{row_lock, source},
};

/// One request for the next item of a queue.
#[derive(Debug, Clone)]
pub struct Pop {
    /// The queue.
    pub queue_id: i64,
    /// Who takes it: "task 7" or "user 3".
    pub holder: Arc<str>,
    /// Until when they hold it.
    pub lease_until: i64,
    /// Now.
    pub now: i64,
}

/// Answers each request with an item, or with none when the queue has no more.
pub fn pop<'t>(tx: &'t Tx, requests: Arc<Vec<Pop>>) -> BoxFuture<'t, Result<Vec<Result<Option<queue_item::Model>>>>> {
    async move {
        let mut by_queue: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for (index, request) in requests.iter().enumerate() {
            by_queue.entry(request.queue_id).or_default().push(index);
        }
        let mut answers: Vec<Result<Option<queue_item::Model>>> = requests.iter().map(|_| Ok(None)).collect();
        for (queue, indexes) in by_queue {
            let now = requests[indexes[0]].now;
            let mut ids = waiting(tx, queue, indexes.len(), now).await?;
            // Those whose time has come are brought in once a second, and here when there would not be enough otherwise.
            if ids.len() < indexes.len() && promote_in(tx, queue, now).await? > 0 {
                ids = waiting(tx, queue, indexes.len(), now).await?;
            }
            let given: Vec<(i64, &Pop)> = ids.into_iter().zip(indexes.iter().map(|index| &requests[*index])).collect();
            let mut taken = take(tx, &given).await?;
            for (index, (id, _)) in indexes.iter().zip(&given) {
                answers[*index] = Ok(taken.iter().position(|row| row.id == *id).map(|at| taken.swap_remove(at)));
            }
        }
        Ok(answers)
    }
    .boxed()
}

async fn waiting(tx: &Tx, queue: i64, limit: usize, now: i64) -> Result<Vec<i64>> {
    let text = format!("{HEAD} LIMIT {limit}{}", row_lock(tx, " FOR UPDATE SKIP LOCKED"));
    sql::column(tx, &text, vec![queue.into(), now.into()]).await
}

const HEAD: &str = "SELECT id FROM queue_item WHERE queue_id = $1 AND state = 'new'
     AND (expires_at IS NULL OR expires_at > $2) ORDER BY priority, id";

async fn take(tx: &Tx, given: &[(i64, &Pop)]) -> Result<Vec<queue_item::Model>> {
    if given.is_empty() {
        return Ok(Vec::new());
    }
    let values = given
        .iter()
        .flat_map(|(id, pop)| [Value::from(*id), Value::from(&*pop.holder), Value::from(pop.lease_until)])
        .collect();
    let columns = [("id", "BIGINT"), ("holder", "TEXT"), ("lease_until", "BIGINT")];
    let (source, values) = source(tx, &columns, values);
    let text = format!(
        "WITH v (id, holder, lease_until) AS ({source}) UPDATE queue_item SET state = 'running', fence = fence + 1,
         attempts = attempts + 1, holder = v.holder, lease_until = v.lease_until
         FROM v WHERE queue_item.id = v.id AND state = 'new' RETURNING {}",
        *COLUMNS
    );
    let rows = sql::rows(tx, &text, values).await?;
    rows.iter().map(from_row).collect()
}

#[cfg(test)]
mod tests {
    use baigong_testkit::TestDatabase;

    use super::*;
    use crate::{Settings, Store};

    #[tokio::test(flavor = "multi_thread")]
    async fn postgresql_reads_the_head_in_the_order_of_its_index_whatever_it_believes() {
        let database = TestDatabase::postgres().unwrap();
        let store = Store::open(&Settings::new(database.url())).await.unwrap();
        let rows = |state: &str, first: u32, last: u32| {
            format!(
                "INSERT INTO queue_item (id, queue_id, state, priority, payload, attempts, fence, created_at, available_at)
                 SELECT n, 1 + (hashint8(n) & 3), '{state}', 1, '{{}}', 0, 0, 0, 0 FROM generate_series({first}, {last}) AS n"
            )
        };
        // What PostgreSQL counts: four wait.
        let counted = "ANALYZE queue_item".to_owned();
        for text in [rows("succeeded", 1, 20_000), rows("new", 20_001, 20_004), counted, rows("new", 20_005, 60_000)] {
            store.write(|tx| async move { sql::run(tx, &text, Vec::new()).await }.boxed()).await.unwrap();
        }
        let text = format!("EXPLAIN {HEAD} LIMIT 32 FOR UPDATE SKIP LOCKED").replace("$1", "1").replace("$2", "1");
        let plan = sql::column::<String>(store.reader(), &text, Vec::new()).await.unwrap().join("\n");
        assert!(plan.contains("queue_item_claim") && !plan.contains("Sort"), "{plan}");
    }
}
