//! Asking somebody who is signed in for their password once more: for what a stolen token must not be enough.

use baigong_model::{Error, Result, Secret, ids::UserId};
use baigong_store::{Scope, users};

use super::sign_in::failed;
use crate::{Caller, Platform, sm2_transport, sm2_transport::Purpose};

/// Fails unless `password`, as it came over the wire for `purpose`, is the caller's own. Wrong ones lock the account as they do
/// when signing in.
pub(crate) async fn confirm(
    platform: &Platform,
    caller: &Caller,
    password: &Secret<String>,
    purpose: Purpose,
) -> Result<()> {
    let id = caller.user_id.ok_or(Error::Unauthenticated)?;
    check(platform, caller, id, password, purpose).await
}

/// Fails unless `password` is the user's, for a change of it. Wrong ones lock the account too.
pub(crate) async fn check_password(
    platform: &Platform,
    caller: &Caller,
    user: UserId,
    password: &Secret<String>,
) -> Result<()> {
    check(platform, caller, user, password, Purpose::EmployeePassword).await
}

async fn check(
    platform: &Platform,
    caller: &Caller,
    user: UserId,
    password: &Secret<String>,
    purpose: Purpose,
) -> Result<()> {
    sm2_transport::refuse_plain(platform, "password", password)?;
    let place = platform.passwords.place().await?;
    let user = users::find(&platform.store, &Scope::All, user).await?.ok_or(Error::UnknownUser)?;
    if user.locked_until.is_some_and(|until| until > platform.now()) {
        return Err(Error::Locked);
    }
    let read = sm2_transport::read(platform, password, purpose).await?;
    let is_readable = read.is_ok();
    let password = read.unwrap_or_else(|_| Secret::new(String::new()));
    let (place, is_right) = platform.passwords.verify(place, password, Some(user.password_hash.clone())).await?;
    let outcome = match is_right && is_readable {
        true => Ok(()),
        false => failed(platform, user, caller.address.as_deref()).await.map(drop),
    };
    drop(place);
    outcome
}
