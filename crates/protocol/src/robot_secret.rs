//! A robot's secret: `bgr_<robotId>_<64 hexadecimal digits>`. The prefix lets scanners find a leaked one, the id lets the
//! platform look up one row, the rest is 256 random bits. Has no `Debug` and no `Display`, so that it cannot be logged.

use baigong_model::{Random, Secret};

const PREFIX: &str = "bgr_";
const KEY_BYTES: usize = 32;

/// A robot's secret.
#[derive(Clone, PartialEq, Eq)]
pub struct RobotSecret {
    robot_id: i64,
    key: Secret<[u8; KEY_BYTES]>,
}

/// The text is not a robot's secret. Does not quote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a robot secret looks like bgr_<robot id>_<64 hexadecimal digits>; copy it whole from the answer that made the robot"
)]
pub struct NotARobotSecret;

impl RobotSecret {
    /// A fresh secret for the robot.
    pub fn generate(robot_id: i64, random: &dyn Random) -> Self {
        let mut key = [0; KEY_BYTES];
        random.fill(&mut key);
        Self { robot_id, key: Secret::new(key) }
    }

    /// Reads the text form; surrounding white space is ignored.
    pub fn parse(text: &str) -> Result<Self, NotARobotSecret> {
        let (id, key) =
            text.trim().strip_prefix(PREFIX).and_then(|rest| rest.split_once('_')).ok_or(NotARobotSecret)?;
        let robot_id = id.parse().map_err(|_| NotARobotSecret)?;
        // One secret has one text form: "+7" and "007" are not robot 7.
        if id != i64::to_string(&robot_id) || robot_id < 1 || key.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(NotARobotSecret);
        }
        let mut bytes = [0; KEY_BYTES];
        hex::decode_to_slice(key, &mut bytes).map_err(|_| NotARobotSecret)?;
        Ok(Self { robot_id, key: Secret::new(bytes) })
    }

    /// The robot it belongs to.
    #[must_use]
    pub fn robot_id(&self) -> i64 {
        self.robot_id
    }

    /// The 256 random bits: hash them before they are stored, compare hashes only.
    #[must_use]
    pub fn key(&self) -> &[u8; KEY_BYTES] {
        self.key.expose()
    }

    /// The text form, for the one answer that shows it and for the `Authorization` header.
    #[must_use]
    pub fn to_text(&self) -> Secret<String> {
        Secret::new(format!("{PREFIX}{}_{}", self.robot_id, hex::encode(self.key.expose())))
    }
}

#[cfg(test)]
mod tests {
    use baigong_model::SeededRandom;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn its_text_is_read_back() {
        let secret = RobotSecret::generate(42, &SeededRandom::new(1));
        let text = secret.to_text();
        assert!(text.expose().starts_with("bgr_42_") && text.expose().len() == "bgr_42_".len() + 64);
        assert!(RobotSecret::parse(&format!(" {}\n", text.expose())) == Ok(secret));
    }

    #[test]
    fn other_texts_are_refused() {
        let key = "0f".repeat(32);
        assert!(RobotSecret::parse(&format!("bgr_1_{key}")).is_ok());
        for wrong in [
            String::new(),
            key.clone(),
            format!("bgr_{key}"),
            format!("bgr_x_{key}"),
            format!("bgr_0_{key}"),
            format!("bgr_-1_{key}"),
            format!("bgr_+1_{key}"),
            format!("bgr_01_{key}"),
            format!("bgr_1_{key}0"),
            format!("bgr_1_{}", &key[1..]),
            format!("bgr_1_{}", key.to_uppercase()),
            format!("bgr_1_{}zz", &key[2..]),
        ] {
            assert!(RobotSecret::parse(&wrong).is_err(), "{wrong:?} must be refused");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,120}") {
            if let Ok(secret) = RobotSecret::parse(&text) {
                let written = secret.to_text();
                prop_assert_eq!(written.expose().as_str(), text.trim());
            }
        }
    }
}
