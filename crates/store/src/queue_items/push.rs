//! Putting items into queues.

use std::{collections::HashSet, sync::Arc};

use baigong_model::{Error, Result, ids::QueueItemId};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{DatabaseTransaction as Tx, Value};

use crate::{sql, write::next_ids};

/// One item.
#[derive(Debug, Clone)]
pub struct NewItem {
    /// Its data, JSON.
    pub payload: String,
    /// Unique in the queue.
    pub reference: Option<String>,
    /// 0 high, 1 middle, 2 low.
    pub priority: i32,
    /// Not before then; 0 for at once.
    pub available_at: i64,
    /// Not after then.
    pub expires_at: Option<i64>,
}

/// One request: all of its items or none.
#[derive(Debug, Clone)]
pub struct Push {
    /// The queue.
    pub queue_id: i64,
    /// The items.
    pub items: Vec<NewItem>,
    /// Now.
    pub now: i64,
}

const COLUMNS: &str =
    "id, queue_id, state, priority, payload, reference, attempts, fence, created_at, available_at, expires_at";
const COLUMN_COUNT: usize = 11;

/// Inserts the items of every request; a request with a reference that is taken is refused whole.
pub fn push<'t>(tx: &'t Tx, requests: Arc<Vec<Push>>) -> BoxFuture<'t, Result<Vec<Result<Vec<QueueItemId>>>>> {
    async move {
        let mut taken = taken_references(tx, &requests).await?;
        let accepted: Vec<Result<&Push>> =
            requests.iter().map(|request| free_of_conflict(request, &mut taken)).collect();
        let count = accepted.iter().flatten().map(|request| request.items.len()).sum();
        let ids = next_ids(tx, "queue_item", count).await?;
        let mut next = ids.into_iter();
        let mut values = Vec::with_capacity(count * COLUMN_COUNT);
        let mut answers = Vec::with_capacity(requests.len());
        for request in accepted {
            answers.push(request.map(|request| {
                let own: Vec<i64> = next.by_ref().take(request.items.len()).collect();
                own.iter().zip(&request.items).for_each(|(id, item)| push_row(&mut values, *id, request, item));
                own
            }));
        }
        for rows in values.chunks(1000 * COLUMN_COUNT) {
            let places = sql::places(tx, rows.len() / COLUMN_COUNT, COLUMN_COUNT, 0);
            sql::run(tx, &format!("INSERT INTO queue_item ({COLUMNS}) VALUES {places}"), rows.to_vec()).await?;
        }
        Ok(answers)
    }
    .boxed()
}

fn push_row(values: &mut Vec<Value>, id: i64, request: &Push, item: &NewItem) {
    values.extend([
        id.into(),
        request.queue_id.into(),
        super::NEW.into(),
        item.priority.into(),
        item.payload.as_str().into(),
        item.reference.as_deref().into(),
        0_i32.into(),
        0_i64.into(),
        request.now.into(),
        item.available_at.into(),
        item.expires_at.into(),
    ]);
}

/// Which of the references in the batch are in their queues already.
async fn taken_references(tx: &Tx, requests: &[Push]) -> Result<HashSet<(i64, String)>> {
    let wanted: Vec<(i64, &str)> = requests
        .iter()
        .flat_map(|request| {
            request.items.iter().filter_map(|item| Some((request.queue_id, item.reference.as_deref()?)))
        })
        .collect();
    let mut taken = HashSet::new();
    for wanted in wanted.chunks(1000) {
        let text = format!(
            "WITH v (queue_id, reference) AS (VALUES {}) SELECT i.queue_id, i.reference FROM queue_item i
             JOIN v ON i.queue_id = v.queue_id AND i.reference = v.reference",
            sql::places(tx, wanted.len(), 2, 0)
        );
        let values =
            wanted.iter().flat_map(|(queue, reference)| [Value::from(*queue), Value::from(*reference)]).collect();
        for row in sql::rows(tx, &text, values).await? {
            taken.insert((sql::get(&row, 0)?, sql::get(&row, 1)?));
        }
    }
    Ok(taken)
}

/// `request`, unless one of its references is taken; its references count as taken from then on.
fn free_of_conflict<'r>(request: &'r Push, taken: &mut HashSet<(i64, String)>) -> Result<&'r Push> {
    let mut own = HashSet::new();
    for reference in request.items.iter().filter_map(|item| item.reference.as_ref()) {
        let key = (request.queue_id, reference.clone());
        if taken.contains(&key) || !own.insert(key) {
            return Err(Error::already_exists("queue item with reference", reference));
        }
    }
    taken.extend(own);
    Ok(request)
}
