//! The tokens that people sign requests of other systems with (KM). They are sealed and not hashed: a signature is checked
//! with the token itself.

use std::net::IpAddr;

use baigong_model::{Error, Result, Secret, ids::UserId};
use baigong_protocol::km_signature::{LEEWAY, NONCE_KEPT, Signed};
use baigong_store::{Scope, audits, open_api_tokens as rows, tokens, users};
use futures_util::FutureExt;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{Caller, Platform, accounts, keys::Place};

/// The longest nonce.
const MAX_NONCE: usize = 128;

/// Somebody's address and token.
#[derive(Debug, Clone)]
pub struct OpenApiToken {
    /// The e-mail they are known by.
    pub email: String,
    /// The token.
    pub token: Secret<String>,
}

/// The caller's token: made at the first call, and anew where they ask for that, which ends the one before.
pub async fn of_caller(platform: &Platform, caller: &Caller, is_new: bool) -> Result<OpenApiToken> {
    caller.need_person()?;
    let id = caller.user_id.ok_or(Error::Unauthenticated)?;
    let mut bytes = [0; 32];
    platform.random.fill(&mut bytes);
    let fresh = Secret::new(hex::encode(bytes));
    let (this, caller, now) = (platform.clone(), caller.clone(), platform.now());
    let told = platform.store.write(move |tx| {
        async move {
            let user = users::find_live(tx, &Scope::All, id).await?.ok_or(Error::Unauthenticated)?;
            let missing = || Error::conflict("there is no e-mail that others could know you by: enter one first");
            let email = user.email.clone().filter(|email| !email.is_empty()).ok_or_else(missing)?;
            let stored = rows::find(tx, id).await?.filter(|_| !is_new);
            let (token, action) = match stored {
                Some(stored) => (open(&this, &stored)?, "reveal"),
                None => {
                    let row = id.to_string();
                    let sealed = this.keys.seal(&*this.random, place(&row), fresh.expose().as_bytes());
                    rows::put(tx, id, &sealed, now).await?;
                    (fresh, "create")
                }
            };
            let department = Some(user.department_id);
            let audit = caller.audit(now, action, "open api token", Some(id), department, &json!({}));
            audits::insert_many(tx, &[audit]).await?;
            Ok(OpenApiToken { email, token })
        }
        .boxed()
    });
    told.await
}

/// Who signed a request like this. A nonce is good once.
pub async fn authenticate(
    platform: &Platform,
    signed: Signed<'_>,
    signature: &str,
    from: Option<IpAddr>,
) -> Result<Caller> {
    let wrong = || Error::invalid("timestamp", "must be the time in seconds, within 5 minutes of ours");
    let at = signed.timestamp.parse::<i64>().map_err(|_| wrong())?;
    if (platform.now() / 1000).checked_sub(at).is_none_or(|gone| gone.abs() > LEEWAY) {
        return Err(wrong());
    }
    let known = by_email(platform, signed.email).await?;
    let signer = known.iter().find(|(_, token)| signed.is_signed_by(token.expose(), signature));
    let (user, _) = signer.ok_or(Error::Unauthenticated)?;
    if let Some(nonce) = signed.nonce
        && !take_nonce(platform, *user, nonce).await?
    {
        return Err(Error::Replayed);
    }
    let caller = accounts::caller_of(platform, *user).await?;
    Ok(caller.from_address(from.map(|address| address.to_string().into())))
}

async fn take_nonce(platform: &Platform, user: UserId, nonce: &str) -> Result<bool> {
    if nonce.is_empty() || nonce.len() > MAX_NONCE {
        return Err(Error::invalid("nonce", format!("must have 1 to {MAX_NONCE} letters")));
    }
    let hash = hex::encode(Sha256::digest(format!("km:{user}:{nonce}")));
    let until = platform.now() + NONCE_KEPT * 1000;
    platform.store.write(move |tx| async move { tokens::take_nonce(tx, &hash, until).await }.boxed()).await
}

/// The users that are known by this e-mail, with their tokens: several where they share one.
async fn by_email(platform: &Platform, email: &str) -> Result<Vec<(UserId, Secret<String>)>> {
    let stored = rows::by_email(&platform.store, email).await?;
    stored.iter().map(|row| Ok((row.user_id, open(platform, row)?))).collect()
}

fn open(platform: &Platform, stored: &rows::Stored) -> Result<Secret<String>> {
    let opened = platform.keys.open(place(&stored.user_id.to_string()), &stored.sealed)?;
    String::from_utf8(opened.expose().clone()).map(Secret::new).map_err(|_| Error::internal("a token is not text"))
}

fn place(row: &str) -> Place<'_> {
    Place { table: "open_api_token", row, column: "sealed" }
}

#[cfg(test)]
mod tests;
