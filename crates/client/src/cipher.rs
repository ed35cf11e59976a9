//! How a password is sent to a platform that gives a key for it (密文): `sm2:v1:<key id>:<base64>` of the password with a time,
//! a nonce and what it is for, under SM2.

use std::sync::Arc;

use baigong_model::{Clock, Random, Secret};
use baigong_protocol::{password_text::ENVELOPE, sealing};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};

/// What encrypting takes from outside.
#[derive(Clone)]
pub struct Cipher {
    /// The time, which stands in the text.
    pub clock: Arc<dyn Clock>,
    /// Where the nonce comes from.
    pub random: Arc<dyn Random>,
}

impl Cipher {
    /// `password` for signing in, under the key that the other side gave; none where it is no key.
    pub(crate) fn login(&self, key: &Value, password: &Secret<String>) -> Option<Secret<String>> {
        let (id, public) = (key["kid"].as_str()?, hex::decode(key["publicKey"].as_str()?).ok()?);
        let mut nonce = [0; 16];
        self.random.fill(&mut nonce);
        let text = json!({ "p": password.expose(), "t": self.clock.now(), "n": hex::encode(nonce), "u": "login" });
        let sealed = sealing::encrypt(&*self.random, &public, text.to_string().as_bytes())?;
        Some(Secret::new(format!("{ENVELOPE}{id}:{}", BASE64.encode(sealed))))
    }
}
