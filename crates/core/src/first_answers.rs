//! A request that carries a key is done once: when the same comes again, it gets the first answer. Answers hold secrets now
//! and then, so that they are sealed; they are kept for as long as the same may come again.

use baigong_model::{Error, Result};
use baigong_store::first_answers as rows;
use futures_util::FutureExt;
use sha2::{Digest, Sha256};

use crate::{Platform, keys::Place};

/// A request that may come again.
#[derive(Debug, Clone, Copy)]
pub struct Key<'r> {
    /// What its sender knows it by, and who that is.
    pub key: &'r [u8],
    /// All of what it asks.
    pub request: &'r [u8],
    /// When it was signed, where its key says so, otherwise 0. Rows of about the same time then lie together: a batch of them
    /// touches one page of the index and not one for each.
    pub signed_at: i64,
    /// Until when it may come again: at least [`SIGNED_KEPT`] after it was signed.
    pub keep_until: i64,
}

/// How long a signed request may come again at least. Rows that are younger are not looked at when the old ones are
/// forgotten.
pub const SIGNED_KEPT: i64 = 600_000;

impl Key<'_> {
    /// Its row: the key and the request, hashed.
    pub(crate) fn row(&self) -> rows::Key {
        let hash = format!("{}{}", time_part(self.signed_at), hashed(self.key));
        rows::Key { hash, request: hashed(self.request), keep_until: self.keep_until }
    }
}

/// What the rows of keys that were signed then begin with.
fn time_part(at: i64) -> String {
    format!("{:012x}", at.max(0))
}

/// The first 160 bits of the hash.
fn hashed(bytes: &[u8]) -> String {
    hex::encode(&Sha256::digest(bytes)[..20])
}

/// What is known of a key.
#[derive(Debug)]
pub enum Begun {
    /// Nothing: the request is to be done, and its answer to be stored.
    First(Ticket),
    /// The answer that it got.
    Answered {
        /// Its status.
        status: u16,
        /// Its body.
        body: Vec<u8>,
    },
    /// The key came with another request.
    OtherRequest,
    /// The first request is being done, or whoever did it died meanwhile: nobody knows what came of it.
    Unfinished,
}

/// The right to do a request.
#[derive(Debug)]
pub struct Ticket(String);

/// Takes the key for its request.
pub async fn begin(platform: &Platform, key: Key<'_>) -> Result<Begun> {
    let rows::Key { hash, request, .. } = key.row();
    let row = key.row();
    let taken = platform.store.write(move |tx| async move { rows::take(tx, &row).await }.boxed());
    if taken.await? {
        return Ok(Begun::First(Ticket(hash)));
    }
    let Some(stored) = rows::find(&platform.store, &hash).await? else { return Ok(Begun::Unfinished) };
    if stored.request != request {
        return Ok(Begun::OtherRequest);
    }
    match (stored.status.and_then(|status| u16::try_from(status).ok()), stored.answer) {
        (Some(status), Some(answer)) => {
            let body = platform.keys.open(place(&hash), &answer)?.expose().clone();
            Ok(Begun::Answered { status, body })
        }
        _ => Ok(Begun::Unfinished),
    }
}

/// Whether the key came before, whatever was asked under it.
pub async fn is_known(platform: &Platform, key: Key<'_>) -> Result<bool> {
    Ok(rows::find(&platform.store, &key.row().hash).await?.is_some())
}

/// Stores the answer.
pub async fn finish(platform: &Platform, ticket: Ticket, status: u16, body: &[u8]) -> Result<()> {
    let sealed = platform.keys.seal(&*platform.random, place(&ticket.0), body);
    let stored = platform
        .store
        .write(move |tx| async move { rows::put(tx, &ticket.0, i32::from(status), &sealed).await }.boxed());
    stored.await
}

/// Gives the key back: the request was refused, and nothing was done.
pub async fn release(platform: &Platform, ticket: Ticket) -> Result<()> {
    platform.store.write(move |tx| async move { rows::release(tx, &ticket.0).await }.boxed()).await
}

/// Forgets what is kept no longer. To be called now and then.
pub async fn forget(platform: &Platform) -> Result<u64> {
    let now = platform.now();
    let bound = time_part(now - SIGNED_KEPT + 1);
    platform.store.write(move |tx| async move { rows::forget(tx, &bound, now).await }.boxed()).await
}

/// Whether an answer with this error may be taken back: it says that nothing was done.
#[must_use]
pub fn is_refusal(error: &Error) -> bool {
    !matches!(error, Error::Internal(_) | Error::Unavailable(_))
}

fn place(row: &str) -> Place<'_> {
    Place { table: "first_answer", row, column: "answer" }
}

#[cfg(test)]
mod tests;
