//! `baigong package`: makes, checks, builds and runs process packages on this machine, without a platform.

mod build;
mod bundle;
mod check;
mod new;
mod run;

use std::{path::PathBuf, process::ExitCode};

use baigong_model::LogLevel;
use baigong_package::{Limits, PackageError, PackageInfo};
use clap::{Args, Subcommand, ValueEnum};

use crate::output::{self, Colour};

/// What can be typed after `baigong package`.
#[derive(Debug, Args)]
pub(crate) struct PackageArguments {
    #[command(subcommand)]
    command: PackageCommand,
}

#[derive(Debug, Subcommand)]
enum PackageCommand {
    /// Write a small package that works, to begin with.
    New(NewArguments),
    /// Check a package as the platform does at upload, and list all that is wrong.
    Check(CheckArguments),
    /// Check a folder and pack it: the same folder always gives the same file.
    Build(BuildArguments),
    /// Run a package here and exit with its result.
    Run(RunArguments),
    /// Check a folder and pack it with all wheels its Python environment needs: robots then run it without any network.
    Bundle(BundleArguments),
}

#[derive(Debug, Args)]
pub(crate) struct NewArguments {
    /// The folder to make; it may exist if it is empty.
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// What the package is to be.
    #[arg(long, value_enum, default_value_t = Kind::Flow)]
    pub(crate) kind: Kind,
}

/// The kinds of packages one can begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Steps in YAML, with Baigong's own actions.
    Flow,
    /// A program or script.
    Command,
    /// A Python program, in an environment of its own.
    Python,
    /// A suite of Robot Framework.
    Robotframework,
    /// A robot.yaml, as the open Robocorp projects have it.
    Robot,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// The package: a folder or a zip.
    #[arg(value_name = "PATH")]
    pub(crate) package: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct BuildArguments {
    /// The package's folder.
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The file to write [default: NAME-VERSION.zip in the present folder].
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// The log, the steps and the result are shown. Data queues are kept as JSON lines in `queues/` beside the results.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The package: a folder, which a program of it may write into, or a zip.
    #[arg(value_name = "DIR|ZIP")]
    pub(crate) package: PathBuf,
    /// The task of a robot.yaml with several.
    #[arg(long, value_name = "NAME")]
    pub(crate) task: Option<String>,
    /// An in-parameter; may be given several times.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(crate) parameters: Vec<baigong_model::Parameter>,
    /// Where results go, made when it is not there.
    #[arg(long, value_name = "DIR", default_value = "output")]
    pub(crate) artifacts: PathBuf,
    /// A JSON file with the assets flows ask for: {"name": value, …}.
    #[arg(long, value_name = "FILE")]
    pub(crate) assets: Option<PathBuf>,
    /// A JSON file with the credentials flows ask for: {"name": {"username": …, "password": …}, …}.
    #[arg(long, value_name = "FILE")]
    pub(crate) credentials: Option<PathBuf>,
    /// A JSON file of work items, [{"payload": …, "files": {…}}, …], instead of a data queue; new ones go to
    /// work-items-out/ among the results.
    #[arg(long, value_name = "FILE")]
    pub(crate) work_items: Option<PathBuf>,
    /// A JSON file with variables for the program, as in devdata/env.json: {"NAME": "value", …}.
    #[arg(long = "env", value_name = "FILE")]
    pub(crate) variables: Option<PathBuf>,
    /// Let --task name one of the devTasks of a robot.yaml, too.
    #[arg(long)]
    pub(crate) dev: bool,
    /// Where Python environments are kept [default: ~/.cache/baigong/environments].
    #[arg(long, value_name = "DIR")]
    pub(crate) environments: Option<PathBuf>,
    /// Stop the run after so many seconds.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_run_time: Option<u64>,
    /// Which lines of the log are shown: trace, debug, info, warn or error, and all graver ones.
    #[arg(long, value_name = "LEVEL", default_value = "info", value_parser = log_level)]
    pub(crate) log_level: LogLevel,
}

#[derive(Debug, Args)]
pub(crate) struct BundleArguments {
    /// The package's folder. The wheels are put into it, below baigong-wheels/.
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The file to write [default: NAME-VERSION.zip in the present folder].
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

fn log_level(text: &str) -> Result<LogLevel, String> {
    text.parse().map_err(|()| "write trace, debug, info, warn or error".into())
}

fn parameter(text: &str) -> Result<baigong_model::Parameter, String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok(baigong_model::Parameter::new(name, value)),
        _ => Err("write NAME=VALUE".into()),
    }
}

/// Does what was asked for.
pub(crate) async fn run(arguments: PackageArguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        PackageCommand::New(arguments) => new::run(&arguments),
        PackageCommand::Check(arguments) => check::run(&arguments),
        PackageCommand::Build(arguments) => build::run(&arguments),
        PackageCommand::Run(arguments) => run::run(arguments).await,
        PackageCommand::Bundle(arguments) => bundle::run(&arguments).await,
    }
}

/// Checks a package; what is wrong with it is listed on standard error, and `None` comes back.
fn checked(package: &std::path::Path) -> anyhow::Result<Option<PackageInfo>> {
    match baigong_package::check(package, &baigong_actions::table(), &Limits::default()) {
        Ok(info) => Ok(Some(info)),
        Err(PackageError::Refused(problems)) => {
            for problem in &problems {
                output::complain(&format!("✗ {problem}"));
            }
            let count = match problems.len() {
                1 => "1 problem".to_owned(),
                count => format!("{count} problems"),
            };
            output::complain(&format!("{} cannot be used: {count}", package.display()));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// A line that says what a package is.
fn described(info: &PackageInfo) -> String {
    let name = info.name.as_deref().map(|name| format!(" \"{name}\"")).unwrap_or_default();
    let version = info.version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
    let files = if info.files == 1 { "1 file".to_owned() } else { format!("{} files", info.files) };
    format!("{}{name}{version}, {files}", output::painted(Colour::Bold, info.kind.as_str()))
}

#[cfg(test)]
mod tests;
