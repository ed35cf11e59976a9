//! Pushing and popping for requests that may come again: the first answer is stored in the transaction of the work, so that
//! doing it once costs no second commit.

use std::sync::Arc;

use baigong_model::{Error, Result, ids::QueueItemId};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::DatabaseTransaction as Tx;

use super::{Pop, Push, list::by_ids, pop::pop, push::push};
use crate::{
    entity::queue_item,
    first_answers::{self, Key, NewAnswer, Stored},
};

/// Work that is done once for its key.
#[derive(Debug, Clone)]
pub struct Once<T> {
    /// The key.
    pub key: Key,
    /// The work.
    pub what: T,
}

/// What is to become of one request of a batch.
enum Fate {
    /// It is done now.
    Fresh,
    /// It was done before: the ids of its items.
    Done(Vec<i64>),
    /// Something else is known under its key, or the same comes twice in this batch.
    Refused(Error),
}

/// Puts the items of each request into its queue, unless it was done before: then its ids are those of the first time.
pub fn push_once<'t>(
    tx: &'t Tx,
    requests: Arc<Vec<Once<Push>>>,
) -> BoxFuture<'t, Result<Vec<Result<Vec<QueueItemId>>>>> {
    async move {
        let fates = fates(tx, &requests).await?;
        let mut done = push(tx, fresh(&requests, &fates)).await?.into_iter();
        let mut kept = Vec::new();
        let mut answers = Vec::with_capacity(requests.len());
        for (request, fate) in requests.iter().zip(fates) {
            answers.push(match fate {
                Fate::Done(ids) => Ok(ids),
                Fate::Refused(error) => Err(error),
                Fate::Fresh => {
                    let ids = next(&mut done)?;
                    kept.extend(ids.as_ref().ok().map(|ids| request.answer(ids)));
                    ids
                }
            });
        }
        first_answers::insert_many(tx, kept).await.map(|()| answers)
    }
    .boxed()
}

/// Takes an item for each request, unless it was done before: then it is the item of the first time, as it is now.
pub fn pop_once<'t>(
    tx: &'t Tx,
    requests: Arc<Vec<Once<Pop>>>,
) -> BoxFuture<'t, Result<Vec<Result<Option<queue_item::Model>>>>> {
    async move {
        let fates = fates(tx, &requests).await?;
        let mut done = pop(tx, fresh(&requests, &fates)).await?.into_iter();
        let before: Vec<i64> = fates
            .iter()
            .flat_map(|fate| if let Fate::Done(ids) = fate { ids.as_slice() } else { &[] })
            .copied()
            .collect();
        let before = by_ids(tx, &before).await?;
        let mut kept = Vec::new();
        let mut answers = Vec::with_capacity(requests.len());
        for (request, fate) in requests.iter().zip(fates) {
            answers.push(match fate {
                Fate::Done(ids) => Ok(ids.first().and_then(|id| before.iter().find(|row| row.id == *id)).cloned()),
                Fate::Refused(error) => Err(error),
                Fate::Fresh => {
                    let item = next(&mut done)?;
                    let ids = |item: &Option<queue_item::Model>| item.iter().map(|row| row.id).collect::<Vec<_>>();
                    kept.extend(item.as_ref().ok().map(|item| request.answer(&ids(item))));
                    item
                }
            });
        }
        first_answers::insert_many(tx, kept).await.map(|()| answers)
    }
    .boxed()
}

impl<T> Once<T> {
    fn answer(&self, ids: &[i64]) -> NewAnswer {
        (self.key.clone(), ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    }
}

fn next<T>(done: &mut impl Iterator<Item = Result<T>>) -> Result<Result<T>> {
    done.next().ok_or_else(|| Error::internal("fewer answers than requests"))
}

fn fresh<T: Clone>(requests: &[Once<T>], fates: &[Fate]) -> Arc<Vec<T>> {
    let wanted = requests.iter().zip(fates).filter(|(_, fate)| matches!(fate, Fate::Fresh));
    Arc::new(wanted.map(|(request, _)| request.what.clone()).collect())
}

/// What was done before is looked up only for a request that stands alone. Nearly all are new, and storing their answers finds
/// out which are not: then the batch fails as a whole, and each of it comes again alone.
async fn fates<T>(tx: &Tx, requests: &[Once<T>]) -> Result<Vec<Fate>> {
    let known = match requests {
        [only] => first_answers::find_in(tx, &only.key.hash).await?,
        _ => None,
    };
    let mut seen = std::collections::HashSet::new();
    let mut fates = Vec::with_capacity(requests.len());
    for Once { key, .. } in requests {
        fates.push(match &known {
            Some(stored) if stored.request != key.request => Fate::Refused(Error::Replayed),
            Some(Stored { answer: Some(ids), .. }) => {
                Fate::Done(ids.split_whitespace().filter_map(|id| id.parse().ok()).collect())
            }
            Some(_) => Fate::Refused(Error::Replayed),
            None if seen.insert(key.hash.as_str()) => Fate::Fresh,
            None => Fate::Refused(Error::unavailable("the same request is being done: ask again in a moment")),
        });
    }
    Ok(fates)
}
