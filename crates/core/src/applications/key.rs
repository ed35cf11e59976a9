//! The key pair of an application: made, made anew, and what comes with it.

use std::net::IpAddr;

use baigong_model::{Error, Result, Secret, ids::ApplicationId};
use baigong_store::{Scope, applications as rows, audits, entity::application, tokens, users};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use futures_util::FutureExt;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    Addresses,
    change::{live, writer, written},
};
use crate::{
    Caller, Platform,
    accounts::{self, SignedIn},
};

/// The longest time for which the secret before a new one is taken too, in seconds.
const MAX_GRACE: i64 = 7 * 86_400;

/// A key pair, as it is shown once.
#[derive(Debug, Clone)]
pub struct NewSecret {
    /// Its public half.
    pub access_key_id: String,
    /// Its secret half.
    pub secret: Secret<String>,
}

impl NewSecret {
    /// 80 bits that name it, 240 that prove it.
    pub(super) fn make(platform: &Platform) -> Self {
        let mut id = [0; 10];
        platform.random.fill(&mut id);
        Self { access_key_id: hex::encode(id), secret: make_secret(platform) }
    }
}

fn make_secret(platform: &Platform) -> Secret<String> {
    let mut bytes = [0; 30];
    platform.random.fill(&mut bytes);
    Secret::new(BASE64.encode(bytes))
}

/// What is stored of a secret. It is drawn at random: nobody finds it by trying, so that a quick hash will do.
pub(super) fn hash(secret: &Secret<String>) -> String {
    hex::encode(Sha256::digest(secret.expose().as_bytes()))
}

/// Gives the application a new secret and makes the caller its owner. The old one is good for nothing at once, or is taken for
/// `grace` seconds more; tokens are taken back in either case.
pub async fn rotate(platform: &Platform, caller: &Caller, id: ApplicationId, grace: Option<i64>) -> Result<NewSecret> {
    let owner = writer(caller)?;
    let grace = grace.unwrap_or(0);
    if !(0..=MAX_GRACE).contains(&grace) {
        return Err(Error::invalid("graceSeconds", format!("must be between 0 and {MAX_GRACE}")));
    }
    let (secret, now, caller) = (make_secret(platform), platform.now(), caller.clone());
    let new_hash = hash(&secret);
    let rotated = platform.store.write(move |tx| {
        async move {
            let mut row = live(tx, &caller, id).await?;
            let old = std::mem::replace(&mut row.secret_hash, new_hash);
            row.old_secret_hash = (grace > 0).then_some(old);
            row.old_secret_until = (grace > 0).then_some(now + grace * 1000);
            row.owner_id = owner;
            let access_key_id = row.access_key_id.clone();
            rows::revoke_tokens(tx, id).await?;
            let detail = json!({ "accessKeyId": access_key_id, "graceSeconds": grace });
            written(tx, &caller, row, "rotate", &detail, now).await.map(|()| access_key_id)
        }
        .boxed()
    });
    let access_key_id = rotated.await?;
    accounts::end_application(platform, id);
    Ok(NewSecret { access_key_id, secret })
}

/// The application that comes with this key pair, from this address. Its owner must still be there.
pub async fn verify(
    platform: &Platform,
    access_key_id: &str,
    secret: &Secret<String>,
    from: Option<IpAddr>,
) -> Result<application::Model> {
    let row = rows::by_key(&platform.store, access_key_id).await?.ok_or(Error::Unauthenticated)?;
    let given = hash(secret);
    let is_old = row.old_secret_hash.as_ref() == Some(&given)
        && row.old_secret_until.is_some_and(|until| platform.now() < until);
    if row.secret_hash != given && !is_old {
        return Err(Error::Unauthenticated);
    }
    if !Addresses::of(&row).admits(from) {
        return Err(Error::Forbidden("an address that the application may come from".into()));
    }
    let owner = users::find(&platform.store, &Scope::All, row.owner_id).await?;
    owner.filter(|owner| owner.deleted_at.is_none()).ok_or(Error::Unauthenticated).map(|_| row)
}

/// Gives a token for a key pair. It acts for the application's owner, within what the application may.
pub async fn sign_in(
    platform: &Platform,
    access_key_id: &str,
    secret: &Secret<String>,
    from: Option<IpAddr>,
) -> Result<SignedIn> {
    let row = verify(platform, access_key_id, secret, from).await?;
    let owner = accounts::caller_of(platform, row.owner_id).await?.through(row.id, &row.name);
    let caller = owner.from_address(from.map(|address| address.to_string().into()));
    let (token, hash) = accounts::make_token(platform);
    let now = platform.now();
    let ends_at = now + platform.config.token_absolute;
    let signed_in = platform.store.write(move |tx| {
        async move {
            // The secret was checked before: a new one since, which ends every token, must end this one too.
            let there = rows::find_live(tx, &Scope::All, row.id).await?.ok_or(Error::Unauthenticated)?;
            if there.secret_hash != row.secret_hash || there.owner_id != row.owner_id {
                return Err(Error::Unauthenticated);
            }
            tokens::insert(tx, &hash, (row.owner_id, Some(row.id)), now, ends_at).await?;
            let (id, department) = (Some(row.id), Some(row.department_id));
            let audit = caller.audit(now, "sign-in", "application", id, department, &json!({}));
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    signed_in.await?;
    Ok(SignedIn { token, expires_at: ends_at.min(now + platform.config.token_idle) })
}
