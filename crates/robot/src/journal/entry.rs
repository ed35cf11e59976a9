//! What the journal says happened to a task, in the order in which it happens.

use baigong_protocol::{Assign, Report, TaskRef};
use serde::{Deserialize, Serialize};

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "camelCase")]
pub(crate) enum Entry {
    /// The robot took the task on; it has not been allowed to start.
    Accepted {
        /// The task.
        assign: Assign,
    },
    /// The platform granted the start; the process starts after this entry is on disk.
    Started {
        /// The task.
        task: TaskRef,
        /// How to find its processes later.
        run: RunMark,
    },
    /// The process ended, or was found to be gone. What is reported until the platform acknowledges it.
    Finished {
        /// The report.
        report: Report,
    },
    /// Nothing is left to do: acknowledged, refused, or taken away.
    Ended {
        /// The task.
        task: TaskRef,
    },
}

/// How the processes of a run are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunMark {
    /// A random text that every process of the run carries in its environment.
    pub(crate) token: String,
    /// The boot of the machine it ran in; empty when the system does not tell.
    pub(crate) boot: String,
}
