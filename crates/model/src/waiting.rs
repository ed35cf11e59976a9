//! Why a task waits: the answer every operator asks for first (design, 5.2).

use serde::{Deserialize, Serialize};

/// The machine-readable reason why a queued task has not been given to a robot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WaitingReason {
    /// Nothing has looked at it yet.
    NotYetConsidered,
    /// No robot that may run it is connected.
    NoRobotOnline,
    /// Every robot that may run it is busy.
    RobotsBusy,
    /// Tasks of a higher priority, or older ones, go first.
    Priority,
    /// The process has no activated package version.
    NoActivatedPackage,
}

impl WaitingReason {
    /// The word that is stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotYetConsidered => "notYetConsidered",
            Self::NoRobotOnline => "noRobotOnline",
            Self::RobotsBusy => "robotsBusy",
            Self::Priority => "priority",
            Self::NoActivatedPackage => "noActivatedPackage",
        }
    }
}
