//! Passwords as they come over the wire (密文): SM2 ciphertexts (GB/T 32918.4) in the forms they come in, and opening them. Who
//! reads them, the platform or a robot, brings its key and remembers the nonces.

use baigong_model::Secret;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use serde::Deserialize;
use sm2::{
    SecretKey,
    pke::{DecryptingKey, Mode},
};

/// How an encrypted document begins.
pub const ENVELOPE: &str = "sm2:v1:";
/// How far the clock of a client may be from ours, in milliseconds; the nonce is kept for longer than that.
pub const LEEWAY: i64 = 300_000;
/// The longest text that is looked at: the largest secret of an asset, encrypted.
pub const MAX_TEXT: usize = 12 * 1024;
/// The longest nonce.
const MAX_NONCE: usize = 128;

/// The encrypted document.
#[derive(Deserialize)]
pub struct Envelope {
    /// The password.
    #[serde(rename = "p")]
    pub password: Secret<String>,
    /// When it was sent, milliseconds since the epoch.
    #[serde(rename = "t")]
    pub sent_at: i64,
    /// Good once.
    #[serde(rename = "n")]
    pub nonce: String,
    #[serde(rename = "u")]
    purpose: String,
}

/// Opens what stands behind [`ENVELOPE`]: `<key id>:<base64 of 04‖C1‖C3‖C2>`, made for this key and purpose, and not too long ago.
#[must_use]
pub fn open_envelope((key_id, key): (&str, &SecretKey), rest: &str, purpose: &str, now: i64) -> Option<Envelope> {
    let (given, body) = rest.split_once(':')?;
    if given != key_id {
        return None;
    }
    let opened = open(key, &STANDARD.decode(body).ok()?)?;
    let envelope: Envelope = serde_json::from_slice(opened.expose()).ok()?;
    let is_timely = now.checked_sub(envelope.sent_at).is_some_and(|age| age.abs() <= LEEWAY);
    let has_nonce = (1..=MAX_NONCE).contains(&envelope.nonce.len());
    (is_timely && has_nonce && envelope.purpose == purpose).then_some(envelope)
}

/// An uncompressed point with its 04, and the hash.
const OVERHEAD: usize = 65 + 32;
/// The same without the 04.
const BARE_OVERHEAD: usize = OVERHEAD - 1;

/// `text` as bare ciphertext, if it looks like one: hexadecimal or base64 of more than point and hash.
/// No password that anybody types looks so.
#[must_use]
pub fn bare(text: &str) -> Option<Vec<u8>> {
    let decoded = hex::decode(text).or_else(|_| STANDARD.decode(text)).or_else(|_| STANDARD_NO_PAD.decode(text));
    decoded.ok().filter(|bytes| bytes.len() > BARE_OVERHEAD)
}

/// Opens 04‖C1‖C3‖C2.
#[must_use]
pub fn open(key: &SecretKey, ciphertext: &[u8]) -> Option<Secret<Vec<u8>>> {
    open_as(key, ciphertext, Mode::C1C3C2)
}

/// Opens bare ciphertext with or without the 04, in the order of the standard or in the older one (C1‖C2‖C3) that some
/// libraries still write. The hash inside tells which is right.
#[must_use]
pub fn open_bare(key: &SecretKey, ciphertext: &[u8]) -> Option<Secret<Vec<u8>>> {
    let prefixed: Vec<u8> = [&[4], ciphertext].concat();
    let forms = [ciphertext, &prefixed];
    let orders = [Mode::C1C3C2, Mode::C1C2C3];
    forms.iter().flat_map(|form| orders.map(|order| (form, order))).find_map(|(form, order)| open_as(key, form, order))
}

fn open_as(key: &SecretKey, ciphertext: &[u8], order: Mode) -> Option<Secret<Vec<u8>>> {
    if ciphertext.len() <= OVERHEAD || ciphertext[0] != 4 {
        return None;
    }
    let opened = DecryptingKey::new_with_mode(key.to_nonzero_scalar(), order).decrypt(ciphertext).ok()?;
    Some(Secret::new(opened))
}
