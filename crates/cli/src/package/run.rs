//! `baigong package run DIR|ZIP`: the runner of the robot, with the terminal as its platform.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::Context as _;
use baigong_flow::{Pause, StepEvent, StepState};
use baigong_model::{LogLevel, Parameter, Random, SystemClock, SystemRandom};
use baigong_package::{Limits, PackageInfo, ParameterType, open, unpack};
use baigong_robot::runner::{
    self, Environments, Extras, Keep, LocalHost, RunLimits, RunOutcome, RunRequest, Stop, StopReason, full_environment,
    list_artifacts,
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
    let artifacts = &arguments.artifacts;
    std::fs::create_dir_all(artifacts).with_context(|| format!("making {}", artifacts.display()))?;
    let before = Results::in_folder(artifacts)?;
    before.warn(artifacts);
    let host = host(&arguments, &artifacts.canonicalize()?)?;
    let request = request(&arguments, info, &work, (Arc::clone(&host), &stop))?;
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
    host.flush().context("writing the data queues")?;
    show_artifacts(&arguments.artifacts, &before)?;
    Ok(show(&outcome))
}

/// The terminal as the run's platform, with its results in `artifacts`.
fn host(arguments: &RunArguments, artifacts: &Path) -> anyhow::Result<Arc<LocalHost>> {
    let least = arguments.log_level;
    let on_line = move |level, line: &str| {
        if level >= least {
            show_line(level, line);
        }
    };
    let host = LocalHost::new(artifacts, arguments.assets.as_deref(), on_line, show_step);
    let mut host = host.context("reading the assets")?;
    if let Some(file) = &arguments.credentials {
        host = host.with_credentials(file).context("reading the credentials")?;
    }
    Ok(Arc::new(host))
}

fn request(
    arguments: &RunArguments,
    info: PackageInfo,
    work: &TempDir,
    (host, stop): (Arc<LocalHost>, &Stop),
) -> anyhow::Result<RunRequest> {
    let folder = if arguments.package.is_dir() {
        arguments.package.canonicalize()?
    } else {
        let folder = work.path().join("package");
        unpack(&mut open(&arguments.package, &Limits::default())?, &folder)?;
        folder
    };
    let bare = bare_request(folder, info, work, (host, stop))?;
    Ok(RunRequest {
        in_parameters: with_whole_paths(&arguments.parameters, &bare.info, &std::env::current_dir()?),
        task_name: arguments.task.clone(),
        artifacts_folder: arguments.artifacts.canonicalize()?,
        max_run_time: arguments.max_run_time.map(Duration::from_secs),
        environments: environments(arguments.environments.as_deref())?,
        extras: extras(arguments)?,
        ..bare
    })
}

/// A run of the package in `folder` with nothing given, its papers in `work`.
pub(super) fn bare_request(
    folder: PathBuf,
    info: PackageInfo,
    work: &TempDir,
    (host, stop): (Arc<LocalHost>, &Stop),
) -> anyhow::Result<RunRequest> {
    Ok(RunRequest {
        folder,
        in_parameters: Vec::new(),
        info,
        task_name: None,
        task_id: 0,
        run_id: run_id(&SystemRandom),
        process_id: 0,
        artifacts_folder: work.path().join("artifacts"),
        work_folder: work.path().join("run"),
        max_run_time: None,
        environment: full_environment(runner::readable_environment()),
        host,
        actions: baigong_actions::table(),
        clock: Arc::new(SystemClock),
        stop: stop.clone(),
        pause: Pause::new(),
        confinement: baigong_robot::limits::Confinement::default(),
        limits: RunLimits::default(),
        environments: environments(None)?,
        extras: Extras::default(),
    })
}

/// The environments of this user's packages, shared by all runs.
fn environments_folder(chosen: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(folder) = chosen {
        return Ok(folder.to_owned());
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let cache = cache.or_else(|| Some(std::env::home_dir()?.join(".cache")));
    Ok(cache.context("finding this user's cache folder: name one with --environments")?.join("baigong/environments"))
}

fn environments(chosen: Option<&Path>) -> anyhow::Result<Environments> {
    let folder = environments_folder(chosen)?;
    Ok(Environments::new(folder, Keep::default(), runner::readable_environment()))
}

fn extras(arguments: &RunArguments) -> anyhow::Result<Extras> {
    let variables = match &arguments.variables {
        Some(file) => variables_in(file).with_context(|| format!("reading {}", file.display()))?,
        None => Vec::new(),
    };
    let work_items = arguments.work_items.as_ref().map(|file| file.canonicalize());
    let work_items = work_items.transpose().context("finding the file of work items")?;
    Ok(Extras { variables, work_items, screen: Vec::new(), dev_tasks: arguments.dev })
}

/// A flat JSON object of texts; numbers and truth values are taken as they are written.
fn variables_in(file: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let read: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&std::fs::read(file)?)?;
    let texts = read.into_iter().map(|(name, value)| match value {
        serde_json::Value::String(text) => (name, text),
        other => (name, other.to_string()),
    });
    Ok(texts.collect())
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

pub(super) fn show_line(level: LogLevel, line: &str) {
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

/// What lies in the folder of results: each file with its size and when it was written.
struct Results(BTreeMap<String, (u64, Option<SystemTime>)>);

impl Results {
    fn in_folder(folder: &Path) -> anyhow::Result<Self> {
        let found = list_artifacts(folder).context("listing the results")?;
        let stamped = found.into_iter().map(|artifact| {
            let written = folder.join(&artifact.name).metadata().and_then(|data| data.modified());
            (artifact.name, (artifact.size, written.ok()))
        });
        Ok(Self(stamped.collect()))
    }

    /// Those of earlier runs may be read instead of files of the package. Data queues go on from run to run.
    fn warn(&self, folder: &Path) {
        let others = self.0.keys().filter(|name| !name.starts_with("queues/")).count();
        if others > 0 {
            let text =
                format!("{} holds {others} of earlier runs, which go before files of the package", folder.display());
            output::line(&painted(Colour::Grey, &text));
        }
    }

    /// What is not as it was `before`.
    fn new_since(self, before: &Self) -> impl Iterator<Item = (String, u64)> {
        let is_new = |(name, stamp): &(String, _)| before.0.get(name) != Some(stamp);
        self.0.into_iter().filter(is_new).map(|(name, (size, _))| (name, size))
    }
}

fn show_artifacts(folder: &Path, before: &Results) -> anyhow::Result<()> {
    for (name, size) in Results::in_folder(folder)?.new_since(before) {
        output::line(&format!("  {} ({size} bytes)", folder.join(&name).display()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_run_left_is_no_result_of_this_one() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("stale.txt", "old");
        write("again.txt", "old");
        let before = Results::in_folder(folder.path()).unwrap();
        write("again.txt", "newer");
        write("new.txt", "n");
        let shown: Vec<_> = Results::in_folder(folder.path()).unwrap().new_since(&before).collect();
        assert_eq!(shown, [("again.txt".to_owned(), 5), ("new.txt".to_owned(), 1)]);
    }
}
