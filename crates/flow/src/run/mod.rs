//! Runs a flow: parameters in, steps one after the other, parameters out. Knows no action; calls those of the table.

mod call;
mod control;
mod frame;
mod parameters;
mod steps;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::test_actions;

use std::{fmt, path::PathBuf, sync::Arc, sync::atomic::AtomicU64, time::Duration};

use baigong_model::{Clock, Parameter};
use tokio_util::sync::CancellationToken;

use crate::{
    action::ActionTable, built_in::RunIdentity, document::FlowSet, host::Host, pause::Pause, problem::Place,
    value::Value,
};
use frame::{Cleanup, Frame, Stop};

/// What a run is given.
#[derive(Clone)]
pub struct RunOptions {
    /// Logs, queues, assets; hears of every step.
    pub host: Arc<dyn Host>,
    /// The in-parameters, as the texts a task carries.
    pub inputs: Vec<Parameter>,
    /// The folder of the package.
    pub package_folder: PathBuf,
    /// The run's own folder for results.
    pub artifacts_folder: PathBuf,
    /// Which run it is.
    pub identity: RunIdentity,
    /// The variables of processes that actions start; see [`ActionContext`](crate::ActionContext).
    pub environment: Arc<[(String, String)]>,
    /// Fires when the run is to be cancelled.
    pub cancel: CancellationToken,
    /// Lets the run stand still between two steps, and inside waits.
    pub pause: Pause,
    /// The run's clock.
    pub clock: Arc<dyn Clock>,
    /// Bounds.
    pub limits: RunLimits,
}

/// Bounds of a run.
#[derive(Debug, Clone, Copy)]
pub struct RunLimits {
    /// How long an action may take to stop after a cancellation, before it is dropped.
    pub grace: Duration,
    /// How long all `finally` steps together may take after a cancellation.
    pub cleanup: Duration,
    /// How deep sub-flows may run each other.
    pub deepest_sub_flow: usize,
    /// How many steps a run may take, rounds of loops included.
    pub most_steps: u64,
}

impl Default for RunLimits {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(2),
            cleanup: Duration::from_secs(5),
            deepest_sub_flow: 32,
            most_steps: 50_000_000,
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Well.
    Succeeded {
        /// The out-parameters, as texts.
        outputs: Vec<Parameter>,
    },
    /// With an error that nothing caught.
    Failed(FlowError),
    /// By cancellation.
    Cancelled,
}

/// Why a run failed, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowError {
    /// The step's place in its document.
    pub place: Place,
    /// The id of the step; `None` when the run failed before its first or after its last.
    pub step: Option<String>,
    /// The way to it: "main.flow.yaml › forEach eachRow [12] › writeRow".
    pub path: String,
    /// A short code that `catch` and `retry` match.
    pub code: String,
    /// What happened and what to do.
    pub message: String,
}

impl fmt::Display for FlowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.place)?;
        if let Some(step) = &self.step {
            write!(f, ", step \"{step}\"")?;
        }
        if self.path != self.place.file && !self.path.is_empty() {
            write!(f, " ({})", self.path)?;
        }
        write!(f, ": {} [{}]", self.message, self.code)
    }
}

impl std::error::Error for FlowError {}

/// What all parts of a run share.
struct Run {
    set: FlowSet,
    actions: ActionTable,
    options: RunOptions,
    /// The variable `run`.
    built_in: Value,
    /// Steps taken so far.
    taken: AtomicU64,
}

/// Runs the entry of `set`. The set should have passed [`validate`](crate::validate) with the same table; what has not
/// is found when its step is reached.
pub async fn run(set: &FlowSet, actions: &ActionTable, options: RunOptions) -> Outcome {
    let cancel = options.cancel.clone();
    let (set, actions, built_in) = (set.clone(), actions.clone(), options.identity.value());
    let run = Arc::new(Run { set, actions, options, built_in, taken: AtomicU64::new(0) });
    let Some(flow) = run.set.flow(&run.set.entry().file).cloned() else { return Outcome::Cancelled };
    let inputs = match parameters::from_texts(&flow, &run.options.inputs) {
        Ok(inputs) => inputs,
        Err(error) => return Outcome::Failed(*error),
    };
    let cleanup = Arc::new(Cleanup::new(cancel.clone(), run.options.limits.cleanup));
    let path = flow.file.clone();
    match Frame::new(run, flow, path, cancel, cleanup).run_flow(inputs).await {
        Ok(outputs) => Outcome::Succeeded { outputs: parameters::to_texts(outputs) },
        Err(Stop::Failed(error)) => Outcome::Failed(*error),
        Err(Stop::Cancelled) => Outcome::Cancelled,
    }
}
