//! The signature of requests of the KM interface: lower-case hexadecimal of a hash over the caller's e-mail, their open API
//! token and the time, joined with `&`. Version 1 is SHA-1 and says nothing else; version 2 is SHA-256 and adds a nonce.
//! Knows no HTTP and no clock.

use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// How far the time of a request may be from ours, in seconds.
pub const LEEWAY: i64 = 300;
/// For how long a nonce is good once only, in seconds.
pub const NONCE_KEPT: i64 = 900;
/// What `sign_version` says of version 2.
pub const V2: &str = "v2";

/// What a request says of itself beside its signature.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'r> {
    /// The caller's e-mail.
    pub email: &'r str,
    /// The time in seconds, as it is written in the request.
    pub timestamp: &'r str,
    /// The nonce of version 2; none for version 1.
    pub nonce: Option<&'r str>,
}

impl Signed<'_> {
    /// The signature under `token`.
    #[must_use]
    pub fn sign(&self, token: &str) -> String {
        let text = format!("{}&{token}&{}", self.email, self.timestamp);
        match self.nonce {
            None => hex::encode(Sha1::digest(text)),
            Some(nonce) => hex::encode(Sha256::digest(format!("{text}&{nonce}&{V2}"))),
        }
    }

    /// Whether `signature` is the one under `token`, told in constant time.
    #[must_use]
    pub fn is_signed_by(&self, token: &str, signature: &str) -> bool {
        self.sign(token).as_bytes().ct_eq(signature.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "4d25a2bc-9f1f-4b9d-8f5c-000000000001";

    #[test]
    fn both_versions_are_what_other_tools_compute() {
        // printf 'admin@example.com&4d25a2bc-9f1f-4b9d-8f5c-000000000001&1529402464' | sha1sum
        let v1 = Signed { email: "admin@example.com", timestamp: "1529402464", nonce: None };
        assert_eq!(v1.sign(TOKEN), "6ee93ae85ae4d2391c5bb47b1d3803fc4b86bc53");
        // printf 'admin@example.com&4d25a2bc-9f1f-4b9d-8f5c-000000000001&1529402464&n-1&v2' | sha256sum
        let v2 = Signed { nonce: Some("n-1"), ..v1 };
        assert_eq!(v2.sign(TOKEN), "22daab90732f748c1742ef4a1b363889c8206a0a197e318752a3d2c4d094747b");
    }

    #[test]
    fn any_other_letter_is_another_signature() {
        let signed = Signed { email: "a@b.cn", timestamp: "1529402464", nonce: Some("n") };
        let signature = signed.sign(TOKEN);
        assert!(signed.is_signed_by(TOKEN, &signature));
        let others = [
            Signed { email: "b@b.cn", ..signed },
            Signed { timestamp: "1529402465", ..signed },
            Signed { nonce: Some("m"), ..signed },
            Signed { nonce: None, ..signed },
        ];
        assert!(others.iter().all(|other| !other.is_signed_by(TOKEN, &signature)));
        assert!(!signed.is_signed_by("other", &signature) && !signed.is_signed_by(TOKEN, &signature[1..]));
        assert!(!signed.is_signed_by(TOKEN, "") && !signed.is_signed_by(TOKEN, &signature.to_uppercase()));
    }
}
