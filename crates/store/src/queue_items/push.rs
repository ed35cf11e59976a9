//! Putting items into queues.

use std::{collections::HashMap, sync::Arc};

use baigong_model::{Error, Result, ids::QueueItemId};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{DatabaseTransaction as Tx, Value};

use super::{
    limits,
    references::{self, Taken},
    secret::Payload,
    waiting_state,
};
use crate::{
    sql,
    write::{next_ids, source},
};

/// One item.
#[derive(Debug, Clone)]
pub struct NewItem {
    /// Its data.
    pub payload: Payload,
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

/// The columns of a new row, and their types.
const COLUMNS: [(&str, &str); 13] = [
    ("id", "BIGINT"),
    ("queue_id", "BIGINT"),
    ("state", "TEXT"),
    ("priority", "INTEGER"),
    ("payload", "TEXT"),
    ("reference", "TEXT"),
    ("attempts", "INTEGER"),
    ("fence", "BIGINT"),
    ("created_at", "BIGINT"),
    ("available_at", "BIGINT"),
    ("expires_at", "BIGINT"),
    ("is_secret", "BOOLEAN"),
    ("origin_id", "BIGINT"),
];
const COLUMN_COUNT: usize = COLUMNS.len();

/// Inserts the items of every request; a request with a reference that is taken is refused whole, and told by which item.
pub fn push<'t>(tx: &'t Tx, requests: Arc<Vec<Push>>) -> BoxFuture<'t, Result<Vec<Result<Vec<QueueItemId>>>>> {
    async move {
        let wanted = requests.iter().flat_map(|request| {
            request.items.iter().filter_map(|item| Some((request.queue_id, item.reference.as_deref()?)))
        });
        let mut taken = references::taken(tx, &wanted.collect::<Vec<_>>()).await?;
        let mut places = limits::free(tx, &requests).await?;
        let count = requests.iter().map(|request| request.items.len()).sum();
        let mut free = next_ids(tx, "queue_item", count).await?.into_iter();
        let mut rows = Rows::with_capacity(count);
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests.iter() {
            let ids: Vec<i64> = free.by_ref().take(request.items.len()).collect();
            let fits = limits::take(&mut places, request).and_then(|()| take_references(request, &ids, &mut taken));
            answers.push(fits.map(|()| {
                ids.iter().zip(&request.items).for_each(|(id, item)| rows.add(*id, request, item));
                ids
            }));
        }
        rows.insert(tx).await?;
        Ok(answers)
    }
    .boxed()
}

/// Rows on their way into the table.
pub(super) struct Rows(Vec<Value>);

impl Rows {
    pub(super) fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count * COLUMN_COUNT))
    }

    fn add(&mut self, id: i64, request: &Push, item: &NewItem) {
        let (payload, is_secret) = (item.payload.stored(id), item.payload.is_secret());
        self.0.extend([
            id.into(),
            request.queue_id.into(),
            waiting_state(item.available_at, request.now).into(),
            item.priority.into(),
            payload.into(),
            item.reference.as_deref().into(),
            0_i32.into(),
            0_i64.into(),
            request.now.into(),
            item.available_at.into(),
            item.expires_at.into(),
            is_secret.into(),
            Value::BigInt(None),
        ]);
    }

    /// A row that another item was forwarded to.
    pub(super) fn add_forwarded(&mut self, id: i64, row: super::forward::Forwarded, now: i64) {
        self.0.extend([
            id.into(),
            row.queue_id.into(),
            super::NEW.into(),
            row.priority.into(),
            row.payload.into(),
            row.reference.into(),
            0_i32.into(),
            0_i64.into(),
            now.into(),
            now.into(),
            Value::BigInt(None),
            row.is_secret.into(),
            row.origin_id.into(),
        ]);
    }

    pub(super) async fn insert(self, tx: &Tx) -> Result<()> {
        let names = COLUMNS.map(|(name, _)| name).join(", ");
        for rows in self.0.chunks(1000 * COLUMN_COUNT) {
            let (source, values) = source(tx, &COLUMNS, rows.to_vec());
            sql::run(tx, &format!("INSERT INTO queue_item ({names}) {source}"), values).await?;
        }
        Ok(())
    }
}

/// Takes the references of `request` for its items, all or none.
fn take_references(request: &Push, ids: &[i64], taken: &mut Taken) -> Result<()> {
    let mut own = HashMap::new();
    for (item, id) in request.items.iter().zip(ids) {
        let Some(reference) = &item.reference else { continue };
        let key = (request.queue_id, reference.clone());
        if let Some(holder) = taken.get(&key) {
            return Err(references::conflict(reference, *holder));
        }
        if own.insert(key, *id).is_some() {
            return Err(Error::invalid("reference", format!("\"{reference}\" is given twice")));
        }
    }
    taken.extend(own);
    Ok(())
}
