//! The first answers to requests that carry a key: when the same comes again it is answered, not done.

use baigong_model::{Error, Result};
use sea_orm::{ConnectionTrait, DatabaseTransaction as Tx};

use crate::{
    sql,
    write::{Store, source},
};

/// What is stored under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// What was asked, hashed.
    pub request: String,
    /// The status that was answered; none while it is being done.
    pub status: Option<i32>,
    /// The answer, sealed.
    pub answer: Option<String>,
}

/// A request that may come again.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key, hashed.
    pub hash: String,
    /// What was asked, hashed: the key stands for nothing else.
    pub request: String,
    /// Until when the same may come again.
    pub keep_until: i64,
}

/// Takes the key; `false` when it is taken.
pub async fn take(tx: &Tx, key: &Key) -> Result<bool> {
    let values = vec![key.hash.as_str().into(), key.request.as_str().into(), key.keep_until.into()];
    let text = "INSERT INTO first_answer (hash, request, expires_at) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING";
    Ok(sql::run(tx, text, values).await? > 0)
}

/// Stores the answer.
pub async fn put(tx: &Tx, hash: &str, status: i32, answer: &str) -> Result<()> {
    let text = "UPDATE first_answer SET status = $1, answer = $2 WHERE hash = $3";
    sql::run(tx, text, vec![status.into(), answer.into(), hash.into()]).await.map(drop)
}

/// An answer that is stored together with the work. What is secret of it must be sealed.
pub(crate) type NewAnswer = (Key, String);

/// Stores answers with the work that they are of; fails if one is there already, and all of the work with it.
pub(crate) async fn insert_many(tx: &Tx, answers: Vec<NewAnswer>) -> Result<()> {
    if answers.is_empty() {
        return Ok(());
    }
    let columns =
        [("hash", "TEXT"), ("request", "TEXT"), ("status", "INTEGER"), ("answer", "TEXT"), ("expires_at", "BIGINT")];
    let count = answers.len() as u64;
    let values = answers.into_iter().flat_map(|(key, answer)| {
        [key.hash.into(), key.request.into(), 200_i32.into(), answer.into(), key.keep_until.into()]
    });
    let (source, values) = source(tx, &columns, values.collect());
    let text = format!(
        "WITH v (hash, request, status, answer, expires_at) AS ({source})
         INSERT INTO first_answer (hash, request, status, answer, expires_at)
         SELECT hash, request, status, answer, expires_at FROM v WHERE TRUE ON CONFLICT (hash) DO NOTHING"
    );
    match sql::run(tx, &text, values).await? == count {
        true => Ok(()),
        false => Err(Error::unavailable("the same request is being done: ask again in a moment")),
    }
}

/// Gives the key back: nothing was done.
pub async fn release(tx: &Tx, hash: &str) -> Result<()> {
    sql::run(tx, "DELETE FROM first_answer WHERE hash = $1 AND status IS NULL", vec![hash.into()]).await.map(drop)
}

/// What is stored under the key.
pub async fn find(store: &Store, hash: &str) -> Result<Option<Stored>> {
    find_in(store.reader(), hash).await
}

/// The same inside a write.
pub(crate) async fn find_in<C: ConnectionTrait>(on: &C, hash: &str) -> Result<Option<Stored>> {
    let text = "SELECT request, status, answer FROM first_answer WHERE hash = $1";
    let rows = sql::rows(on, text, vec![hash.into()]).await?;
    let read = |row| Ok(Stored { request: sql::get(row, 0)?, status: sql::get(row, 1)?, answer: sql::get(row, 2)? });
    rows.first().map(read).transpose()
}

/// Forgets what is kept no longer, of the keys below `bound`. Keys begin with their time, so that the newest, which are nearly
/// all, are not looked at, and none is held in a second index by its end: every push and pop would have to write it.
pub async fn forget(tx: &Tx, bound: &str, now: i64) -> Result<u64> {
    let text = "DELETE FROM first_answer WHERE hash < $1 AND expires_at <= $2";
    sql::run(tx, text, vec![bound.into(), now.into()]).await
}
