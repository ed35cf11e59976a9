//! Tokens in use, in memory: a request costs a hash and a look into a map. Once a second the database is asked whether the
//! token still holds, so that a revocation anywhere is noticed; when it was last used is written once a minute.

use std::{
    collections::HashMap,
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use baigong_model::{
    DataScope, Error, Result,
    ids::{ApplicationId, UserId},
};
use baigong_store::tokens;
use futures_util::FutureExt;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use super::token_hash;
use crate::{
    Caller, Platform,
    applications::{Addresses, bounded},
    departments,
    policy::{Power, StoredRole},
};

/// How long a token is believed without asking the database.
const FRESH_FOR: i64 = 1000;
/// So long it is known of a token that it has ended: whoever comes with it hears that, and not that there was none.
const KNOWN_FOR: i64 = 3_600_000;
/// Maps side by side, so that requests seldom wait for one another.
const SHARDS: usize = 16;

type Shard = RwLock<HashMap<[u8; 32], Arc<Session>>>;

/// The sessions of this node.
#[derive(Default)]
pub(crate) struct Sessions {
    shards: [Shard; SHARDS],
    /// Grows when this node has changed what tokens are good for.
    changes: AtomicU64,
}

/// A token in use.
struct Session {
    user_id: UserId,
    application_id: Option<ApplicationId>,
    /// When the token ends, however much it is used.
    expires_at: i64,
    /// When it was last used, and the same as far as the database knows.
    used_at: AtomicI64,
    stored_at: AtomicI64,
    /// When the database was last asked.
    checked_at: AtomicI64,
    granted: RwLock<Granted>,
    /// How often it may be used; none where there is no limit.
    rate: Option<DefaultDirectRateLimiter>,
}

impl Session {
    fn granted(&self) -> Granted {
        self.granted.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What the token is good for.
#[derive(Clone)]
struct Granted {
    caller: Caller,
    /// Where an application may come from.
    addresses: Option<Arc<Addresses>>,
    /// The version of the department tree that the scope was made from; none where it does not follow the tree.
    tree: Option<u64>,
    /// Of [`Sessions::changes`], when it was asked for.
    change: u64,
}

impl Sessions {
    fn shard(&self, hash: &[u8; 32]) -> &Shard {
        &self.shards[usize::from(hash[0]) % SHARDS]
    }

    fn get(&self, hash: &[u8; 32]) -> Option<Arc<Session>> {
        self.shard(hash).read().unwrap_or_else(PoisonError::into_inner).get(hash).cloned()
    }

    fn insert(&self, hash: [u8; 32], session: Arc<Session>) {
        self.shard(&hash).write().unwrap_or_else(PoisonError::into_inner).insert(hash, session);
    }

    /// Forgets a token.
    pub(super) fn end(&self, hash: &[u8; 32]) {
        self.shard(hash).write().unwrap_or_else(PoisonError::into_inner).remove(hash);
    }

    /// Forgets the tokens of a user.
    pub(super) fn end_all(&self, user: UserId) {
        // What is being read from the database at this moment is old already.
        self.changed();
        self.retain(|_, session| session.user_id != user);
    }

    /// Forgets the tokens of an application.
    pub(super) fn end_application(&self, application: ApplicationId) {
        self.changed();
        self.retain(|_, session| session.application_id != Some(application));
    }

    /// What tokens are good for has changed in the database: every one is asked for again before it is believed.
    pub(super) fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Release);
    }

    fn change(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    fn retain(&self, mut keep: impl FnMut(&[u8; 32], &Session) -> bool) {
        for shard in &self.shards {
            shard.write().unwrap_or_else(PoisonError::into_inner).retain(|hash, session| keep(hash, session));
        }
    }
}

/// Who comes with this token, from this address. Every use makes the token last longer, up to its end.
pub async fn authenticate(platform: &Platform, token: &str, from: Option<IpAddr>) -> Result<Caller> {
    let granted = known(platform, token).await?;
    if granted.addresses.is_some_and(|addresses| !addresses.admits(from)) {
        return Err(Error::Forbidden("an address that the application may come from".into()));
    }
    Ok(granted.caller.from_address(from.map(|address| address.to_string().into())))
}

/// What a token is good for.
async fn known(platform: &Platform, token: &str) -> Result<Granted> {
    let hash = token_hash(token);
    let now = platform.now();
    let session = match platform.sessions.get(&hash) {
        Some(session) => session,
        None => return open(platform, hash, now).await,
    };
    if now >= session.expires_at {
        platform.sessions.end(&hash);
        return Err(Error::TokenExpired);
    }
    if now - session.used_at.load(Ordering::Relaxed) >= platform.config.token_idle {
        // It may have been used on another node: the database knows.
        platform.sessions.end(&hash);
        return open(platform, hash, now).await;
    }
    if session.rate.as_ref().is_some_and(|rate| rate.check().is_err()) {
        return Err(Error::LimitReached("too many calls with this token: try again in a moment".into()));
    }
    let checked = session.checked_at.load(Ordering::Acquire);
    if !(0..FRESH_FOR).contains(&(now - checked)) {
        // One of those who find it stale asks; the others go on with what is known meanwhile.
        let asks = session.checked_at.compare_exchange(checked, now, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        if asks {
            check_again(platform, &hash, &session, (checked, now)).await?;
        }
    }
    session.used_at.fetch_max(now, Ordering::Relaxed);
    let granted = session.granted();
    let is_same_tree = match granted.tree {
        None => true,
        Some(version) => departments::tree(platform).await?.version() == version,
    };
    if is_same_tree && granted.change == platform.sessions.change() {
        return Ok(granted);
    }
    // The tree or a role has changed: so may have what the caller sees and may do.
    check_again(platform, &hash, &session, (checked, now)).await?;
    Ok(session.granted())
}

/// The first use of a token on this node.
async fn open(platform: &Platform, hash: [u8; 32], now: i64) -> Result<Granted> {
    let change = platform.sessions.change();
    let grant = tokens::grant(&platform.store, &hex::encode(hash)).await?.ok_or(Error::Unauthenticated)?;
    if now >= grant.expires_at || now - grant.used_at >= platform.config.token_idle {
        return Err(Error::TokenExpired);
    }
    let granted = granted(platform, &grant, change).await?;
    let session = Session {
        user_id: grant.user_id,
        application_id: grant.application_id,
        expires_at: grant.expires_at,
        used_at: AtomicI64::new(now),
        stored_at: AtomicI64::new(grant.used_at),
        checked_at: AtomicI64::new(now),
        granted: RwLock::new(granted.clone()),
        rate: NonZeroU32::new(platform.config.calls_per_second)
            .map(|limit| RateLimiter::direct(Quota::per_second(limit))),
    };
    platform.sessions.insert(hash, Arc::new(session));
    Ok(granted)
}

/// Asks the database again. `times`: when it was asked before, and now.
async fn check_again(platform: &Platform, hash: &[u8; 32], session: &Session, times: (i64, i64)) -> Result<()> {
    let change = platform.sessions.change();
    let asked = tokens::grant(&platform.store, &hex::encode(hash)).await;
    let asked = match asked {
        Ok(Some(grant)) => granted(platform, &grant, change).await,
        Ok(None) => {
            platform.sessions.end(hash);
            return Err(Error::Unauthenticated);
        }
        Err(error) => Err(error),
    };
    match asked {
        Ok(granted) => {
            *session.granted.write().unwrap_or_else(PoisonError::into_inner) = granted;
            Ok(())
        }
        Err(error) => {
            // Not known: the next request asks again rather than going on for a second.
            session.checked_at.store(times.0, Ordering::Release);
            Err(error)
        }
    }
}

async fn granted(platform: &Platform, grant: &tokens::Grant, change: u64) -> Result<Granted> {
    let role =
        StoredRole { permissions: &grant.permissions, data_scope: &grant.data_scope, departments: &grant.departments };
    let tree = departments::tree(platform).await?;
    let power = Power::of(role, grant.user_id, grant.department_id, &tree);
    let (Power { permissions, scope }, addresses) = bounded(power, grant);
    let caller = Caller::user(grant.user_id, grant.username.as_str().into(), permissions, scope);
    let caller = match (grant.application_id, &grant.application_name) {
        (Some(id), Some(name)) => caller.through(id, name),
        _ => caller,
    };
    let follows = grant.data_scope == DataScope::DepartmentAndBelow.as_str();
    Ok(Granted { caller, addresses: addresses.map(Arc::new), tree: follows.then(|| tree.version()), change })
}

/// Writes down which tokens were used since the last time, and forgets those that ended. To be called about once a minute.
pub async fn flush_token_use(platform: &Platform) -> Result<()> {
    let now = platform.now();
    let idle = platform.config.token_idle;
    let mut used = Vec::new();
    let mut written = Vec::new();
    for shard in &platform.sessions.shards {
        for (hash, session) in shard.read().unwrap_or_else(PoisonError::into_inner).iter() {
            let at = session.used_at.load(Ordering::Relaxed);
            if at > session.stored_at.load(Ordering::Relaxed) {
                used.push((hex::encode(hash), at));
                written.push((session.clone(), at));
            }
        }
    }
    // Two nodes that write the same tokens take them in the same order.
    used.sort_unstable();
    let write = platform.store.write(move |tx| {
        async move {
            tokens::touch(tx, &used).await?;
            tokens::forget_ended(tx, now, (now - KNOWN_FOR, now - idle - KNOWN_FOR)).await
        }
        .boxed()
    });
    write.await?;
    for (session, at) in written {
        session.stored_at.fetch_max(at, Ordering::Relaxed);
    }
    platform
        .sessions
        .retain(|_, session| now < session.expires_at && now - session.used_at.load(Ordering::Relaxed) < idle);
    Ok(())
}
