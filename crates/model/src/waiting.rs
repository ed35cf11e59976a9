//! Why a task waits: the answer every operator asks for first (design, 5.2).

use serde::{Deserialize, Serialize};

/// The machine-readable reason why a task has not been given to a robot, or does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WaitingReason {
    /// Nothing has looked at it yet.
    NotYetConsidered,
    /// A person paused it.
    TaskPaused,
    /// No robot that may run it is connected.
    NoRobotOnline,
    /// No connected robot that may run it has a seat of a license that is valid.
    License,
    /// Every connected robot that may run it was stopped by a person.
    RobotsStopped,
    /// Every connected robot that may run it is paused, or some are and the others are stopped.
    RobotsPaused,
    /// Every robot that could run it is in a maintenance window.
    MaintenanceWindow,
    /// Every robot that could run it turns tasks down, and says why.
    RobotDeclines,
    /// Every robot that could run it is busy.
    RobotsBusy,
    /// Tasks of a higher priority, or older ones, go first.
    Priority,
}

impl WaitingReason {
    /// The word that is stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotYetConsidered => "notYetConsidered",
            Self::TaskPaused => "taskPaused",
            Self::NoRobotOnline => "noRobotOnline",
            Self::License => "license",
            Self::RobotsStopped => "robotsStopped",
            Self::RobotsPaused => "robotsPaused",
            Self::MaintenanceWindow => "maintenanceWindow",
            Self::RobotDeclines => "robotDeclines",
            Self::RobotsBusy => "robotsBusy",
            Self::Priority => "priority",
        }
    }
}
