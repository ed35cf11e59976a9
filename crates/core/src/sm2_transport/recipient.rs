//! The other direction: passwords shown to somebody, encrypted with SM2 under the public key of theirs that is registered.
//! The document is the same as in a request.

use baigong_model::{Error, Result, Secret};
use baigong_protocol::sealing;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use sha2::{Digest, Sha256};
use sm2::{PublicKey, elliptic_curve::sec1::ToSec1Point};

use super::{ENVELOPE, Purpose};
use crate::Platform;

/// The public key of somebody who is shown passwords.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecipientKey(Vec<u8>);

impl RecipientKey {
    /// Reads 04‖x‖y, or 02/03‖x, in hexadecimal. `None` for what is no point of the curve.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let bytes = hex::decode(text.trim()).ok()?;
        let key = PublicKey::from_sec1_bytes(&bytes).ok()?;
        Some(Self(key.to_sec1_point(false).as_bytes().to_vec()))
    }

    /// 04‖x‖y in hexadecimal.
    pub(crate) fn text(&self) -> String {
        hex::encode(&self.0)
    }

    /// Its name.
    pub(crate) fn id(&self) -> String {
        hex::encode(&Sha256::digest(&self.0)[..8])
    }
}

/// `password` as an encrypted document for the holder of `key`.
pub(crate) fn encrypt(platform: &Platform, key: &RecipientKey, password: &str, purpose: Purpose) -> Result<String> {
    let mut nonce = [0; 16];
    platform.random.fill(&mut nonce);
    let document = serde_json::json!({
        "p": password, "t": platform.now(), "n": hex::encode(nonce), "u": purpose.as_str(),
    });
    let document = Secret::new(document.to_string());
    let ciphertext = sealing::encrypt(&*platform.random, &key.0, document.expose().as_bytes())
        .ok_or_else(|| Error::internal("a password could not be encrypted"))?;
    Ok(format!("{ENVELOPE}{}:{}", key.id(), BASE64.encode(ciphertext)))
}
