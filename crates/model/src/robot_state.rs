//! What a robot is doing (T/TSAC 002-2025, 6.2.10.4): 0 idle, 1 running, 2 offline.

/// The state of a robot, derived from its connection and its tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RobotState {
    /// 0-空闲: connected and without a task.
    Idle,
    /// 1-运行: connected and with at least one task.
    Running,
    /// 2-离线: not connected.
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
    pub fn of(online: bool, tasks: u64) -> Self {
        match (online, tasks) {
            (false, _) => Self::Offline,
            (true, 0) => Self::Idle,
            (true, _) => Self::Running,
        }
    }
}
