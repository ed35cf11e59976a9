//! A run of a flow, inside this process.

use std::{pin::Pin, sync::Arc, time::Duration};

use baigong_flow::{Flow, FlowSet, Outcome, RunIdentity, RunOptions};
use baigong_model::{LogLevel, Parameter};

use super::{Broken, RunRequest, StopReason, environment, stray};

/// The action that starts processes.
const STARTS_PROCESSES: &str = "command.run";

/// Runs the flow document `file` of the package.
pub(crate) async fn run(
    request: &RunRequest,
    file: &str,
    stopped: Pin<&mut impl Future<Output = StopReason>>,
) -> Result<Vec<Parameter>, Broken> {
    let set = load(request, file.to_owned()).await?;
    let variables = environment::of_flow(request);
    let variables = variables.map_err(|error| Broken::Failed(format!("the run cannot be prepared: {error}")))?;
    let options = RunOptions {
        host: Arc::clone(&request.host),
        inputs: request.in_parameters.clone(),
        package_folder: request.folder.clone(),
        artifacts_folder: request.artifacts_folder.clone(),
        identity: RunIdentity { task_id: request.task_id, id: request.run_id.clone() },
        environment: variables,
        cancel: request.stop.token().clone(),
        pause: request.pause.clone(),
        clock: Arc::clone(&request.clock),
        limits: limits(request.limits.grace),
    };
    let running = baigong_flow::run(&set, &request.actions, options);
    tokio::pin!(running);
    let (outcome, reason) = tokio::select! {
        biased;
        outcome = &mut running => (outcome, request.stop.reason()),
        reason = stopped => {
            // The flow has heard it too. What does not stop in time is dropped where it stands.
            let ended = tokio::time::timeout(request.limits.grace, running).await;
            (ended.unwrap_or(Outcome::Cancelled), Some(reason))
        }
    };
    if set.runs_action(STARTS_PROCESSES) {
        kill_strays(request).await;
    }
    match (outcome, reason) {
        // Done is done, even if the wish to stop came while it ended.
        (Outcome::Succeeded { outputs }, _) => Ok(outputs),
        (Outcome::Failed(error), None) => Err(Broken::Failed(error.to_string())),
        (Outcome::Failed(error), Some(reason)) => {
            request.host.log(LogLevel::Error, &error.to_string());
            Err(Broken::Stopped(reason))
        }
        (Outcome::Cancelled, reason) => Err(Broken::Stopped(reason.unwrap_or(StopReason::Cancelled))),
    }
}

/// Ends what commands left running outside their process groups.
async fn kill_strays(request: &RunRequest) {
    let mark = environment::mark(request).to_owned();
    if mark != request.run_id {
        // The mark of the run around this one, which has more processes than ours: they end with it.
        return;
    }
    let killed = tokio::task::spawn_blocking(move || stray::kill_all(environment::MARK, &mark)).await;
    if let Ok(killed @ 1..) = killed {
        let message =
            format!("processes that commands had left running in the background, ended with the run: {killed}");
        request.host.log(LogLevel::Warn, &message);
    }
}

async fn load(request: &RunRequest, file: String) -> Result<FlowSet, Broken> {
    let folder = request.folder.clone();
    let loaded = tokio::task::spawn_blocking(move || Flow::load(&folder, &file)).await;
    let loaded = loaded.map_err(|error| Broken::Failed(format!("the flow could not be loaded: {error}")))?;
    loaded.map_err(|problems| Broken::Failed(problems.to_string()))
}

/// The flow's own time to stop and to clean up fits into that of the run.
fn limits(grace: Duration) -> baigong_flow::RunLimits {
    let usual = baigong_flow::RunLimits::default();
    baigong_flow::RunLimits { grace: usual.grace.min(grace / 4), cleanup: usual.cleanup.min(grace / 2), ..usual }
}
