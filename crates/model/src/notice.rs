//! What people are told of by mail or message, how grave it is, and what has become of telling them.

use std::str::FromStr;

use crate::TaskState;

/// What happened that somebody is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeKind {
    /// A task failed.
    TaskFailed,
    /// A task ran longer than its maximum run time.
    TaskRunExpired,
    /// A task waited longer than its maximum waiting time.
    TaskWaitExpired,
    /// A task's robot vanished after the start: a person must decide.
    TaskLost,
    /// A calendar knows no days beyond some day that is near.
    CalendarEnding,
    /// A licence ends soon.
    LicenseExpiring,
    /// A trigger did not fire although it was due.
    TriggerSkipped,
    /// A robot broke off without taking its leave and did not come back.
    RobotOffline,
    /// Somebody tries out a channel.
    Test,
    /// Something that one person tells others; its text is sealed.
    Message,
}

/// How grave it is; a channel takes what is grave enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoticeLevel {
    /// Good to know.
    Info = 0,
    /// Something will go wrong if nobody acts.
    Warning = 1,
    /// Something has gone wrong.
    Error = 2,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::TaskFailed,
        Self::TaskRunExpired,
        Self::TaskWaitExpired,
        Self::TaskLost,
        Self::CalendarEnding,
        Self::LicenseExpiring,
        Self::TriggerSkipped,
        Self::RobotOffline,
        Self::Test,
        Self::Message,
    ];

    /// The kind of a task's end; none for ends that nobody is warned of.
    #[must_use]
    pub fn of_end(state: TaskState) -> Option<Self> {
        match state {
            TaskState::Failed => Some(Self::TaskFailed),
            TaskState::RunExpired => Some(Self::TaskRunExpired),
            TaskState::WaitExpired => Some(Self::TaskWaitExpired),
            TaskState::Lost => Some(Self::TaskLost),
            _ => None,
        }
    }

    /// The word that is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TaskFailed => "task-failed",
            Self::TaskRunExpired => "task-run-expired",
            Self::TaskWaitExpired => "task-wait-expired",
            Self::TaskLost => "task-lost",
            Self::CalendarEnding => "calendar-ending",
            Self::LicenseExpiring => "license-expiring",
            Self::TriggerSkipped => "trigger-skipped",
            Self::RobotOffline => "robot-offline",
            Self::Test => "test",
            Self::Message => "message",
        }
    }

    /// How grave it is.
    #[must_use]
    pub fn level(self) -> NoticeLevel {
        match self {
            Self::TaskFailed | Self::TaskRunExpired | Self::TaskWaitExpired | Self::TaskLost => NoticeLevel::Error,
            Self::CalendarEnding | Self::LicenseExpiring | Self::TriggerSkipped | Self::RobotOffline => {
                NoticeLevel::Warning
            }
            Self::Test | Self::Message => NoticeLevel::Info,
        }
    }

    /// Whether it is about a task.
    #[must_use]
    pub fn is_of_task(self) -> bool {
        matches!(self, Self::TaskFailed | Self::TaskRunExpired | Self::TaskWaitExpired | Self::TaskLost)
    }
}

impl FromStr for NoticeKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// What has become of telling somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeState {
    /// Stored with what happened; its channels are not known yet.
    New,
    /// To be sent over its channel, at its next try.
    Waiting,
    /// The other side has taken it.
    Sent,
    /// Told together with others of its kind, in one message.
    Merged,
    /// Given up after too many tries.
    Failed,
    /// No channel takes it.
    NoChannel,
}

impl NoticeState {
    /// Every state.
    pub const ALL: [Self; 6] = [Self::New, Self::Waiting, Self::Sent, Self::Merged, Self::Failed, Self::NoChannel];

    /// The word that is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Merged => "merged",
            Self::Failed => "failed",
            Self::NoChannel => "no-channel",
        }
    }
}

impl FromStr for NoticeState {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_state_is_found_by_its_word() {
        for kind in NoticeKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        for state in NoticeState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
    }

    #[test]
    fn every_end_but_success_and_cancellation_is_warned_of() {
        let silent = [TaskState::Succeeded, TaskState::Cancelled];
        for state in TaskState::ALL.iter().copied() {
            let is_warned = state.is_final() && !silent.contains(&state);
            assert_eq!(NoticeKind::of_end(state).is_some(), is_warned, "{state}");
        }
    }
}
