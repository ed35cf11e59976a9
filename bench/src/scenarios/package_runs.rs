//! What the robot adds to a run: a command that does nothing beside the same started bare, and Robot Framework and
//! robocorp.tasks run as packages beside the same started by hand, with the same Python environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result, ensure};
use baigong_flow::Pause;
use baigong_model::SystemClock;
use baigong_package::{Limits, check};
use baigong_robot::runner::{
    Environments, Extras, Keep, LocalHost, RunLimits, RunOutcome, RunRequest, Stop, clean_environment,
    readable_environment, run as run_package,
};
use tempfile::TempDir;
use tokio::process::Command;

use crate::figure::{Figure, Unit};
use crate::options::Options;
use crate::stage::Engine;
use crate::{stats, time};

const COMMANDS: usize = 200;
const PACKAGES: usize = 10;

const SUITE: &[(&str, &str)] = &[
    ("requirements.txt", "robotframework==7.5\n"),
    ("tasks.robot", "*** Tasks ***\nCount\n    ${sum}=    Evaluate    100 + 250\n    Log    the sum is ${sum}\n"),
];
const TASKS: &[(&str, &str)] = &[
    ("baigong.yaml", "kind: python\n"),
    ("requirements.txt", "robocorp==3.1.6\n"),
    ("tasks.py", "from robocorp.tasks import task\n\n\n@task\ndef count():\n    print(100 + 250)\n"),
];
const ROBOT: [&str; 8] = ["-m", "robot", "--report", "NONE", "--logtitle", "Task log", "--outputdir", "output"];

pub(super) async fn run(options: &Options, engine: Engine) -> Result<Vec<Figure>> {
    let place = Place::new()?;
    let beyond = "no-op command as a package, beyond bare fork/exec, p50";
    let mut command = Figure::new(beyond, engine, Unit::Milliseconds).at_most(15.0, 15.0);
    let mut suite = Figure::new("Robot Framework suite as a package", engine, Unit::Seconds);
    let mut tasks = Figure::new("robocorp.tasks as a package", engine, Unit::Seconds);
    let no_op = place.package("no-op", &[("baigong.yaml", "kind: command\ncommand: [\"true\"]\n")])?;
    let (suite_package, tasks_package) = (place.package("suite", SUITE)?, place.package("tasks", TASKS)?);
    let (suite_python, tasks_python) = (place.python(SUITE).await?, place.python(TASKS).await?);
    for _ in 0..options.runs() {
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..options.part_of(COMMANDS) {
            ours.push(place.timed(&no_op).await?);
            bare.push(by_hand(Path::new("true"), &[], &no_op).await?);
        }
        let (ours, bare) = (stats::percentile(&mut ours, 0.5), stats::percentile(&mut bare, 0.5));
        command.add(stats::milliseconds(ours.saturating_sub(bare)));
        command.beside("bare fork/exec", stats::milliseconds(bare));
        let robocorp: &[&str] = &["-m", "robocorp.tasks", "run", "tasks.py"];
        let robot: Vec<&str> = ROBOT.into_iter().chain(["."]).collect();
        for (figure, package, python, words) in [
            (&mut suite, &suite_package, &suite_python, robot.as_slice()),
            (&mut tasks, &tasks_package, &tasks_python, robocorp),
        ] {
            let (mut ours, mut bare) = (Vec::new(), Vec::new());
            for _ in 0..options.part_of(PACKAGES) {
                ours.push(place.timed(package).await?);
                bare.push(by_hand(python, words, package).await?);
            }
            figure.add(stats::percentile(&mut ours, 0.5) as f64 / 1e6);
            figure.beside("started by hand", stats::percentile(&mut bare, 0.5) as f64 / 1e6);
        }
    }
    Ok(vec![command, suite, tasks])
}

/// How long a program runs, in microseconds.
async fn by_hand(program: &Path, words: &[&str], folder: &Path) -> Result<u64> {
    let begun = time::now();
    let mut command = Command::new(program);
    command.args(words).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().await?;
    let micros = time::micros_since(begun);
    ensure!(status.success(), "{} {} ended with {status}", program.display(), words.join(" "));
    Ok(micros)
}

/// Where packages lie and run.
struct Place {
    folder: TempDir,
    environments: Environments,
}

impl Place {
    fn new() -> Result<Self> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
        let environments = Environments::new(target.join("test-environments"), Keep::default(), readable_environment());
        Ok(Self { folder: tempfile::tempdir()?, environments })
    }

    fn package(&self, name: &str, files: &[(&str, &str)]) -> Result<PathBuf> {
        let folder = self.folder.path().join(name);
        fs::create_dir_all(&folder)?;
        for (file, content) in files {
            fs::write(folder.join(file), content)?;
        }
        Ok(folder)
    }

    /// The Python of the environment that `files` ask for; it is built when it is not there.
    async fn python(&self, files: &[(&str, &str)]) -> Result<PathBuf> {
        let requirements = files.iter().find(|(name, _)| *name == "requirements.txt").map_or("", |(_, text)| text);
        let asks = "kind: python\ncommand: [python, -c, 'import sys; print(sys.executable)']\n";
        let package = self.package("asking", &[("baigong.yaml", asks), ("requirements.txt", requirements)])?;
        let said = self.run(&package).await?;
        let path = said.into_iter().find(|line| line.ends_with("/bin/python")).context("the environment's Python")?;
        Ok(PathBuf::from(path))
    }

    /// How long the package runs, in microseconds.
    async fn timed(&self, package: &Path) -> Result<u64> {
        let begun = time::now();
        self.run(package).await?;
        Ok(time::micros_since(begun))
    }

    async fn run(&self, package: &Path) -> Result<Vec<String>> {
        let work = tempfile::tempdir_in(self.folder.path())?;
        let said: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = Arc::clone(&said);
        let listen = move |_, line: &str| {
            if let Ok(mut said) = heard.lock() {
                said.push(line.to_owned());
            }
        };
        let request = RunRequest {
            folder: package.to_owned(),
            info: check(package, &baigong_actions::table(), &Limits::default())?,
            task_name: None,
            task_id: 1,
            run_id: work.path().display().to_string(),
            process_id: 1,
            in_parameters: Vec::new(),
            artifacts_folder: work.path().join("artifacts"),
            work_folder: work.path().join("work"),
            max_run_time: None,
            environment: clean_environment(readable_environment()),
            host: Arc::new(LocalHost::new(work.path(), None, listen, |_| {})?),
            actions: baigong_actions::table(),
            clock: Arc::new(SystemClock),
            stop: Stop::new(),
            pause: Pause::new(),
            confinement: baigong_robot::limits::Confinement::default(),
            limits: RunLimits::default(),
            environments: self.environments.clone(),
            extras: Extras::default(),
        };
        let outcome = run_package(request).await;
        ensure!(matches!(outcome, RunOutcome::Succeeded { .. }), "{}: {outcome:?}", package.display());
        Ok(said.lock().map(|said| said.clone()).unwrap_or_default())
    }
}
