//! What the robot adds to a run: a command that does nothing beside the same started bare, and Robot Framework and
//! robocorp.tasks run as packages beside the same started by hand, with the same Python environment.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Result, ensure};
use tokio::process::Command;

use crate::figure::{Figure, Unit};
use crate::options::Options;
use crate::place::Place;
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
