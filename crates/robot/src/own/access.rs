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
use tokio::time::Instant;

use super::lockout::Lockout;
use crate::robot::Robot;

/// The setting that holds the hash of the robot's secret.
pub(super) const SECRET: &str = "secret-hash";
/// A token lasts so long without being used.
const IDLE: i64 = 30 * 60_000;
/// That a token is used is written down so often.
const WRITTEN_EVERY: i64 = 60_000;
/// So many calls a token may make each second, as on the platform.
const PER_SECOND: f64 = 1000.0;
/// And so many at once.
const BURST: f64 = 2000.0;
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
    calls: Calls,
}

impl Use {
    fn new(at: i64) -> Self {
        Self { at, written_at: at, calls: Calls::default() }
    }
}

/// How many calls a token may make now.
#[derive(Clone, Copy)]
struct Calls {
    left: f64,
    at: Option<Instant>,
}

impl Default for Calls {
    fn default() -> Self {
        Self { left: BURST, at: None }
    }
}

impl Calls {
    /// One more call; whether it is allowed.
    fn count(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.at.unwrap_or(now)).as_secs_f64();
        self.at = self.at.max(Some(now));
        self.left = (self.left + passed * PER_SECOND).min(BURST);
        let is_allowed = self.left >= 1.0;
        if is_allowed {
            self.left -= 1.0;
        }
        is_allowed
    }
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
        let tokens = used.into_iter().map(|(hash, at)| (hash, Use::new(at))).collect();
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
    tokens.insert(kept, Use::new(now));
    Ok(Granted { token, until: now + IDLE })
}

/// Whether `token` is good; it is good for longer then.
pub(crate) async fn check(robot: &Robot, token: &str) -> Result<()> {
    let (own, now, kept) = (&robot.own, robot.options.clock.now(), hash(token.as_bytes()));
    let must_write = {
        let mut tokens = own.access.tokens();
        let used = tokens.get_mut(&kept).filter(|used| used.at > now - IDLE).ok_or(Error::Unauthenticated)?;
        #[expect(
            clippy::disallowed_methods,
            reason = "a rate is measured by the runtime's own clock, which nobody sets"
        )]
        let moment = Instant::now();
        if !used.calls.count(moment) {
            return Err(Error::LimitReached("too many calls with this token: try again in a moment".into()));
        }
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_token_is_good_for_a_thousand_calls_a_second() {
        #[expect(clippy::disallowed_methods, reason = "some moment to count from")]
        let (mut calls, start) = (Calls::default(), Instant::now());
        let allowed = |calls: &mut Calls, at: Instant| (0..5000).filter(|_| calls.count(at)).count();
        assert_eq!(allowed(&mut calls, start), 2000);
        assert_eq!(allowed(&mut calls, start + Duration::from_millis(500)), 500);
        assert_eq!(allowed(&mut calls, start + Duration::from_secs(3600)), 2000);
    }
}
