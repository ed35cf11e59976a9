//! Secrets on their way to one robot: encrypted with SM2 (GB/T 32918.4) under a key that the agent makes at its start and never
//! stores, and bound to the call that they answer. Whoever reads or keeps the frames learns nothing.

use baigong_model::{Random, Secret};
use rand::{SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sm2::{
    PublicKey, SecretKey,
    pke::{DecryptingKey, EncryptingKey, Mode},
};

/// How a sealed text begins.
const MARK: &str = "sm2:v1:";

/// The key pair of one run of an agent.
pub struct RobotKey {
    secret: SecretKey,
    public: String,
}

impl RobotKey {
    /// Makes a key pair.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        loop {
            let mut bytes = [0; 32];
            random.fill(&mut bytes);
            let bytes = Secret::new(bytes);
            // One in 2^32 draws is not a number below the order of the curve.
            if let Ok(secret) = SecretKey::from_slice(bytes.expose()) {
                let public = hex::encode(secret.public_key().to_sec1_bytes());
                return Self { secret, public };
            }
        }
    }

    /// The half that goes with the calls: 04‖x‖y in hexadecimal.
    #[must_use]
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The name of the key, for passwords that are encrypted under it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.public[2..18]
    }

    /// The key itself, for passwords that are encrypted under it.
    #[must_use]
    pub fn secret(&self) -> &SecretKey {
        &self.secret
    }

    /// What was sealed to this key for this call; nothing else opens.
    #[must_use]
    pub fn open(&self, call: CallId, sealed: &str) -> Option<Value> {
        let ciphertext = hex::decode(sealed.strip_prefix(MARK)?).ok()?;
        let key = DecryptingKey::new_with_mode(self.secret.to_nonzero_scalar(), Mode::C1C3C2);
        let opened = Secret::new(key.decrypt(&ciphertext).ok()?);
        let parcel: Parcel = serde_json::from_slice(opened.expose()).ok()?;
        (parcel.call == call).then_some(parcel.value)
    }
}

/// The call that a sealed value answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallId {
    /// The task.
    pub task_id: i64,
    /// The number of its lease.
    pub fence: i64,
    /// The number of the call.
    pub call_id: i64,
}

/// What is encrypted.
#[derive(Serialize, Deserialize)]
struct Parcel {
    call: CallId,
    value: Value,
}

/// Seals `value` to the robot whose [`RobotKey::public`] this is. `None` when `public` is no such key.
#[must_use]
pub fn seal(random: &dyn Random, public: &str, call: CallId, value: Value) -> Option<String> {
    let public = hex::decode(public).ok()?;
    let parcel = Secret::new(serde_json::to_vec(&Parcel { call, value }).ok()?);
    let ciphertext = encrypt(random, &public, parcel.expose())?;
    Some(format!("{MARK}{}", hex::encode(ciphertext)))
}

/// 04‖C1‖C3‖C2 of `bytes` under a public key (04‖x‖y). `None` when it is no point of the curve.
#[must_use]
pub fn encrypt(random: &dyn Random, public: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    let key = PublicKey::from_sec1_bytes(public).ok()?;
    let mut seed = [0; 32];
    random.fill(&mut seed);
    let mut draws = StdRng::from_seed(seed);
    EncryptingKey::new_with_mode(key, Mode::C1C3C2).encrypt(&mut draws, bytes).ok()
}

#[cfg(test)]
mod tests {
    use baigong_model::SeededRandom;
    use serde_json::json;

    use super::*;

    const CALL: CallId = CallId { task_id: 7, fence: 2, call_id: 9 };

    #[test]
    fn what_is_sealed_opens_for_its_robot_and_its_call_only() {
        let random = SeededRandom::new(1);
        let (key, other) = (RobotKey::generate(&random), RobotKey::generate(&random));
        let value = json!({ "username": "trader", "password": "密码 p\"\\" });
        let sealed = seal(&random, key.public(), CALL, value.clone()).unwrap();
        assert!(!sealed.contains("trader") && !sealed.contains(&hex::encode("trader")), "{sealed}");
        assert_eq!(key.open(CALL, &sealed), Some(value.clone()));
        assert_eq!(other.open(CALL, &sealed), None, "another robot");
        for call in [CallId { task_id: 8, ..CALL }, CallId { fence: 1, ..CALL }, CallId { call_id: 8, ..CALL }] {
            assert_eq!(key.open(call, &sealed), None, "{call:?}");
        }
        let last = if sealed.ends_with('0') { "1" } else { "0" };
        assert_eq!(key.open(CALL, &format!("{}{last}", &sealed[..sealed.len() - 1])), None, "changed on the way");
        assert_ne!(seal(&random, key.public(), CALL, value), Some(sealed), "two seals of one value differ");
    }

    #[test]
    fn what_is_no_key_seals_nothing() {
        let random = SeededRandom::new(1);
        for public in ["", "04", "zz", &"04".repeat(65), &"00".repeat(65)] {
            assert_eq!(seal(&random, public, CALL, json!(1)), None, "{public}");
        }
    }
}
