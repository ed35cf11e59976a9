//! Showing a password to a person: never in clear, but encrypted with SM2 to the key that this person has registered.

use baigong_model::{Error, Permission, Result, Secret, ids::UserId};
use baigong_store::{
    audits,
    entity::{credential, user_key},
    user_keys, users,
};
use futures_util::FutureExt;
use serde_json::json;

use super::open;
use crate::{
    Caller, Platform, accounts,
    sm2_transport::{self, Purpose},
};

/// A key that is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredKey {
    /// Its name, which stands in everything that is encrypted under it.
    pub kid: String,
}

/// Registers the SM2 public key under which passwords are shown to the caller, in place of an earlier one. Whoever only has
/// a token cannot do it: the caller's own password is asked for, as it came over the wire.
pub async fn register_key(
    platform: &Platform,
    caller: &Caller,
    public_key: &str,
    password: &Secret<String>,
) -> Result<RegisteredKey> {
    let user = person(caller)?;
    let key = sm2_transport::RecipientKey::read(public_key)
        .ok_or_else(|| Error::invalid("publicKey", "must be a point of SM2, 04‖x‖y, in hexadecimal"))?;
    accounts::confirm(platform, caller, password, Purpose::RegisterKey).await?;
    let row = user_key::Model { user_id: user, public_key: key.text(), created_at: platform.now() };
    let kid = key.id();
    change(platform, caller, "register-key", json!({ "kid": kid }), Some(row)).await?;
    Ok(RegisteredKey { kid })
}

/// Takes the caller's key off: no password is shown to them until they register another.
pub async fn unregister_key(platform: &Platform, caller: &Caller) -> Result<()> {
    person(caller)?;
    change(platform, caller, "unregister-key", json!({}), None).await
}

async fn change(
    platform: &Platform,
    caller: &Caller,
    action: &'static str,
    detail: serde_json::Value,
    row: Option<user_key::Model>,
) -> Result<()> {
    let (user, now, caller) = (person(caller)?, platform.now(), caller.clone());
    let department = users::find(&platform.store, caller.scope(), user).await?.map(|user| user.department_id);
    let changed = platform.store.write(move |tx| {
        async move {
            match row {
                Some(row) => user_keys::put(tx, row).await?,
                None => drop(user_keys::remove(tx, user).await?),
            }
            let audit = caller.audit(now, action, "employee", Some(user), department, &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    changed.await
}

fn person(caller: &Caller) -> Result<UserId> {
    caller.user_id.ok_or_else(|| Error::Forbidden("a user".into()))
}

/// The password for the caller, if they may see it and have a key; with its row in the audit.
pub(super) async fn password(
    platform: &Platform,
    caller: &Caller,
    credential: &credential::Model,
) -> Result<Option<String>> {
    let may_see = caller.permissions().has(Permission::CredentialReveal) && credential.deleted_at.is_none();
    let Some(user) = caller.user_id.filter(|_| may_see) else { return Ok(None) };
    let Some(registered) = user_keys::find(&platform.store, user).await? else { return Ok(None) };
    let key = sm2_transport::RecipientKey::read(&registered.public_key)
        .ok_or_else(|| Error::internal("a registered key cannot be read"))?;
    let opened = open(platform, credential)?;
    let text = std::str::from_utf8(opened.expose()).map_err(Error::internal)?;
    let encrypted = sm2_transport::encrypt(platform, &key, text, Purpose::CredentialPassword)?;
    let (now, id, department) = (platform.now(), credential.id, credential.department_id);
    let audit = caller.audit(now, "reveal", "credential", Some(id), Some(department), &json!({ "kid": key.id() }));
    let told = platform.store.write(move |tx| async move { audits::insert_many(tx, &[audit]).await }.boxed());
    // Only what is in the audit is shown.
    told.await.map(|()| Some(encrypted))
}
