//! What agent and keeper say to each other, one JSON text a line.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::limits::{Cgroup, Limits, Seal};

/// The first line: what is to be kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Spec {
    /// A program to start, and everything that comes of it.
    Program(Box<Program>),
    /// The processes of a run that the agent starts itself: they carry this text as `BAIGONG_RUN`. They are ended when the
    /// agent goes without a word.
    Marked(String),
}

/// A program.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Program {
    pub(crate) command: Vec<String>,
    pub(crate) folder: PathBuf,
    /// Exactly these.
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) limits: Limits,
    /// Those that the keeper looks after itself.
    pub(crate) watched: Limits,
    pub(crate) cgroup: Option<Cgroup>,
    pub(crate) seal: Option<Seal>,
}

/// What the agent says afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Order {
    /// All are asked to end.
    End,
    /// All are killed.
    Kill,
    /// All stand still.
    Still,
    /// All go on.
    Go,
    /// The run is over, nothing is to be kept any more.
    Over,
}

/// What the keeper says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Said {
    /// The program runs under this number.
    Started(u32),
    /// It could not be started: the system's number of the error where there is one, and words.
    Failed(Option<i32>, String),
    /// The program has ended with this status as the system gives it, and nothing of it is left.
    Ended {
        /// The status.
        status: i32,
        /// How many processes had left its group.
        strays: usize,
        /// The limit it ran into.
        limit: Option<String>,
    },
}
