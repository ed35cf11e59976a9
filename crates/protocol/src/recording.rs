//! Recordings of a robot's screen on their way to the platform: one MP4 file (fragmented) in numbered chunks, each sealed
//! on the robot under a key of that recording alone (AES-256-GCM), the key sealed to the platform (SM2). What lies on
//! the robot's disk, on the wire and among the platform's blobs opens only for the platform.

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use baigong_model::{Random, Secret};
use serde::{Deserialize, Serialize};
use sm2::{
    SecretKey,
    pke::{DecryptingKey, Mode},
};

use crate::sealing;

/// The largest chunk as it is sent, in bytes.
pub const MAX_CHUNK_BYTES: usize = 8 * 1024 * 1024;
/// The most parts of one run, and the most chunks of one part.
pub const MAX_PARTS: i32 = 10_000;
/// See [`MAX_PARTS`]: at a second each, eleven days.
pub const MAX_CHUNKS: i32 = 1_000_000;
/// By how much sealing makes a chunk longer.
pub const TAG_BYTES: usize = 16;

const MARK: &str = "sm2:v1:";
const KEY_BYTES: usize = 32;

/// The platform's key for the keys of recordings, told in `Welcome`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecorderKey {
    /// 04‖x‖y in hexadecimal.
    pub public: String,
}

/// Which recording. A run has several where its display came back, say; a part is one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordingRef {
    /// The robot whose screen it shows.
    pub robot_id: i64,
    /// The task.
    pub task_id: i64,
    /// Which run of it.
    pub fence: i64,
    /// Which file of the run, from 1.
    pub part: i32,
}

/// The beginning of a recording: sent before its chunks, again and again until it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordingHead {
    /// Which one.
    pub recording: RecordingRef,
    /// What the assignment said: the platform knows by it that the run was this robot's.
    pub ticket: String,
    /// When it begins, milliseconds since the epoch.
    pub started_at: i64,
    /// [`RecordingKey::seal_to`].
    pub sealed_key: String,
}

/// What is said of a chunk beside its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChunkNote {
    /// When it begins.
    pub started_at: i64,
    /// When it ends.
    pub ended_at: i64,
    /// Why there are no bytes: the chunk is lost, and shown as lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<String>,
}

/// The end of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordingEnd {
    /// When it ends.
    pub ended_at: i64,
    /// How many chunks it has, lost ones too.
    pub chunks: i32,
    /// Whether it was ended in order, not broken off.
    pub in_order: bool,
}

/// The key of one recording.
#[derive(Clone)]
pub struct RecordingKey(Secret<[u8; KEY_BYTES]>);

impl RecordingKey {
    /// A fresh key. One for each recording: a number of a chunk is used once under it.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = [0; KEY_BYTES];
        random.fill(&mut bytes);
        Self(Secret::new(bytes))
    }

    /// The key, sealed to the platform and bound to its recording. `None` when `public` is no key.
    #[must_use]
    pub fn seal_to(&self, random: &dyn Random, public: &str, recording: RecordingRef) -> Option<String> {
        let public = hex::decode(public).ok()?;
        let mut parcel = bound(recording, None);
        parcel.extend_from_slice(self.0.expose());
        let sealed = sealing::encrypt(random, &public, Secret::new(parcel).expose())?;
        Some(format!("{MARK}{}", hex::encode(sealed)))
    }

    /// What [`seal_to`](Self::seal_to) made for this recording.
    #[must_use]
    pub fn open_from(secret: &SecretKey, recording: RecordingRef, sealed: &str) -> Option<Self> {
        let sealed = hex::decode(sealed.strip_prefix(MARK)?).ok()?;
        let key = DecryptingKey::new_with_mode(secret.to_nonzero_scalar(), Mode::C1C3C2);
        let parcel = Secret::new(key.decrypt(&sealed).ok()?);
        let key = parcel.expose().strip_prefix(bound(recording, None).as_slice())?;
        Some(Self(Secret::new(key.try_into().ok()?)))
    }

    /// Seals the chunk `number`, once: the number is the nonce.
    ///
    /// # Panics
    /// Never: AES-GCM refuses only values of 64 GiB and more.
    #[must_use]
    pub fn seal(&self, recording: RecordingRef, number: i32, bytes: &[u8]) -> Vec<u8> {
        let payload = Payload { msg: bytes, aad: &bound(recording, Some(number)) };
        self.cipher().encrypt(&nonce(number).into(), payload).expect("a chunk that fits in memory can be sealed")
    }

    /// Opens what was sealed as this chunk of this recording.
    #[must_use]
    pub fn open(&self, recording: RecordingRef, number: i32, sealed: &[u8]) -> Option<Vec<u8>> {
        let payload = Payload { msg: sealed, aad: &bound(recording, Some(number)) };
        self.cipher().decrypt(&nonce(number).into(), payload).ok()
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(self.0.expose().into())
    }
}

fn nonce(number: i32) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[8..].copy_from_slice(&number.to_be_bytes());
    nonce
}

/// What a key or a chunk is bound to.
fn bound(recording: RecordingRef, number: Option<i32>) -> Vec<u8> {
    let RecordingRef { robot_id, task_id, fence, part } = recording;
    let what = number.map_or_else(|| "key".to_owned(), |number| number.to_string());
    format!("baigong-recording-v1|{robot_id}|{task_id}|{fence}|{part}|{what}|").into_bytes()
}

#[cfg(test)]
mod tests {
    use baigong_model::SeededRandom;

    use super::*;

    const ONE: RecordingRef = RecordingRef { robot_id: 2, task_id: 7, fence: 3, part: 1 };

    fn others() -> [RecordingRef; 4] {
        let other = |change: fn(&mut RecordingRef)| {
            let mut other = ONE;
            change(&mut other);
            other
        };
        [other(|r| r.robot_id = 3), other(|r| r.task_id = 8), other(|r| r.fence = 2), other(|r| r.part = 2)]
    }

    #[test]
    fn a_chunk_opens_in_its_place_and_unchanged_only() {
        let random = SeededRandom::new(1);
        let key = RecordingKey::generate(&random);
        let sealed = key.seal(ONE, 5, b"a screen");
        assert_eq!(sealed.len(), b"a screen".len() + TAG_BYTES);
        assert!(!sealed.windows(4).any(|part| part == b"a sc"));
        assert_eq!(key.open(ONE, 5, &sealed).as_deref(), Some(&b"a screen"[..]));
        assert_eq!(key.open(ONE, 6, &sealed), None, "another number");
        for other in others() {
            assert_eq!(key.open(other, 5, &sealed), None, "{other:?}");
        }
        assert_eq!(RecordingKey::generate(&random).open(ONE, 5, &sealed), None);
        let mut changed = sealed;
        changed[0] ^= 1;
        assert_eq!(key.open(ONE, 5, &changed), None);
    }

    #[test]
    fn a_key_opens_for_the_platform_and_its_recording_only() {
        let random = SeededRandom::new(1);
        let secret = |byte: u8| SecretKey::from_slice(&[byte; 32]).unwrap();
        let public = hex::encode(secret(9).public_key().to_sec1_bytes());
        let key = RecordingKey::generate(&random);
        let sealed = key.seal_to(&random, &public, ONE).unwrap();
        let opened = RecordingKey::open_from(&secret(9), ONE, &sealed).expect("it is ours");
        assert!(opened.open(ONE, 0, &key.seal(ONE, 0, b"x")).is_some());
        assert!(RecordingKey::open_from(&secret(8), ONE, &sealed).is_none());
        for other in others() {
            assert!(RecordingKey::open_from(&secret(9), other, &sealed).is_none(), "{other:?}");
        }
        assert!(key.seal_to(&random, "04", ONE).is_none());
    }
}
