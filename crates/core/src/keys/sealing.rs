//! Sealed texts: `v1|aes-256-gcm|<key>|<nonce>|<ciphertext>|<tag>`, the parts in base64. The place in the database and the
//! key's name are authenticated with the value: a sealed text copied to another row does not open.

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use baigong_model::{Random, Secret};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};

const VERSION: &str = "v1";
const ALGORITHM: &str = "aes-256-gcm";
const TAG: usize = 16;

/// How every sealed text begins.
pub(super) const MARK: &str = "v1|";

/// The name of the key that a text was sealed under.
pub(super) fn key_id_of(sealed: &str) -> Option<&str> {
    sealed.split('|').nth(2)
}

/// The place in the database that a sealed text belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The table.
    pub(crate) table: &'a str,
    /// The row's id.
    pub(crate) row: &'a str,
    /// The column.
    pub(crate) column: &'a str,
}

/// Seals under one key.
pub(super) struct Sealer {
    key_id: String,
    cipher: Aes256Gcm,
}

impl Sealer {
    pub(super) fn new(key_id: &str, key: &[u8; 32]) -> Self {
        Self { key_id: key_id.to_owned(), cipher: Aes256Gcm::new(key.into()) }
    }

    pub(super) fn key_id(&self) -> &str {
        &self.key_id
    }

    pub(super) fn seal(&self, random: &dyn Random, place: Place<'_>, value: &[u8]) -> String {
        let mut nonce = [0; 12];
        random.fill(&mut nonce);
        let payload = Payload { msg: value, aad: &self.bound_to(place) };
        // AES-GCM refuses only values of 64 GiB and more.
        let sealed = self.cipher.encrypt(&nonce.into(), payload).expect("a value that fits in memory can be sealed");
        let (text, tag) = sealed.split_at(sealed.len() - TAG);
        let [nonce, text, tag] = [&nonce[..], text, tag].map(|part| BASE64.encode(part));
        format!("{VERSION}|{ALGORITHM}|{}|{nonce}|{text}|{tag}", self.key_id)
    }

    pub(super) fn open(&self, place: Place<'_>, sealed: &str) -> Option<Secret<Vec<u8>>> {
        let parts: Vec<&str> = sealed.split('|').collect();
        let [VERSION, ALGORITHM, key_id, nonce, text, tag] = parts[..] else { return None };
        if key_id != self.key_id {
            return None;
        }
        let nonce: [u8; 12] = BASE64.decode(nonce).ok()?.try_into().ok()?;
        let mut sealed = BASE64.decode(text).ok()?;
        sealed.extend(BASE64.decode(tag).ok().filter(|tag| tag.len() == TAG)?);
        let payload = Payload { msg: &sealed, aad: &self.bound_to(place) };
        self.cipher.decrypt(&nonce.into(), payload).ok().map(Secret::new)
    }

    fn bound_to(&self, place: Place<'_>) -> Vec<u8> {
        format!("{VERSION}|{}|{}|{}|{}", self.key_id, place.table, place.row, place.column).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use baigong_model::SeededRandom;

    use super::*;

    const PLACE: Place<'static> = Place { table: "robot", row: "7", column: "machine_password" };

    #[test]
    fn a_sealed_text_opens_in_its_place_only() {
        let (sealer, random) = (Sealer::new("1", &[3; 32]), SeededRandom::new(1));
        let sealed = sealer.seal(&random, PLACE, b"hunter2");
        assert!(sealed.starts_with("v1|aes-256-gcm|1|") && !sealed.contains("hunter2"));
        assert_eq!(sealer.open(PLACE, &sealed).unwrap().expose(), b"hunter2");
        for place in
            [Place { row: "8", ..PLACE }, Place { table: "credential", ..PLACE }, Place { column: "remark", ..PLACE }]
        {
            assert!(sealer.open(place, &sealed).is_none(), "{place:?}");
        }
        assert!(Sealer::new("1", &[4; 32]).open(PLACE, &sealed).is_none());
        assert!(Sealer::new("2", &[3; 32]).open(PLACE, &sealed).is_none());
    }

    #[test]
    fn two_seals_of_one_value_differ_and_a_changed_one_does_not_open() {
        let (sealer, random) = (Sealer::new("1", &[3; 32]), SeededRandom::new(1));
        let sealed = sealer.seal(&random, PLACE, b"");
        assert_ne!(sealed, sealer.seal(&random, PLACE, b""));
        assert_eq!(sealer.open(PLACE, &sealed).unwrap().expose(), b"");
        let changed =
            [sealed.replacen("v1", "v2", 1), format!("{sealed}|"), sealed.replace("aes", "xor"), String::new()];
        for changed in changed {
            assert!(sealer.open(PLACE, &changed).is_none(), "{changed}");
        }
    }
}
