//! The binary `baigong`: the management platform, the robot, the demo and the tools, one module each. It reads the command
//! line, sets up the log, and turns the outcome into an exit code; the work is done in the crates below.

mod admin;
mod arguments;
mod bridge;
mod demo;
mod license;
mod logging;
mod output;
mod package;
mod platform;
mod robot;
mod signals;
mod version;

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use arguments::{Arguments, Command};
use baigong_robot::keeper;
use clap::Parser as _;
use tracing_subscriber::filter::LevelFilter;

/// The exit code of wrong usage or configuration, the same as clap's.
pub(crate) const WRONG_USAGE: u8 = 2;

/// An error that the caller mends by typing or configuring something else.
#[derive(Debug, thiserror::Error)]
#[error("{0:#}")]
struct WrongUsage(anyhow::Error);

fn main() -> ExitCode {
    // A keeper is started for each run: it needs nothing of what follows.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == keeper::ARGUMENT) {
        return keeper::main();
    }
    let outcome = match Arguments::try_parse() {
        Ok(arguments) => run(arguments),
        Err(answer) => Ok(tell(&answer)),
    };
    let code = outcome.unwrap_or_else(|error| {
        output::complain(&format!("baigong: {error:#}"));
        let is_usage = error.downcast_ref::<WrongUsage>().is_some();
        ExitCode::from(if is_usage { WRONG_USAGE } else { 1 })
    });
    if code == ExitCode::SUCCESS && output::is_lost() {
        output::complain("baigong: the output could not be written");
        return ExitCode::FAILURE;
    }
    code
}

/// Shows what stands in the place of a command: the help, the version, or what is wrong with the command line.
fn tell(answer: &clap::Error) -> ExitCode {
    let shown = answer.print().and_then(|()| std::io::stdout().flush());
    output::note(shown);
    ExitCode::from(u8::try_from(answer.exit_code()).unwrap_or(WRONG_USAGE))
}

fn run(arguments: Arguments) -> Result<ExitCode> {
    // Tools speak to a person through their output; only what needs attention goes to the log as well.
    let usual = match arguments.command {
        Command::Platform(_) | Command::Robot(_) => LevelFilter::INFO,
        _ => LevelFilter::WARN,
    };
    logging::start(arguments.log_format, usual).map_err(WrongUsage)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the runtime")?;
    let outcome = runtime.block_on(async {
        match arguments.command {
            Command::Platform(arguments) => platform::run(arguments).await,
            Command::Robot(arguments) => robot::run(arguments).await,
            Command::Demo(arguments) => demo::run(arguments).await,
            Command::Package(arguments) => package::run(arguments).await,
            Command::Admin(arguments) => admin::run(arguments).await,
            Command::Bridge(arguments) => bridge::run(arguments).await,
            Command::Version => {
                version::show();
                Ok(ExitCode::SUCCESS)
            }
        }
    });
    // A thread that waits for a terminal or a child must not hold up the end.
    runtime.shutdown_background();
    outcome
}
