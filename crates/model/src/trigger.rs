//! The words of triggers: what makes one fire, what happens to instants that were missed or come while a run is under
//! way, and what came of each.

use std::{fmt, str::FromStr};

macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word that is stored and sent.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or(())
            }
        }
    };
}

words! {
    /// What happens to instants that nobody was there to fire: the platform was down, or the clock jumped.
    MisfirePolicy {
        /// The last of them fires, once.
        FireOnce = "fire-once",
        /// None of them fires.
        Skip = "skip",
        /// All of them fire, the last hundred at most.
        All = "all",
    }
}

words! {
    /// What happens to an instant that comes while tasks of an earlier one have not ended.
    OverlapPolicy {
        /// It is skipped.
        Skip = "skip",
        /// Its tasks are made when the earlier ones have ended.
        Queue = "queue",
        /// Its tasks are made at once.
        Parallel = "parallel",
    }
}

words! {
    /// What came of an instant.
    FiringOutcome {
        /// Tasks were made.
        Fired = "fired",
        /// Tasks will be made when earlier ones have ended.
        Queued = "queued",
        /// Nothing was done; the reason says why.
        Skipped = "skipped",
    }
}

words! {
    /// Why an instant of a trigger did not fire, or not in its time.
    SkipReason {
        /// The calendar does not work on that day.
        CalendarDayOff = "calendarDayOff",
        /// The calendar does not know that year.
        CalendarYearUnknown = "calendarYearUnknown",
        /// The calendar is deleted.
        CalendarDeleted = "calendarDeleted",
        /// Tasks of an earlier instant had not ended.
        Overlap = "overlap",
        /// Nobody was there to fire it in time.
        Misfire = "misfire",
        /// The trigger was deactivated.
        Deactivated = "deactivated",
        /// The trigger was given another schedule.
        Rescheduled = "rescheduled",
        /// The trigger was deleted.
        TriggerDeleted = "triggerDeleted",
        /// The process is deleted.
        ProcessDeleted = "processDeleted",
        /// The process has no activated package version.
        NoActivatedPackage = "noActivatedPackage",
        /// The department is deleted.
        DepartmentDeleted = "departmentDeleted",
        /// The group of robots is deleted.
        RobotGroupDeleted = "robotGroupDeleted",
        /// The data queue it waits for is deleted.
        QueueDeleted = "queueDeleted",
        /// No robot is left of those it runs on.
        NoRobots = "noRobots",
        /// The parameters do not suit the package that is activated now.
        InvalidParameters = "invalidParameters",
    }
}

/// What makes a trigger fire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TriggerType {
    /// The time.
    Time,
    /// Items that are ready in a data queue.
    Queue,
}

impl TriggerType {
    /// The number that is stored and sent.
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            Self::Time => 0,
            Self::Queue => 1,
        }
    }

    /// The type with this number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        [Self::Time, Self::Queue].into_iter().find(|kind| i64::from(kind.number()) == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back() {
        assert!(SkipReason::ALL.iter().all(|word| word.as_str().parse() == Ok(*word)));
        assert!(MisfirePolicy::ALL.iter().all(|word| word.as_str().parse() == Ok(*word)));
        assert!(OverlapPolicy::ALL.iter().all(|word| word.as_str().parse() == Ok(*word)));
        assert!(FiringOutcome::ALL.iter().all(|word| word.as_str().parse() == Ok(*word)));
        assert_eq!([0, 1, 2].map(TriggerType::from_number), [Some(TriggerType::Time), Some(TriggerType::Queue), None]);
    }
}
