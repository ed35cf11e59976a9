//! `baigong package run DIR|ZIP`: the runner of the robot, with the terminal as its platform.

use std::{path::Path, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use baigong_flow::{Pause, StepEvent, StepState};
use baigong_model::{LogLevel, Parameter, Random, SystemClock, SystemRandom};
use baigong_package::{Limits, PackageInfo, ParameterType, open, unpack};
use baigong_robot::runner::{
    self, LocalHost, RunLimits, RunOutcome, RunRequest, Stop, StopReason, full_environment, list_artifacts,
};
use tempfile::TempDir;

use super::{RunArguments, checked, described};
use crate::{
    output::{self, Colour, painted},
    signals,
};

pub(crate) async fn run(arguments: RunArguments) -> anyhow::Result<ExitCode> {
    let interrupted = signals::listen()?;
    let Some(info) = checked(&arguments.package)? else { return Ok(ExitCode::FAILURE) };
    output::line(&format!("{} {}", painted(Colour::Grey, "running"), described(&info)));
    let work = tempfile::tempdir().context("making a folder for the run")?;
    let stop = Stop::new();
    let request = request(&arguments, info, &work, &stop)?;
    let running = runner::run(request);
    tokio::pin!(running);
    let outcome = tokio::select! {
        outcome = &mut running => outcome,
        _ = interrupted => {
            output::complain("stopping the run; once more to leave it");
            stop.request(StopReason::Cancelled);
            running.await
        }
    };
    show_artifacts(&arguments.artifacts)?;
    Ok(show(&outcome))
}

fn request(arguments: &RunArguments, info: PackageInfo, work: &TempDir, stop: &Stop) -> anyhow::Result<RunRequest> {
    let folder = if arguments.package.is_dir() {
        arguments.package.canonicalize()?
    } else {
        let folder = work.path().join("package");
        unpack(&mut open(&arguments.package, &Limits::default())?, &folder)?;
        folder
    };
    let artifacts = &arguments.artifacts;
    std::fs::create_dir_all(artifacts).with_context(|| format!("making {}", artifacts.display()))?;
    let artifacts_folder = artifacts.canonicalize()?;
    let least = arguments.log_level;
    let on_line = move |level, line: &str| {
        if level >= least {
            show_line(level, line);
        }
    };
    let host = LocalHost::new(&artifacts_folder, arguments.assets.as_deref(), on_line, show_step);
    let mut host = host.context("reading the assets")?;
    if let Some(file) = &arguments.credentials {
        host = host.with_credentials(file).context("reading the credentials")?;
    }
    let variables = std::env::vars_os();
    let variables = variables.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Ok(RunRequest {
        folder,
        in_parameters: with_whole_paths(&arguments.parameters, &info, &std::env::current_dir()?),
        info,
        task_name: arguments.task.clone(),
        task_id: 0,
        run_id: run_id(&SystemRandom),
        process_id: 0,
        artifacts_folder,
        work_folder: work.path().join("run"),
        max_run_time: arguments.max_run_time.map(Duration::from_secs),
        environment: full_environment(variables),
        host: Arc::new(host),
        actions: baigong_actions::table(),
        clock: Arc::new(SystemClock),
        stop: stop.clone(),
        pause: Pause::new(),
        limits: RunLimits::default(),
    })
}

fn run_id(random: &dyn Random) -> String {
    let mut id = [0; 16];
    random.fill(&mut id);
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file named on the command line is looked for where the person stands, as a shell would; one that is not there is left
/// for the package to find among its own.
pub(super) fn with_whole_paths(parameters: &[Parameter], info: &PackageInfo, here: &Path) -> Vec<Parameter> {
    let is_file = |name: &str| {
        info.in_parameters.iter().any(|declared| declared.name == name && declared.kind == ParameterType::File)
    };
    let whole = |given: &Parameter| {
        let path = here.join(&given.value).canonicalize().ok()?;
        let text = path.to_str().filter(|_| is_file(&given.name) && path.is_file())?;
        Some(Parameter::new(&given.name, text))
    };
    parameters.iter().map(|given| whole(given).unwrap_or_else(|| given.clone())).collect()
}

fn show_line(level: LogLevel, line: &str) {
    let line = match level {
        LogLevel::Error => painted(Colour::Red, line),
        LogLevel::Trace | LogLevel::Debug => painted(Colour::Grey, line),
        LogLevel::Info | LogLevel::Warn => line.to_owned(),
    };
    output::line(&format!("  {} {line}", painted(Colour::Grey, &format!("{level:<5}"))));
}

/// The steps of the flow itself, as they begin; those of its loops and sub-flows would be too many to read.
fn show_step(event: &StepEvent) {
    const DEEPEST: usize = 1;
    if event.state == StepState::Started && event.path.matches('›').count() <= DEEPEST {
        output::line(&format!("{} {}", painted(Colour::Bold, "▸"), event.title));
    }
}

fn show_artifacts(folder: &Path) -> anyhow::Result<()> {
    for artifact in list_artifacts(folder).context("listing the results")? {
        output::line(&format!("  {} ({} bytes)", folder.join(&artifact.name).display(), artifact.size));
    }
    Ok(())
}

fn show(outcome: &RunOutcome) -> ExitCode {
    match outcome {
        RunOutcome::Succeeded { out } => {
            for parameter in out {
                output::line(&format!("  {} = {}", parameter.name, parameter.value));
            }
            output::line(&painted(Colour::Green, "✓ succeeded"));
            ExitCode::SUCCESS
        }
        // The reason was told as the last line of the log.
        RunOutcome::Failed { .. } => {
            output::line(&painted(Colour::Red, "✗ failed"));
            ExitCode::FAILURE
        }
        RunOutcome::RunExpired => {
            output::line(&painted(Colour::Red, "✗ stopped: it ran longer than it may"));
            ExitCode::FAILURE
        }
        RunOutcome::Cancelled => {
            output::line(&painted(Colour::Red, "✗ cancelled"));
            ExitCode::from(signals::INTERRUPTED)
        }
    }
}
