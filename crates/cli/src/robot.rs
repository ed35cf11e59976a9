//! `baigong robot`: runs the robot until it is told to stop.

mod check;
mod fleet;
mod host;
mod launcher;
mod screen;

use std::{io::ErrorKind, process::ExitCode, time::Duration};

use anyhow::{Result, anyhow, bail};
use baigong_robot::{Agent, AgentExit, Options, RunningAgent};
use jiff::tz::TimeZone;

use crate::{
    WrongUsage,
    arguments::{PLATFORM_ADDRESS, RobotArguments, RobotCommand},
    output, signals,
};
use launcher::Part;

pub(crate) use host::HostArguments;
pub(crate) use screen::ScreenArguments;

/// Runs until TERM or Ctrl-C; an error when the robot cannot start or its platform refuses it for good.
pub(crate) async fn run(arguments: RobotArguments) -> Result<ExitCode> {
    if let Some(folder) = &arguments.host.robots {
        return fleet::run(folder, &arguments.data, arguments.listen).await;
    }
    if let Some(RobotCommand::Check) = arguments.command {
        return check::run(options(arguments)?).await;
    }
    let deadline = Duration::from_secs(arguments.host.upgrade_deadline);
    match launcher::part(&arguments.data)? {
        Part::Launcher(trial) => launcher::run(&arguments.data, trial, deadline).await,
        Part::Robot => be_the_robot(options(arguments)?, None).await,
        Part::OnTrial(above) => be_the_robot(options(arguments)?, Some(above)).await,
    }
}

fn options(arguments: RobotArguments) -> Result<Options> {
    let file = arguments.secret_file.as_deref();
    let has_secret = baigong_robot::options::has_secret(file);
    let secret = || baigong_robot::options::read_secret(file).map_err(|error| WrongUsage(error.into()));
    let actions = baigong_actions::table();
    let is_alone = arguments.standalone || (arguments.platform.is_none() && !has_secret);
    let mut options = if is_alone {
        let secret = if has_secret { Some(secret()?) } else { None };
        Options::alone(arguments.data, secret, actions)
    } else {
        let platform = arguments.platform.unwrap_or_else(|| format!("http://{PLATFORM_ADDRESS}"));
        Options::new(arguments.data, platform, secret()?, actions)
    };
    let zone = TimeZone::get(&arguments.time_zone);
    options.time_zone = zone.map_err(|error| WrongUsage(anyhow!("--time-zone {}: {error}", arguments.time_zone)))?;
    options.listen = arguments.listen;
    options.max_tasks = arguments.max_tasks;
    arguments.screen.apply(&mut options);
    arguments.host.apply(&mut options)?;
    Ok(options)
}

async fn be_the_robot(options: Options, above: Option<std::os::unix::net::UnixStream>) -> Result<ExitCode> {
    let stop = signals::listen()?;
    let running = Agent::start(options).await.map_err(|error| match error.kind() {
        ErrorKind::InvalidInput => WrongUsage(error.into()).into(),
        _ => anyhow::Error::new(error),
    })?;
    if let Some(secret) = running.made_secret() {
        output::line(&format!("The robot's secret, shown only now: {}", secret.expose()));
        output::line(&format!("Its interface is described at http://{}/docs", running.local_addr()));
    }
    let exit = tokio::select! {
        _ = stop => AgentExit::Stopped,
        exit = running.finished() => exit,
        error = prove(&running, above) => return Err(error),
    };
    match exit {
        AgentExit::Stopped => {
            running.stop().await;
            Ok(ExitCode::SUCCESS)
        }
        AgentExit::Restart => {
            running.stop().await;
            Err(launcher::start_again())
        }
        AgentExit::Fenced(reason) => bail!("another agent with this robot's identity has taken over: {reason}"),
    }
}

/// Tells the launcher when this version is well; returns only when it cannot be told.
async fn prove(running: &RunningAgent, above: Option<std::os::unix::net::UnixStream>) -> anyhow::Error {
    if let Some(above) = above {
        running.wait_well().await;
        if let Err(error) = launcher::say_well(above).await {
            return error;
        }
    }
    std::future::pending().await
}
