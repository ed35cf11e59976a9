//! What a permitted person has the platform ask of a robot itself: to restart, to reboot or shut down its machine, to run
//! another version. Said again until the robot answers; the robot does each once, whatever comes twice.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// Its number: the robot does no number twice.
    pub operation_id: i64,
    /// What is to be done.
    pub kind: OperationKind,
    /// How long running tasks may go on first, in seconds; then they are stopped.
    #[serde(default)]
    pub drain_seconds: u64,
    /// The version of an upgrade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<VersionRef>,
}

/// What a robot can be asked to do with itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OperationKind {
    /// The agent ends and starts anew.
    Restart,
    /// The machine is rebooted.
    Reboot,
    /// The machine is shut down.
    Shutdown,
    /// The agent runs another version of its program, and goes back to this one where the other is not well.
    Upgrade,
    /// Something of a newer platform: refused.
    #[serde(other)]
    Unknown,
}

impl OperationKind {
    /// All that can be asked for.
    pub const ALL: [Self; 4] = [Self::Restart, Self::Reboot, Self::Shutdown, Self::Upgrade];

    /// The word that is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Reboot => "reboot",
            Self::Shutdown => "shutdown",
            Self::Upgrade => "upgrade",
            Self::Unknown => "unknown",
        }
    }
}

impl FromStr for OperationKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// A version of the agent's program, and how to get and know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionRef {
    /// Its number.
    pub version: String,
    /// The SHA-256 of the program, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// The path below the platform's address, as [`crate::paths::agent_version`] makes it.
    pub path: String,
    /// A signature over [`VersionRef::signed_text`], for robots that believe only a key of theirs: base64, Ed25519.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Whether an older version than the robot's own is meant.
    #[serde(default)]
    pub allows_older: bool,
}

impl VersionRef {
    /// What a signature signs: the number and the hash.
    #[must_use]
    pub fn signed_text(version: &str, sha256: &str) -> String {
        format!("baigong agent {version} {sha256}")
    }
}

/// What came of an operation so far. Said on every connection until it is acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operated {
    /// The operation.
    pub operation_id: i64,
    /// How far it is.
    pub stage: OperationStage,
    /// In words, for the operator: why it failed, which version runs now.
    #[serde(default)]
    pub detail: String,
}

/// How far an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OperationStage {
    /// The robot has written it down and begun: running tasks may end.
    Accepted,
    /// It is done.
    Done,
    /// It was begun and failed; the robot is as it was.
    Failed,
    /// It is not done: the robot does not allow it, or cannot.
    Refused,
    /// A stage of a newer robot.
    #[serde(other)]
    Unknown,
}

impl OperationStage {
    /// The word that is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }
}

/// The number of a version, `major.minor.patch` with an optional `-label`: one with a label comes before the one without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentVersion {
    numbers: [u64; 3],
    label: String,
}

/// The longest label.
const LONGEST_LABEL: usize = 32;

impl FromStr for AgentVersion {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (numbers, label) = text.split_once('-').map_or((text, None), |(numbers, label)| (numbers, Some(label)));
        let is_label = |label: &str| {
            (1..=LONGEST_LABEL).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-')
        };
        if label.is_some_and(|label| !is_label(label)) {
            return Err(());
        }
        let number = |text: &str| {
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            if is_number { text.parse().map_err(drop) } else { Err(()) }
        };
        let numbers = numbers.split('.').map(number).collect::<Result<Vec<u64>, ()>>()?;
        let numbers = numbers.try_into().map_err(drop)?;
        Ok(Self { numbers, label: label.unwrap_or_default().to_owned() })
    }
}

impl fmt::Display for AgentVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        if self.label.is_empty() { Ok(()) } else { write!(f, "-{}", self.label) }
    }
}

impl Ord for AgentVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        let labels = match (self.label.is_empty(), other.label.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => self.label.cmp(&other.label),
        };
        self.numbers.cmp(&other.numbers).then(labels)
    }
}

impl PartialOrd for AgentVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        let version = |text: &str| text.parse::<AgentVersion>().unwrap();
        let ordered = ["0.1.0-rc1", "0.1.0-rc2", "0.1.0", "0.1.9", "0.1.10", "0.10.0", "1.0.0"].map(version);
        assert!(ordered.is_sorted_by(|one, next| one < next), "{ordered:?}");
        assert_eq!(version("1.2.3-rc.1").to_string(), "1.2.3-rc.1");
        for wrong in
            ["", "1", "1.2", "1.2.3.4", "1.2.x", "1.2.3-", "v1.2.3", "1.2.+3", "1.2.3-a/b", "1.2.99999999999999999999"]
        {
            assert!(wrong.parse::<AgentVersion>().is_err(), "{wrong}");
        }
    }
}
