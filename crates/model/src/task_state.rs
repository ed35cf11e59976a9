//! The states of a task and the legal steps between them (design, 5.2), as one table. Nothing else decides whether a
//! step is legal; each dialect maps the states to its own vocabulary.

use std::{fmt, str::FromStr};

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskState {
    /// Waits for a robot.
    Queued,
    /// Given to a robot that has not been allowed to start yet; may still be given to another.
    Assigned,
    /// The robot was allowed to start the process.
    Running,
    /// Held by a person, with or without a robot.
    Paused,
    /// Asked to stop; the robot still holds it.
    Stopping,
    /// Ended well.
    Succeeded,
    /// Ended with an error.
    Failed,
    /// Ended by a person.
    Cancelled,
    /// Waited longer than its maximum waiting time.
    WaitExpired,
    /// Ran longer than its maximum run time.
    RunExpired,
    /// Its robot vanished after the start: a person decides.
    Lost,
}

/// What happens to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskStep {
    /// The dispatcher gives it to a robot.
    Assign,
    /// The robot turned it down or vanished before the start.
    Return,
    /// The robot is allowed to start.
    Start,
    /// A person holds it.
    Pause,
    /// A person lets it go on on the robot that holds it.
    Resume,
    /// A person lets it wait for a robot again.
    Release,
    /// A person, or the maximum run time, asks a started task to stop.
    RequestStop,
    /// The robot reports success.
    Succeed,
    /// The robot reports a failure.
    Fail,
    /// It ends by a person's wish.
    Cancel,
    /// It waited too long.
    ExpireWaiting,
    /// It ran too long.
    ExpireRunning,
    /// Its robot vanished after the start.
    Lose,
    /// Its robot vanished after the start and its process may safely run again.
    RunAgain,
    /// The run reported a failure and the process asks for another try.
    Retry,
}

use TaskState::{
    Assigned, Cancelled, Failed, Lost, Paused, Queued, RunExpired, Running, Stopping, Succeeded, WaitExpired,
};
use TaskStep::{
    Assign, Cancel, ExpireRunning, ExpireWaiting, Fail, Lose, Pause, Release, RequestStop, Resume, Retry, Return,
    RunAgain, Start, Succeed,
};

/// Every legal step. A late report of a robot that was thought lost is recorded in the audit, and changes nothing.
///
/// A paused task has a robot if it was paused while it ran, and none if it was paused while it waited: then it leaves the
/// state by `Release` or `Cancel` only. See [`TaskState::leads`].
pub const LEGAL_STEPS: &[(TaskState, TaskStep, TaskState)] = &[
    (Queued, Assign, Assigned),
    (Queued, Cancel, Cancelled),
    (Queued, ExpireWaiting, WaitExpired),
    (Queued, Pause, Paused),
    (Assigned, Pause, Paused),
    (Assigned, Return, Queued),
    (Assigned, Start, Running),
    (Assigned, Cancel, Cancelled),
    (Assigned, ExpireWaiting, WaitExpired),
    (Running, Pause, Paused),
    (Running, RequestStop, Stopping),
    (Running, Succeed, Succeeded),
    (Running, Fail, Failed),
    (Running, Cancel, Cancelled),
    (Running, ExpireRunning, RunExpired),
    (Running, Lose, Lost),
    (Running, RunAgain, Queued),
    (Running, Retry, Queued),
    (Paused, Release, Queued),
    (Paused, Resume, Running),
    (Paused, RequestStop, Stopping),
    (Paused, Succeed, Succeeded),
    (Paused, Fail, Failed),
    (Paused, Cancel, Cancelled),
    (Paused, ExpireRunning, RunExpired),
    (Paused, Lose, Lost),
    (Paused, RunAgain, Paused),
    (Paused, Retry, Paused),
    (Stopping, Succeed, Succeeded),
    (Stopping, Fail, Failed),
    (Stopping, Cancel, Cancelled),
    (Stopping, ExpireRunning, RunExpired),
    (Stopping, Lose, Lost),
];

impl TaskState {
    /// All states.
    pub const ALL: [Self; 11] =
        [Queued, Assigned, Running, Paused, Stopping, Succeeded, Failed, Cancelled, WaitExpired, RunExpired, Lost];
    /// The states in which a robot holds the task; a paused task may have none.
    pub const HELD: [Self; 4] = [Assigned, Running, Paused, Stopping];

    /// Where `step` leads from here; `None` when it is not legal.
    #[must_use]
    pub fn after(self, step: TaskStep) -> Option<Self> {
        LEGAL_STEPS.iter().find(|(from, by, _)| *from == self && *by == step).map(|(_, _, to)| *to)
    }

    /// Where `step` leads a task that is held by a robot or not, and whether a robot holds it afterwards; `None` when the
    /// step is not legal.
    #[must_use]
    pub fn leads(self, is_held: bool, step: TaskStep) -> Option<(Self, bool)> {
        let fits = self != Paused || is_held || matches!(step, Release | Cancel);
        let goes_on = !(self == Paused && is_held && step == Release);
        let next = self.after(step).filter(|_| fits && goes_on)?;
        let keeps = match step {
            Assign => true,
            Return | RunAgain | Retry | Release => false,
            Pause => self == Running,
            _ => is_held,
        };
        Some((next, keeps))
    }

    /// The states from which `step` is legal, in the order of the table.
    pub fn sources(step: TaskStep) -> impl Iterator<Item = Self> {
        LEGAL_STEPS.iter().filter(move |(_, by, _)| *by == step).map(|(from, _, _)| *from)
    }

    /// Whether nothing can happen to it any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        !LEGAL_STEPS.iter().any(|(from, _, _)| *from == self)
    }

    /// The word that is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Queued => "queued",
            Assigned => "assigned",
            Running => "running",
            Paused => "paused",
            Stopping => "stopping",
            Succeeded => "succeeded",
            Failed => "failed",
            Cancelled => "cancelled",
            WaitExpired => "wait-expired",
            RunExpired => "run-expired",
            Lost => "lost",
        }
    }
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for TaskState {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests;
