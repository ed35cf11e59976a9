//! Runs one unpacked package to its end: a flow inside this process, everything else as a child in a process group of
//! its own. Knows nothing of platforms, connections, journals or caches; whoever calls it brings folder, host and stop.

mod artifacts;
mod environment;
mod flow_run;
mod gate;
mod group;
mod lines;
mod local_host;
mod parameters;
mod process_run;
pub(crate) mod program;
mod request;
mod scripts;
mod stop;
pub(crate) mod stray;
mod verdict;

pub use crate::environments::{Environments, Gathered, Keep, gather};
pub use artifacts::{Artifact, list_artifacts};
pub(crate) use environment::{MARK as RUN_VARIABLE, for_tools};
pub use environment::{clean_environment, full_environment, readable_environment};
pub(crate) use gate::Gate;
pub use local_host::LocalHost;
pub(crate) use parameters::Given;
pub use request::{Extras, RunLimits, RunOutcome, RunRequest};
pub use stop::{Stop, StopReason};

use std::{pin::pin, sync::Arc};

use baigong_flow::Host;
use baigong_model::{LogLevel, Parameter};
use baigong_package::{PackageKind, TaskForm};

#[cfg(test)]
pub(crate) mod tests;

/// Why a run ended before its end. `Failed` carries the words for the task's log and message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Something is wrong.
    Failed(String),
    /// Somebody, or the maximum run time, stopped it.
    Stopped(StopReason),
}

impl Broken {
    fn failed(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }
}

/// Runs the package of `request`. When it returns, no process of the run's group is left; see `stray.rs` for what a
/// program would have to do to escape. Dropping the future kills the group too.
pub async fn run(request: RunRequest) -> RunOutcome {
    let host = Arc::clone(&request.host);
    let outcome = match run_task(request).await {
        Ok(out) => RunOutcome::Succeeded { out: without_secrets(host.as_ref(), out) },
        Err(Broken::Failed(message)) => {
            host.look_at_end().await;
            RunOutcome::Failed { message: host.hide(&message).into_owned() }
        }
        Err(Broken::Stopped(StopReason::RunExpired)) => RunOutcome::RunExpired,
        Err(Broken::Stopped(StopReason::Cancelled)) => RunOutcome::Cancelled,
    };
    tell(host.as_ref(), &outcome);
    outcome
}

/// The out-parameters without the secrets that the run has fetched: they are stored, and shown to whoever sees the task.
fn without_secrets(host: &dyn Host, out: Vec<Parameter>) -> Vec<Parameter> {
    let hidden = out.into_iter().map(|Parameter { name, value }| {
        let shown = host.hide_in_data(&value).into_owned();
        if shown != value {
            let message = format!("the out-parameter \"{name}\" held a secret, which is left out of it");
            host.log(LogLevel::Warn, &message);
        }
        Parameter { name, value: shown }
    });
    hidden.collect()
}

fn tell(host: &dyn Host, outcome: &RunOutcome) {
    match outcome {
        RunOutcome::Succeeded { .. } => {}
        RunOutcome::Failed { message } => host.log(LogLevel::Error, message),
        RunOutcome::Cancelled => host.log(LogLevel::Warn, "the run was cancelled"),
        RunOutcome::RunExpired => {
            host.log(LogLevel::Error, "the run was stopped: it took longer than its maximum run time");
        }
    }
}

async fn run_task(request: RunRequest) -> Result<Vec<Parameter>, Broken> {
    let form = choose(&request)?;
    let prepared = artifacts::prepare(&request);
    prepared.map_err(|error| Broken::failed(format!("the folders of the run cannot be made: {error}")))?;
    let mut stopped = pin!(async {
        let reason = request.stop.clone().requested(request.max_run_time, request.pause.clone()).await;
        // Before anything of it is ended.
        request.host.look_at_end().await;
        reason
    });
    match (&request.info.kind, &form) {
        (PackageKind::Flow { flow }, _) => flow_run::run(&request, flow, stopped.as_mut()).await,
        (_, form) => process_run::run(&request, form, stopped.as_mut()).await,
    }
}

/// The task that was asked for, or the only one there is.
fn choose(request: &RunRequest) -> Result<TaskForm, Broken> {
    let mut tasks: Vec<(&str, &TaskForm)> =
        request.info.tasks.iter().map(|task| (task.name.as_str(), &task.form)).collect();
    if let (PackageKind::RobotYaml(robot), true) = (&request.info.kind, request.extras.dev_tasks) {
        tasks.extend(robot.dev_tasks.iter().map(|task| (task.name.as_str(), &task.form)));
    }
    let names = || tasks.iter().map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    match (&request.task_name, tasks.as_slice()) {
        (_, []) => Err(Broken::failed("the package has no task to run (devTasks are for developers)")),
        (Some(wanted), _) => {
            let found = tasks.iter().find(|(name, _)| name == wanted).map(|(_, form)| (*form).clone());
            found.ok_or_else(|| Broken::failed(format!("the package has no task \"{wanted}\"; it has {}", names())))
        }
        (None, [(_, form)]) => Ok((*form).clone()),
        (None, _) => Err(Broken::failed(format!("the package has several tasks, say which to run: {}", names()))),
    }
}
