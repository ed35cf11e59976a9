//! Signatures of license files: Ed25519, or SM2 (GB/T 32918.2, with SM3 and the usual identity `1234567812345678`).

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use baigong_model::{Error, Random, Result, Secret};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};
use sm2::dsa::{
    self,
    signature::{Signer, Verifier},
};

/// The identity that is hashed with every SM2 signature where nothing else was agreed.
const IDENTITY: &str = "1234567812345678";
/// Half the size of an SM2 signature, and the size of every secret.
const SECRET: usize = 32;

/// How a file is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// Ed25519.
    Ed25519,
    /// SM2 with SM3.
    #[serde(rename = "SM2")]
    Sm2,
}

impl Algorithm {
    /// What keys of it begin with.
    fn prefix(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519:",
            Self::Sm2 => "sm2:",
        }
    }

    /// The algorithm of a key as text, and the key's bytes.
    fn read(text: &str) -> Option<(Self, Vec<u8>)> {
        let algorithm = [Self::Ed25519, Self::Sm2].into_iter().find(|it| text.starts_with(it.prefix()))?;
        Some((algorithm, hex::decode(&text[algorithm.prefix().len()..]).ok()?))
    }
}

/// The key that licenses are believed by: `ed25519:` and 64 hexadecimal digits, or `sm2:` and 130 that begin with 04.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    bytes: Vec<u8>,
}

impl VerifyingKey {
    /// Reads a key.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || Error::invalid("license_public_key", "must be ed25519: or sm2: and the key in hexadecimal");
        let (algorithm, bytes) = Algorithm::read(text.trim()).ok_or_else(wrong)?;
        let is_key = match algorithm {
            Algorithm::Ed25519 => bytes.len() == SECRET,
            Algorithm::Sm2 => dsa::VerifyingKey::from_sec1_bytes(IDENTITY, &bytes).is_ok(),
        };
        if is_key { Ok(Self { algorithm, bytes }) } else { Err(wrong()) }
    }

    /// Its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether `signature` (base64) over `message` was made with this key's other half.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &str) -> bool {
        let Ok(signature) = BASE64.decode(signature) else { return false };
        match self.algorithm {
            Algorithm::Ed25519 => UnparsedPublicKey::new(&ED25519, &self.bytes).verify(message, &signature).is_ok(),
            Algorithm::Sm2 => {
                let key = dsa::VerifyingKey::from_sec1_bytes(IDENTITY, &self.bytes);
                let signature = dsa::Signature::from_slice(&signature);
                key.is_ok_and(|key| signature.is_ok_and(|signature| key.verify(message, &signature).is_ok()))
            }
        }
    }
}

/// The key that an issuer signs with. It never lies on a platform.
pub struct SigningKey(Kind);

enum Kind {
    Ed25519 { seed: Secret<[u8; SECRET]>, pair: Box<Ed25519KeyPair> },
    Sm2 { secret: Secret<[u8; SECRET]>, key: Box<dsa::SigningKey> },
}

impl SigningKey {
    /// Makes a key.
    pub fn generate(algorithm: Algorithm, random: &dyn Random) -> Result<Self> {
        let mut bytes = [0; SECRET];
        // Nearly every number is a key of SM2.
        for _ in 0..8 {
            random.fill(&mut bytes);
            if let Some(key) = Self::of(algorithm, bytes) {
                return Ok(key);
            }
        }
        Err(Error::internal("no key could be made"))
    }

    fn of(algorithm: Algorithm, bytes: [u8; SECRET]) -> Option<Self> {
        let secret = Secret::new(bytes);
        Some(Self(match algorithm {
            Algorithm::Ed25519 => {
                let pair = Box::new(Ed25519KeyPair::from_seed_unchecked(secret.expose()).ok()?);
                Kind::Ed25519 { seed: secret, pair }
            }
            Algorithm::Sm2 => {
                let key = sm2::SecretKey::from_slice(secret.expose()).ok()?;
                let key = Box::new(dsa::SigningKey::new(IDENTITY, &key).ok()?);
                Kind::Sm2 { secret, key }
            }
        }))
    }

    /// Reads a key from [`SigningKey::to_text`].
    pub fn parse(text: &Secret<String>) -> Result<Self> {
        let read = text.expose().trim().strip_prefix("secret-").and_then(Algorithm::read);
        let key = read.and_then(|(algorithm, bytes)| Self::of(algorithm, bytes.try_into().ok()?));
        key.ok_or_else(|| Error::invalid("key", "is no signing key: make one with license make-key"))
    }

    /// The key as text, to be kept secret.
    #[must_use]
    pub fn to_text(&self) -> Secret<String> {
        let secret = match &self.0 {
            Kind::Ed25519 { seed, .. } => seed,
            Kind::Sm2 { secret, .. } => secret,
        };
        Secret::new(format!("secret-{}{}", self.algorithm().prefix(), hex::encode(secret.expose())))
    }

    /// The other half, for the setting `license_public_key`.
    #[must_use]
    pub fn public(&self) -> String {
        let bytes = match &self.0 {
            Kind::Ed25519 { pair, .. } => pair.public_key().as_ref().to_vec(),
            Kind::Sm2 { key, .. } => key.verifying_key().to_sec1_bytes().to_vec(),
        };
        format!("{}{}", self.algorithm().prefix(), hex::encode(bytes))
    }

    /// Its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match &self.0 {
            Kind::Ed25519 { .. } => Algorithm::Ed25519,
            Kind::Sm2 { .. } => Algorithm::Sm2,
        }
    }

    /// The signature over `message`, base64.
    pub fn sign(&self, message: &[u8]) -> Result<String> {
        Ok(BASE64.encode(match &self.0 {
            Kind::Ed25519 { pair, .. } => pair.sign(message).as_ref().to_vec(),
            Kind::Sm2 { key, .. } => {
                key.try_sign(message).map_err(|_| Error::internal("SM2 could not sign"))?.to_bytes().to_vec()
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use baigong_model::SeededRandom;

    use super::*;

    #[test]
    fn what_one_key_signs_only_its_other_half_believes() {
        for algorithm in [Algorithm::Ed25519, Algorithm::Sm2] {
            let key = SigningKey::generate(algorithm, &SeededRandom::new(1)).unwrap();
            let again = SigningKey::parse(&key.to_text()).unwrap();
            assert_eq!(again.public(), key.public());
            let other = SigningKey::generate(algorithm, &SeededRandom::new(2)).unwrap();
            let public = VerifyingKey::parse(&key.public()).unwrap();
            let signature = again.sign(b"seats").unwrap();
            assert!(public.verify(b"seats", &signature), "{algorithm:?}");
            assert!(!public.verify(b"seats!", &signature) && !public.verify(b"seats", "AAAA"));
            assert!(!VerifyingKey::parse(&other.public()).unwrap().verify(b"seats", &signature));
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let long = format!("ed25519:{}", "00".repeat(33));
        for wrong in ["", "ed25519:", "ed25519:zz", "rsa:00", long.as_str(), "sm2:04", "secret-ed25519:00"] {
            assert!(VerifyingKey::parse(wrong).is_err(), "{wrong}");
            assert!(SigningKey::parse(&Secret::new(wrong.into())).is_err(), "{wrong}");
        }
    }
}
