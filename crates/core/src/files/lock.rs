//! The passwords of files: hashed like those of users, asked for by downloads and changes, and not to be guessed.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use baigong_model::{Error, Result, Secret};
use baigong_store::entity::file;

use crate::{
    Platform, passwords,
    sm2_transport::{self, Purpose},
};

/// Wrong passwords within [`WINDOW`] milliseconds after which a file is not opened until the window has passed.
const MOST_FAILURES: u32 = 5;
const WINDOW: i64 = 15 * 60_000;
/// More files than this are not watched at once: the oldest failures are forgotten.
const MOST_FILES: usize = 10_000;
const FIELD: &str = "filePassword";

/// Wrong passwords of late, by file; each node counts for itself.
#[derive(Default)]
pub(crate) struct Guesses(Mutex<HashMap<i64, (i64, u32)>>);

impl Guesses {
    fn are_too_many(&self, file: i64, now: i64) -> bool {
        let failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failures.get(&file).is_some_and(|(since, count)| *count >= MOST_FAILURES && now - since < WINDOW)
    }

    fn count(&self, file: i64, now: i64) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= MOST_FILES {
            failures.retain(|_, (since, _)| now - *since < WINDOW);
        }
        if failures.len() >= MOST_FILES {
            failures.clear();
        }
        let entry = failures.entry(file).or_insert((now, 0));
        if now - entry.0 >= WINDOW {
            *entry = (now, 0);
        }
        entry.1 += 1;
    }
}

/// Fails, as if there were no such file, unless `password` (as it came over the wire) opens it. A file without one opens.
pub(super) async fn need(platform: &Platform, file: &file::Model, password: Option<&Secret<String>>) -> Result<()> {
    let Some(hash) = file.password_hash.clone() else { return Ok(()) };
    let wrong = || Error::not_found("file", file.id);
    let password = password.ok_or_else(wrong)?;
    // With the place in hand: each guess sees the failures before it.
    let place = platform.passwords.place().await?;
    if platform.file_guesses.are_too_many(file.id, platform.now()) {
        return Err(Error::LimitReached("too many wrong passwords for this file: try again later".into()));
    }
    let password = sm2_transport::read_field(platform, FIELD, password, Purpose::FilePassword).await?;
    let (place, is_right) = platform.passwords.verify(place, password, Some(hash)).await?;
    if !is_right {
        platform.file_guesses.count(file.id, platform.now());
    }
    drop(place);
    if is_right { Ok(()) } else { Err(wrong()) }
}

/// The hash of a new password; none for an empty one, which takes the password off.
pub(super) async fn hash(platform: &Platform, password: &Secret<String>) -> Result<Option<String>> {
    if password.expose().is_empty() {
        return Ok(None);
    }
    let password = sm2_transport::read_field(platform, FIELD, password, Purpose::FilePassword).await?;
    passwords::check(FIELD, &password)?;
    platform.passwords.hash(&platform.random, password).await.map(Some)
}
