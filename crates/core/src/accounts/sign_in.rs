//! Signing in (T/TSAC 002-2025, 6.2.1): a token for the right password, and a lock after too many wrong ones.

use baigong_model::{Error, Result, Secret};
use baigong_store::{Scope, Tx, audits, entity::user, tokens, users};
use futures_util::FutureExt;
use serde_json::json;

use super::{make_token, token_hash};
use crate::{Caller, Platform, sm2_transport, sm2_transport::Purpose};

/// Wrong passwords within [`WINDOW`] that lock an account for [`LOCK`] milliseconds.
const MOST_FAILURES: i32 = 5;
const WINDOW: i64 = 15 * 60_000;
const LOCK: i64 = 15 * 60_000;

/// What signing in answers.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The token. It is stored only as a hash.
    pub token: Secret<String>,
    /// When it ends unless it is used before, milliseconds since the epoch.
    pub expires_at: i64,
}

/// Gives a token for a username and a password, as it came over the wire (see `sm2_transport`). `address` is where the
/// request came from, for the audit.
pub async fn sign_in(
    platform: &Platform,
    username: &str,
    password: &Secret<String>,
    address: Option<&str>,
) -> Result<SignedIn> {
    sm2_transport::refuse_plain(platform, "password", password)?;
    // With the place in hand: as many guesses run at once as there are processors, and each sees the failures before it.
    let place = platform.passwords.place().await?;
    let user = users::find_by_username(&platform.store, username).await?;
    if user.as_ref().is_some_and(|user| user.locked_until.is_some_and(|until| until > platform.now())) {
        return Err(Error::Locked);
    }
    let password = sm2_transport::read(platform, password, Purpose::Login).await?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    // What cannot be read takes as long as what is wrong.
    let is_readable = password.is_ok();
    let password = password.unwrap_or_else(|_| Secret::new(String::new()));
    let (place, is_right) = platform.passwords.verify(place, password, hash).await?;
    let Some(user) = user else { return Err(Error::UnknownUser) };
    let outcome = if is_right && is_readable {
        succeeded(platform, user, address).await
    } else {
        failed(platform, user, address).await
    };
    drop(place);
    outcome
}

pub(super) async fn succeeded(platform: &Platform, user: user::Model, address: Option<&str>) -> Result<SignedIn> {
    let (token, hash) = make_token(platform);
    let now = platform.now();
    let ends_at = now + platform.config.token_absolute;
    let audit = audit_of(&user, address, now, "sign-in", &json!({}));
    let signed_in = platform.store.write(move |tx| {
        async move {
            // The password was checked before: a new one since, which ends every session, must end this one too.
            let there = users::find_live(tx, &Scope::All, user.id).await?.ok_or(Error::UnknownUser)?;
            if there.password_hash != user.password_hash {
                return Err(Error::WrongPassword);
            }
            if !users::clear_failures(tx, user.id, now).await? {
                return Err(Error::Locked);
            }
            tokens::insert(tx, &hash, (user.id, None), now, ends_at).await?;
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    signed_in.await?;
    Ok(SignedIn { token, expires_at: ends_at.min(now + platform.config.token_idle) })
}

pub(super) async fn failed(platform: &Platform, user: user::Model, address: Option<&str>) -> Result<SignedIn> {
    let (now, address) = (platform.now(), address.map(str::to_owned));
    let counted =
        platform.store.write(move |tx| async move { count_failure(tx, &user, address.as_deref(), now).await }.boxed());
    Err(if counted.await? { Error::Locked } else { Error::WrongPassword })
}

/// Whether the account is locked now.
async fn count_failure(tx: &Tx, user: &user::Model, address: Option<&str>, now: i64) -> Result<bool> {
    let Some(failures) = users::count_failure(tx, user.id, now, now - WINDOW).await? else { return Ok(true) };
    let detail = json!({ "failures": failures });
    let mut rows = vec![audit_of(user, address, now, "sign-in-failed", &detail)];
    let is_locked = failures >= MOST_FAILURES;
    if is_locked {
        users::lock(tx, user.id, now + LOCK).await?;
        // Tokens given before go on: else whoever knows a name could sign its owner out.
        rows.push(audit_of(user, address, now, "lock", &detail));
    }
    audits::insert_many(tx, &rows).await?;
    Ok(is_locked)
}

fn audit_of(
    user: &user::Model,
    address: Option<&str>,
    at: i64,
    action: &'static str,
    detail: &serde_json::Value,
) -> audits::NewAudit {
    let nobody = Caller::user(user.id, user.username.as_str().into(), Default::default(), Scope::All);
    let caller = nobody.from_address(address.map(Into::into));
    caller.audit(at, action, "employee", Some(user.id), Some(user.department_id), detail)
}

/// Takes the token back. One that is not there any more is taken back already.
pub async fn sign_out(platform: &Platform, token: &str) -> Result<()> {
    let hash = token_hash(token);
    let stored = hex::encode(hash);
    platform.store.write(move |tx| async move { tokens::revoke(tx, &stored).await }.boxed()).await?;
    platform.sessions.end(&hash);
    Ok(())
}
