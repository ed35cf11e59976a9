//! What a robot is doing (T/TSAC 002-2025, 6.2.10.4): 0 idle, 1 running, 2 offline.

use crate::ServiceState;

/// The state of a robot, derived from its connection and its tasks. The standard has no word for a robot that a person
/// stopped: whoever looks for an idle one must not find it, so it counts as offline as soon as its last task has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RobotState {
    /// 0-空闲: connected and without a task.
    Idle,
    /// 1-运行: connected and with at least one task.
    Running,
    /// 2-离线: not connected, or stopped.
    Offline,
}

impl RobotState {
    /// The standard's number.
    #[must_use]
    pub fn number(self) -> i32 {
        self as i32
    }

    /// The state of a robot that is `online` and holds `tasks` tasks.
    #[must_use]
    pub fn of(online: bool, service: ServiceState, tasks: u64) -> Self {
        match (online, service, tasks) {
            (false, ..) | (true, ServiceState::Stopped, 0) => Self::Offline,
            (true, _, 0) => Self::Idle,
            (true, ..) => Self::Running,
        }
    }
}
