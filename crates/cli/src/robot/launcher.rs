//! Which program a robot's start runs, and the trial of another one. Usually the robot is one process. While a version is on
//! trial, the one before it stands above: it starts the other, waits until it says that it is well, and otherwise ends it
//! and becomes the robot again.

use std::{
    env, fs, io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::{net::UnixStream as StdStream, process::CommandExt, process::ExitStatusExt},
    },
    path::{Path, PathBuf},
    process::{ExitCode, ExitStatus},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use baigong_robot::{
    keeper::THIS_PROGRAM,
    operations::{
        AgentVersion,
        trial::{TRIES, Trial, Verdict, program_in_force},
    },
};
use rustix::process::{Pid, Signal, getppid, kill_process, set_parent_process_death_signal};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    process::{Child, Command},
};

use crate::{signals, version::VERSION};

/// The variable that says what part a process plays.
const ROLE: &str = "BAIGONG_ROBOT_ROLE";
/// The part of a version on trial.
const ON_TRIAL: &str = "trial";
/// The part of a program that was chosen: it does not choose again.
const CHOSEN: &str = "chosen";
/// The variable with the number of the process above, with which this one ends.
pub(crate) const ABOVE: &str = "BAIGONG_ROBOT_ABOVE";
/// What a version on trial says when it is well.
const WELL: &[u8] = b"well\n";

/// What this process is to do.
pub(crate) enum Part {
    /// To be the robot.
    Robot,
    /// To be the robot, and to say when it is well.
    OnTrial(StdStream),
    /// To put this version on trial.
    Launcher(Trial),
}

/// Finds out what this process is to do for the robot in `data`; runs another program in its place where one is in force.
pub(crate) fn part(data: &Path) -> Result<Part> {
    end_with_the_one_above()?;
    match env::var(ROLE).as_deref() {
        Ok(ON_TRIAL) => {
            let socket = io::stdin().as_fd().try_clone_to_owned().context("taking over the launcher's socket")?;
            return Ok(Part::OnTrial(socket.into()));
        }
        Ok(CHOSEN) => return Ok(Part::Robot),
        _ => {}
    }
    let trial = Trial::read(data).context("reading what version is on trial")?;
    if let Some(mut open) = trial.clone().filter(|trial| trial.verdict == Verdict::Open && trial.from == VERSION) {
        if open.starts < TRIES {
            return Ok(Part::Launcher(open));
        }
        open.verdict = Verdict::Failed("it was started twice and did not say that it was well".to_owned());
        open.write(data).context("noting that a version failed")?;
    }
    if let Some(program) = program_in_force(data).filter(|program| goes_before_this_one(program, trial.as_ref())) {
        let error = again(&program, Some(CHOSEN));
        tracing::error!(%error, program = %program.display(), "the version in force cannot be started: this one runs");
    }
    Ok(Part::Robot)
}

/// A process below a launcher, or below one that runs several robots, does not outlive it.
fn end_with_the_one_above() -> Result<()> {
    let Ok(above) = env::var(ABOVE) else { return Ok(()) };
    set_parent_process_death_signal(Some(Signal::KILL)).context("binding this process to the one above")?;
    let is_there = getppid().is_some_and(|parent| parent.as_raw_nonzero().to_string() == above);
    if is_there { Ok(()) } else { bail!("the process above this one has ended") }
}

/// Whether a program that an upgrade put in force is to run rather than this one: unless a newer one than that was
/// installed since.
fn goes_before_this_one(program: &Path, trial: Option<&Trial>) -> bool {
    let is_this = env::current_exe().and_then(fs::canonicalize).ok() == program.canonicalize().ok();
    let Some(trial) = trial.filter(|trial| !is_this && trial.verdict == Verdict::Passed) else { return !is_this };
    let newer = || Some(trial.to.parse::<AgentVersion>().ok()? >= VERSION.parse::<AgentVersion>().ok()?);
    trial.from == VERSION || newer().unwrap_or(true)
}

/// Runs a program in the place of this one, with the same arguments; an error when that does not work.
fn again(program: &Path, role: Option<&str>) -> io::Error {
    let mut command = std::process::Command::new(program);
    command.args(env::args_os().skip(1)).env_remove(ROLE);
    if let Some(role) = role {
        command.env(ROLE, role);
    }
    command.exec()
}

/// Starts this program anew in its own place: it finds out what it is to do.
pub(crate) fn start_again() -> anyhow::Error {
    anyhow::Error::new(again(&PathBuf::from(THIS_PROGRAM), None)).context("starting again")
}

/// Says to the launcher that this version is well.
pub(crate) async fn say_well(launcher: StdStream) -> Result<()> {
    launcher.set_nonblocking(true)?;
    UnixStream::from_std(launcher)?.write_all(WELL).await.context("telling the launcher")
}

/// Puts a version on trial. When it passes, stands above it until it ends; otherwise starts this one again.
pub(crate) async fn run(data: &Path, mut trial: Trial, deadline: Duration) -> Result<ExitCode> {
    trial.starts += 1;
    trial.write(data).context("noting the trial of a version")?;
    tracing::info!(version = trial.to, "a version is on trial");
    let why = match start(&trial.program) {
        Ok((mut child, mut socket)) => {
            let stop = signals::listen()?;
            tokio::pin!(stop);
            let well = tokio::time::timeout(deadline, is_well(&mut socket));
            let why = tokio::select! {
                well = well => match well {
                    Ok(true) => None,
                    Ok(false) => Some(format!("it ended before it was well: {}", words_of(child.wait().await?))),
                    Err(_) => Some(format!("it was not well after {} s", deadline.as_secs())),
                },
                ended = child.wait() => Some(format!("it ended before it was well: {}", words_of(ended?))),
                _ = &mut stop => {
                    end(&mut child).await?;
                    return Ok(ExitCode::SUCCESS);
                }
            };
            let Some(why) = why else {
                trial.pass(data).context("putting the version in force")?;
                tracing::info!(version = trial.to, "the version is in force");
                return stand_above(child, stop).await;
            };
            child.kill().await.context("ending the version on trial")?;
            why
        }
        Err(error) => format!("it cannot be started: {error}"),
    };
    tracing::error!(version = trial.to, why, "the version failed: the one before it runs again");
    trial.verdict = Verdict::Failed(format!("version {} failed: {why}", trial.to));
    trial.write(data).context("noting that a version failed")?;
    Err(start_again())
}

fn start(program: &Path) -> io::Result<(Child, UnixStream)> {
    let (own, its) = StdStream::pair()?;
    own.set_nonblocking(true)?;
    let mut command = Command::new(program);
    command.args(env::args_os().skip(1)).env(ROLE, ON_TRIAL).env(ABOVE, std::process::id().to_string());
    let child = command.stdin(OwnedFd::from(its)).kill_on_drop(true).spawn()?;
    // The other end must be the child's alone: with the command, this copy of it goes.
    drop(command);
    Ok((child, UnixStream::from_std(own)?))
}

/// Whether the version says that it is well; `false` when it says no more.
async fn is_well(socket: &mut UnixStream) -> bool {
    let mut said = [0; WELL.len()];
    socket.read_exact(&mut said).await.is_ok() && said == WELL
}

async fn stand_above(mut child: Child, stop: impl Future<Output = signals::Stop>) -> Result<ExitCode> {
    let ended = tokio::select! {
        ended = child.wait() => ended?,
        _ = stop => end(&mut child).await?,
    };
    Ok(code_of(ended))
}

/// Tells a child to stop in order, and waits until it has.
pub(crate) async fn end(child: &mut Child) -> Result<ExitStatus> {
    if let Some(id) = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) {
        // It fails only when the child has ended by itself.
        let _ = kill_process(id, Signal::TERM);
    }
    child.wait().await.context("waiting for the robot's end")
}

/// The exit code as a shell would tell it.
fn code_of(status: ExitStatus) -> ExitCode {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

fn words_of(status: ExitStatus) -> String {
    status.to_string()
}
