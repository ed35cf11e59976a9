//! How passwords come over the wire (密文): encrypted with SM2 under the platform's public key, or plain where the
//! configuration allows it. Three forms are read:
//! `sm2:v1:<kid>:<base64 of 04‖C1‖C3‖C2>` of `{"p": password, "t": ms, "n": nonce, "u": purpose}`, good once and for five
//! minutes; hexadecimal or base64 of the bare ciphertext of the password, with or without the 04; plain text.
//! What exactly is wrong with a text that cannot be read is never told.

mod recipient;

pub(crate) use recipient::{RecipientKey, encrypt};

use baigong_model::{Error, Result, Secret};
use baigong_protocol::password_text::{self as cipher, ENVELOPE, Envelope, LEEWAY, MAX_TEXT};
use futures_util::FutureExt;
use sha2::{Digest, Sha256};

use crate::{Platform, passwords::MAX_PASSWORD};

/// What a password is sent for; a text made for one purpose is not taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Signing in: "login".
    Login,
    /// The password of a new user: "employee".
    EmployeePassword,
    /// The password of a robot's computer: "machine".
    MachinePassword,
    /// The password or key of a warn channel: "warn-channel".
    WarnChannel,
    /// The password of a credential, given and shown: "credential".
    CredentialPassword,
    /// The value of a secret asset: "asset".
    Asset,
    /// The password of a file: "file".
    FilePassword,
    /// One's own password, to register a key: "register-key".
    RegisterKey,
    /// What a bridge comes to the other side with: "bridge".
    Bridge,
}

impl Purpose {
    /// The word inside the encrypted text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::EmployeePassword => "employee",
            Self::MachinePassword => "machine",
            Self::CredentialPassword => "credential",
            Self::Asset => "asset",
            Self::FilePassword => "file",
            Self::RegisterKey => "register-key",
            Self::Bridge => "bridge",
            Self::WarnChannel => "warn-channel",
        }
    }
}

/// The key under which passwords are to be encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Its name.
    pub kid: String,
    /// "SM2".
    pub alg: &'static str,
    /// 04‖x‖y in hexadecimal.
    pub public_key: String,
}

/// The key under which passwords are to be encrypted.
#[must_use]
pub fn public_key(platform: &Platform) -> PublicKey {
    let keys = &platform.keys;
    PublicKey { kid: keys.transport_id().into(), alg: "SM2", public_key: keys.transport_public().into() }
}

/// Whether `text` is an encrypted document, and not a bare ciphertext or a plain text.
pub(crate) fn is_envelope(text: &Secret<String>) -> bool {
    text.expose().starts_with(ENVELOPE)
}

/// The text could not be read as a password. Says nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// The password in `text`. The outer error is the database's.
pub(crate) async fn read(
    platform: &Platform,
    text: &Secret<String>,
    purpose: Purpose,
) -> Result<std::result::Result<Secret<String>, Unreadable>> {
    let text = text.expose();
    if text.len() > MAX_TEXT || text.is_empty() {
        return Ok(Err(Unreadable));
    }
    if let Some(rest) = text.strip_prefix(ENVELOPE) {
        let key = (platform.keys.transport_id(), platform.keys.transport());
        let opened = cipher::open_envelope(key, rest, purpose.as_str(), platform.now());
        let Some(envelope) = opened else { return Ok(Err(Unreadable)) };
        return Ok(if take_nonce(platform, &envelope).await? { Ok(envelope.password) } else { Err(Unreadable) });
    }
    if let Some(ciphertext) = cipher::bare(text) {
        let opened = cipher::open_bare(platform.keys.transport(), &ciphertext).and_then(|bytes| into_text(&bytes));
        return Ok(opened.ok_or(Unreadable));
    }
    let is_allowed = platform.config.allow_plain_passwords && text.chars().count() <= MAX_PASSWORD;
    Ok(if is_allowed { Ok(Secret::new(text.clone())) } else { Err(Unreadable) })
}

/// Refuses a password in plain text where the configuration asks for encryption: no guess, but a client that does not
/// encrypt, whose user shall not be locked out for it.
pub(crate) fn refuse_plain(platform: &Platform, field: &'static str, text: &Secret<String>) -> Result<()> {
    let text = text.expose();
    let is_encrypted = || text.len() > MAX_TEXT || text.starts_with(ENVELOPE) || cipher::bare(text).is_some();
    if platform.config.allow_plain_passwords || is_encrypted() {
        return Ok(());
    }
    Err(must_be_encrypted(field))
}

/// What to say to a client that does not encrypt.
pub(crate) fn must_be_encrypted(field: &'static str) -> Error {
    let reason = "must come encrypted: see account/public-key, or allow plain passwords in the configuration";
    Error::invalid(field, reason)
}

/// What stands for a secret in an answer.
pub(crate) const HIDDEN: &str = "******";

/// The secret of a change. One that is [`HIDDEN`] is none: whoever sends back the whole of what they read changes nothing.
pub(crate) fn changed(secret: Option<Secret<String>>) -> Option<Secret<String>> {
    secret.filter(|text| text.expose() != HIDDEN)
}

/// [`read`] for a field of a request, which names it.
pub(crate) async fn read_field(
    platform: &Platform,
    field: &'static str,
    text: &Secret<String>,
    purpose: Purpose,
) -> Result<Secret<String>> {
    refuse_plain(platform, field, text)?;
    let reason = format!("cannot be read: encrypt it for \"{}\" with the key of account/public-key", purpose.as_str());
    read(platform, text, purpose).await?.map_err(|Unreadable| Error::invalid(field, reason))
}

/// A nonce is good once, on every node and over restarts; it is remembered until its text is too old anyway.
async fn take_nonce(platform: &Platform, envelope: &Envelope) -> Result<bool> {
    let hash = hex::encode(Sha256::digest(envelope.nonce.as_bytes()));
    let until = envelope.sent_at.saturating_add(2 * LEEWAY);
    let taken = platform
        .store
        .write(move |tx| async move { baigong_store::tokens::take_nonce(tx, &hash, until).await }.boxed());
    taken.await
}

fn into_text(bytes: &Secret<Vec<u8>>) -> Option<Secret<String>> {
    String::from_utf8(bytes.expose().clone()).ok().map(Secret::new)
}

#[cfg(test)]
mod tests;
