//! What a run is given and what comes out of it.

use std::{path::PathBuf, sync::Arc, time::Duration};

use baigong_flow::{ActionTable, Host, Pause};
use baigong_model::{Clock, Parameter, ids};
use baigong_package::PackageInfo;

use super::Stop;
use crate::{environments::Environments, limits::Confinement};

/// Everything one run needs.
#[derive(Clone)]
pub struct RunRequest {
    /// The unpacked package. A process may write into it, so two runs of one never share it.
    pub folder: PathBuf,
    /// What the check found out about the package.
    pub info: PackageInfo,
    /// Which task of a `robot.yaml`; may be left out where there is only one.
    pub task_name: Option<String>,
    /// The task's id; 0 for a run without a platform.
    pub task_id: ids::TaskId,
    /// A text that no other run has. Processes carry it as `BAIGONG_RUN`, unless `environment` says another.
    pub run_id: String,
    /// The process's id; 0 for a run without a platform.
    pub process_id: ids::ProcessId,
    /// What the run is given.
    pub in_parameters: Vec<Parameter>,
    /// Where results go; made when it is missing. Everything in it afterwards is a result.
    pub artifacts_folder: PathBuf,
    /// A folder for the run's own papers; made when it is missing, to be removed by the caller.
    pub work_folder: PathBuf,
    /// After this the run is stopped.
    pub max_run_time: Option<Duration>,
    /// The variables a process starts from: [`super::clean_environment`] on a robot. Names with `BAIGONG_` are dropped
    /// but for `BAIGONG_RUN`, the mark by which a robot finds processes again: a run within a robot's run keeps that one.
    pub environment: Vec<(String, String)>,
    /// Logs, progress, queues, assets.
    pub host: Arc<dyn Host>,
    /// The actions of flows.
    pub actions: ActionTable,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Stops the run.
    pub stop: Stop,
    /// Lets the run stand still; its maximum run time then stands still too.
    pub pause: Pause,
    /// How much of the machine it may have, and how much of it it may see.
    pub confinement: Confinement,
    /// How much the run may say, and how long it may take to stop.
    pub limits: RunLimits,
    /// The Python environments of this machine.
    pub environments: Environments,
    /// What only some runs are given.
    pub extras: Extras,
}

/// What only some runs are given; usually nothing.
#[derive(Debug, Clone, Default)]
pub struct Extras {
    /// Variables of the processes, over those of the run itself; `%{NAME}` in a value is another variable.
    pub variables: Vec<(String, String)>,
    /// A file of work items, in the form of the robocorp libraries, instead of a data queue.
    pub work_items: Option<PathBuf>,
    /// The variables by which the run's programs find their screen, and may cover it.
    pub screen: Vec<(String, String)>,
    /// Whether a `robot.yaml`'s devTasks may be run too.
    pub dev_tasks: bool,
}

/// Bounds of one run.
#[derive(Debug, Clone)]
pub struct RunLimits {
    /// How long a process may take to end after it was asked to; then it is killed.
    pub grace: Duration,
    /// A line of output is cut after so many bytes.
    pub line_length: usize,
    /// More lines within a second are left out, with a line that says how many.
    pub lines_in_a_second: u64,
    /// More lines altogether are left out, with a line that says how many.
    pub lines: u64,
    /// The same for the bytes of the lines within a second.
    pub bytes_in_a_second: u64,
    /// The same for all their bytes.
    pub bytes: u64,
    /// The largest file of out-parameters.
    pub output_size: u64,
}

impl Default for RunLimits {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(8),
            line_length: 8 * 1024,
            lines_in_a_second: 5_000,
            lines: 500_000,
            bytes_in_a_second: 2 << 20,
            bytes: 64 << 20,
            output_size: 1 << 20,
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunOutcome {
    /// Well.
    Succeeded {
        /// What it gave back.
        out: Vec<Parameter>,
    },
    /// With an error.
    Failed {
        /// What went wrong, for people.
        message: String,
    },
    /// Somebody stopped it.
    Cancelled,
    /// It ran longer than it may.
    RunExpired,
}
