//! The vault of the libraries: a credential of the platform as `username` and `password`, or a secret asset that holds an object.
//! Encrypted to the key that comes with the request, as the libraries want it, although it never leaves this machine.

use std::sync::Arc;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    rand::{SecureRandom, SystemRandom},
    rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey},
};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Shared, answers::Refusal};

/// The one way of encryption that the libraries know.
const SCHEME: &str = "robocloud-vault-transit-v2";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wanted {
    #[serde(default)]
    encryption_scheme: String,
    #[serde(default)]
    public_key: String,
}

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    Path((_, name)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Refusal> {
    if name == "publicKey" {
        return Err(fixed());
    }
    if wanted.encryption_scheme != SCHEME {
        return Err(Refusal::invalid(format!("encryptionScheme must be {SCHEME}")));
    }
    let value = fetch(&shared, &name).await?;
    let text = serde_json::to_vec(&value).map_err(|error| Refusal::invalid(error.to_string()))?;
    let sealed = seal(&wanted.public_key, text);
    let sealed = sealed.ok_or_else(|| Refusal::invalid("publicKey must be an RSA key: base64 of its DER form"))?;
    Ok(Json(json!({
        "name": name,
        "description": "",
        "value": sealed.value,
        "encryption": {
            "encryptionScheme": SCHEME,
            "encryptedAES": sealed.key,
            "authTag": sealed.tag,
            "iv": sealed.iv,
        },
    })))
}

pub(super) async fn put() -> Refusal {
    fixed()
}

fn fixed() -> Refusal {
    Refusal::forbidden("credentials are changed on the platform, not by runs")
}

/// The secret called `name`. The host hides what it gives out; the parts of an object are hidden here.
async fn fetch(shared: &Shared, name: &str) -> Result<Map<String, Value>, Refusal> {
    let missing = match shared.host.credential(name).await {
        Ok(credential) => {
            let (username, password) = (credential.username, credential.password.expose().clone());
            return Ok(Map::from_iter([
                ("username".to_owned(), Value::from(username)),
                ("password".to_owned(), Value::from(password)),
            ]));
        }
        Err(error) if error.code == "notFound" => error,
        Err(error) => return Err(error.into()),
    };
    let value = match shared.host.asset(name).await {
        Ok(Value::String(text)) => serde_json::from_str(&text).unwrap_or(Value::Null),
        Ok(value) => value,
        Err(_) => Value::Null,
    };
    let Value::Object(fields) = value else { return Err(missing.into()) };
    for value in fields.values() {
        match value {
            Value::String(text) => shared.host.keep_secret(text),
            other => shared.host.keep_secret(&other.to_string()),
        }
    }
    Ok(fields)
}

/// A secret on its way, all in base64.
struct Sealed {
    value: String,
    key: String,
    tag: String,
    iv: String,
}

/// None where `public` is no key.
fn seal(public: &str, mut text: Vec<u8>) -> Option<Sealed> {
    // A + in an address is a blank to whoever reads it strictly.
    let der = STANDARD.decode(public.replace(' ', "+")).ok()?;
    let public = OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(&der).ok()?).ok()?;
    let random = SystemRandom::new();
    let (mut key, mut iv) = ([0; 32], [0; 6]);
    random.fill(&mut key).ok()?;
    random.fill(&mut iv).ok()?;
    // The libraries decrypt with the digits of the iv as text: 6 bytes make the 12 that AES-GCM likes best.
    let digits: [u8; 12] = hex::encode(iv).into_bytes().try_into().ok()?;
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).ok()?);
    let nonce = Nonce::assume_unique_for_key(digits);
    let tag = cipher.seal_in_place_separate_tag(nonce, Aad::empty(), &mut text).ok()?;
    let mut wrapped = vec![0; public.ciphertext_size()];
    let wrapped = public.encrypt(&OAEP_SHA256_MGF1SHA256, &key, &mut wrapped, None).ok()?;
    let key = STANDARD.encode(wrapped);
    Some(Sealed { value: STANDARD.encode(text), key, tag: STANDARD.encode(tag.as_ref()), iv: STANDARD.encode(iv) })
}
