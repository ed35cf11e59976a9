//! `baigong robot`: runs the robot until it is told to stop.

use std::io::ErrorKind;
use std::process::ExitCode;

use anyhow::{Result, bail};
use baigong_robot::{Agent, AgentExit, Options};

use crate::arguments::RobotArguments;
use crate::{WrongUsage, signals};

/// Runs until TERM or Ctrl-C; an error when the robot cannot start or its platform refuses it for good.
pub(crate) async fn run(arguments: RobotArguments) -> Result<ExitCode> {
    let stop = signals::listen()?;
    let secret = baigong_robot::options::read_secret(arguments.secret_file.as_deref());
    let secret = secret.map_err(|error| WrongUsage(error.into()))?;
    let mut options = Options::new(arguments.data, arguments.platform, secret, baigong_actions::table());
    options.listen = arguments.listen;
    options.max_tasks = arguments.max_tasks;
    let running = Agent::start(options).await.map_err(|error| match error.kind() {
        ErrorKind::InvalidInput => WrongUsage(error.into()).into(),
        _ => anyhow::Error::new(error),
    })?;
    tokio::select! {
        _ = stop => {
            running.stop().await;
            Ok(ExitCode::SUCCESS)
        }
        exit = running.finished() => match exit {
            AgentExit::Stopped => Ok(ExitCode::SUCCESS),
            AgentExit::Fenced(reason) => bail!("another agent with this robot's identity has taken over: {reason}"),
        },
    }
}
