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
mod request;
mod stop;
pub(crate) mod stray;

pub use artifacts::{Artifact, list_artifacts};
pub(crate) use environment::MARK as RUN_VARIABLE;
pub use environment::{clean_environment, full_environment};
pub use local_host::LocalHost;
pub use request::{RunLimits, RunOutcome, RunRequest};
pub use stop::{Stop, StopReason};

use std::{pin::pin, sync::Arc};

use baigong_flow::Host;
use baigong_model::{LogLevel, Parameter};
use baigong_package::{PackageKind, Task, TaskForm};

#[cfg(test)]
mod tests;

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
        Err(Broken::Failed(message)) => RunOutcome::Failed { message: host.hide(&message).into_owned() },
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
    let task = choose(&request)?.clone();
    let prepared = artifacts::prepare(&request);
    prepared.map_err(|error| Broken::failed(format!("the folders of the run cannot be made: {error}")))?;
    let mut stopped = pin!(request.stop.clone().requested(request.max_run_time, request.pause.clone()));
    match (&request.info.kind, &task.form) {
        (PackageKind::Flow { flow }, _) => flow_run::run(&request, flow, stopped.as_mut()).await,
        (_, TaskForm::Command(command)) => process_run::run(&request, command, stopped.as_mut()).await,
        (_, form) => Err(Broken::failed(not_yet(form))),
    }
}

/// The task that was asked for, or the only one there is.
fn choose(request: &RunRequest) -> Result<&Task, Broken> {
    let tasks = &request.info.tasks;
    let names = || tasks.iter().map(|task| format!("\"{}\"", task.name)).collect::<Vec<_>>().join(", ");
    match (&request.task_name, tasks.as_slice()) {
        (_, []) => Err(Broken::failed("the package has no task to run (devTasks are for developers)")),
        (Some(name), _) => tasks
            .iter()
            .find(|task| task.name == *name)
            .ok_or_else(|| Broken::failed(format!("the package has no task \"{name}\"; it has {}", names()))),
        (None, [task]) => Ok(task),
        (None, _) => Err(Broken::failed(format!("the package has several tasks, say which to run: {}", names()))),
    }
}

fn not_yet(form: &TaskForm) -> String {
    let what = match form {
        TaskForm::RobotTaskName(name) => format!("robotTaskName tasks (\"{name}\"); give the task a shell or command"),
        TaskForm::Suite => "Robot Framework suites; a robot.yaml with a shell or command task can start one".to_owned(),
        TaskForm::Python => "packages of kind python; kind command can start Python".to_owned(),
        TaskForm::Flow | TaskForm::Command(_) => "this form of task".to_owned(),
    };
    format!("this version does not yet run {what}")
}
