//! Whether a robot is in service: what people decided about it, whatever its connection does.

use std::{fmt, str::FromStr};

/// What a person decided about a robot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ServiceState {
    /// It takes tasks.
    #[default]
    Started,
    /// It takes none, and its running tasks are paused.
    Paused,
    /// It takes none; what ran when it was stopped may end.
    Stopped,
}

impl ServiceState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Started, Self::Paused, Self::Stopped];

    /// The word that is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
        }
    }
}

impl fmt::Display for ServiceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ServiceState {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_found_by_its_word() {
        for state in ServiceState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert_eq!("resting".parse::<ServiceState>(), Err(()));
    }
}
