//! Who may call the robot's own interface: whoever shows the robot's secret gets a token, good for half an hour after its last
//! use. Secret and tokens are kept as hashes. Wrong secrets close the door to where they come from.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use baigong_model::{Clock, Error, Result, Secret};
use baigong_protocol::RobotSecret;
use baigong_robot_store::{RobotStore, Tx, settings, tokens};
use futures_util::FutureExt;
use sha2::{Digest, Sha256};

use super::lockout::Lockout;
use crate::robot::Robot;

/// The setting that holds the hash of the robot's secret.
pub(super) const SECRET: &str = "secret-hash";
/// A token lasts so long without being used.
const IDLE: i64 = 30 * 60_000;
/// That a token is used is written down so often.
const WRITTEN_EVERY: i64 = 60_000;
/// So many tokens are known at once; the longest unused go first.
const MOST: usize = 1000;

/// The tokens, and who guesses.
pub(crate) struct Access {
    secret_hash: String,
    tokens: Mutex<HashMap<String, Use>>,
    guesses: Lockout<Option<IpAddr>>,
}

#[derive(Clone, Copy)]
struct Use {
    at: i64,
    written_at: i64,
}

/// A token, and when it ends unless it is used.
pub(crate) struct Granted {
    pub(crate) token: Secret<String>,
    pub(crate) until: i64,
}

/// How secrets and tokens are kept.
pub(super) fn hash(secret: &[u8]) -> String {
    hex::encode(Sha256::digest(secret))
}

/// From now on this is the secret: tokens of another one end.
pub(super) async fn keep_secret(tx: &Tx, hash: String) -> Result<()> {
    tokens::forget_all(tx).await?;
    settings::put(tx, SECRET, hash).await
}

impl Access {
    /// With the tokens that are still good.
    pub(super) async fn open(store: &RobotStore, secret_hash: String, clock: &dyn Clock) -> Result<Self> {
        let used = tokens::used_after(store, clock.now() - IDLE).await?;
        let tokens = used.into_iter().map(|(hash, at)| (hash, Use { at, written_at: at })).collect();
        Ok(Self { secret_hash, tokens: Mutex::new(tokens), guesses: Lockout::default() })
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<String, Use>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A token for the right secret.
pub(crate) async fn authenticate(robot: &Robot, from: Option<IpAddr>, secret: &Secret<String>) -> Result<Granted> {
    let (own, now) = (&robot.own, robot.options.clock.now());
    if own.access.guesses.are_too_many(&from, now) {
        return Err(Error::Locked);
    }
    let given = RobotSecret::parse(secret.expose()).map(|secret| hash(secret.key()));
    // Hashes are compared: how long that takes tells nothing of the secret.
    if given.as_ref() != Ok(&own.access.secret_hash) {
        let is_locked = own.access.guesses.count(from, now);
        tracing::warn!(?from, is_locked, "a wrong secret was shown to the robot's own interface");
        return Err(Error::WrongPassword);
    }
    own.access.guesses.forget(&from);
    let mut bytes = [0; 32];
    robot.options.random.fill(&mut bytes);
    let token = Secret::new(hex::encode(bytes));
    let kept = hash(token.expose().as_bytes());
    let row = kept.clone();
    let written = own.store.write(move |tx| {
        async move {
            tokens::forget(tx, now - IDLE).await?;
            tokens::used(tx, &row, now).await
        }
        .boxed()
    });
    written.await?;
    let mut tokens = own.access.tokens();
    tokens.retain(|_, used| used.at > now - IDLE);
    while tokens.len() >= MOST {
        let oldest = tokens.iter().min_by_key(|(_, used)| used.at).map(|(hash, _)| hash.clone());
        oldest.and_then(|hash| tokens.remove(&hash));
    }
    tokens.insert(kept, Use { at: now, written_at: now });
    Ok(Granted { token, until: now + IDLE })
}

/// Whether `token` is good; it is good for longer then.
pub(crate) async fn check(robot: &Robot, token: &str) -> Result<()> {
    let (own, now, kept) = (&robot.own, robot.options.clock.now(), hash(token.as_bytes()));
    let must_write = {
        let mut tokens = own.access.tokens();
        let used = tokens.get_mut(&kept).filter(|used| used.at > now - IDLE).ok_or(Error::Unauthenticated)?;
        used.at = used.at.max(now);
        let must_write = now - used.written_at >= WRITTEN_EVERY;
        if must_write {
            used.written_at = now;
        }
        must_write
    };
    if must_write {
        let written = own.store.write(move |tx| async move { tokens::used(tx, &kept, now).await }.boxed()).await;
        // The caller is who they are all the same; after a restart they sign in again.
        if let Err(error) = written {
            tracing::warn!(%error, "the use of a token is not written down");
        }
    }
    Ok(())
}
