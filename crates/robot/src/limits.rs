//! How much of the machine a run may have, and how much of it it may see. The system's own means keep the limits where they
//! are there (control groups of both versions, Landlock, bubblewrap); where they are not, the keeper looks after memory
//! and processes itself. What a robot was told to keep and cannot keep is said, and refused where it is required.

mod cgroup;
mod disk;
mod means;
mod seal;

pub(crate) use cgroup::{Cgroup, enter, leave, step_out, what_was_hit};
pub(crate) use disk::{Room, watch};
pub use means::Confinement;
pub(crate) use means::Means;
pub(crate) use seal::{Seal, close, sealed_command};

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};

const MIB: u64 = 1 << 20;

/// How much one run may have; what is `None` is not limited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Memory of all its processes together, in bytes.
    pub memory: Option<u64>,
    /// Processor time, in hundredths of one processor: 150 is one and a half.
    pub cpu: Option<u64>,
    /// Processes and threads at once (processes alone where no control group counts them).
    pub processes: Option<u64>,
    /// Disk space of its folder, in bytes; no file of its may be larger.
    pub disk: Option<u64>,
}

impl Limits {
    /// Whether there is one that needs a control group or somebody who looks.
    fn need_cgroup(&self) -> bool {
        self.memory.is_some() || self.cpu.is_some() || self.processes.is_some()
    }
}

/// How far runs are shut off from the rest of the machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Isolation {
    /// As far as its user is.
    #[default]
    Off,
    /// They write only where a run may write, and see nothing of the robot's own folder but their own.
    Files,
}

/// Sets for this process, and so for what it starts, the limits that every system keeps.
pub(crate) fn apply(limits: &Limits) -> io::Result<()> {
    // A dump of memory on the disk may hold what the run has fetched.
    lower(Resource::Core, 0)?;
    limits.disk.map_or(Ok(()), |most| lower(Resource::Fsize, most))
}

fn lower(resource: Resource, most: u64) -> io::Result<()> {
    let before = getrlimit(resource);
    let most = before.maximum.map_or(most, |highest| highest.min(most));
    Ok(setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?)
}

/// What a person reads when a run needed more memory than it may have.
pub(crate) fn words_of_memory(most: u64) -> String {
    format!("the run needed more than the {} MiB of memory it may have, and was ended", most / MIB)
}

/// What a person reads when a run had more processes than it may have.
pub(crate) fn words_of_processes(most: u64) -> String {
    format!("the run had more than the {most} processes it may have, and was ended")
}
