//! `command.run`: runs a program with its arguments as they are (no shell), in a process group of its own. When the run is
//! cancelled or the time is over, the whole group is killed; when the program ends, what it left running is killed too.

mod group;
mod output;

use std::{collections::BTreeMap, path::PathBuf, process::Stdio, time::Duration};

use baigong_flow::{ActionContext, ActionError};
use baigong_model::LogLevel;
use baigong_tabular::encoding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::{io::AsyncWriteExt, process::Command};

use self::{
    group::Group,
    output::{Lines, follow},
};
use crate::support::{
    paths,
    trouble::{cancelled, file_error, from_tables, internal, invalid_parameter},
};

const LONGEST_SECONDS: u64 = 7 * 24 * 3600;

/// What to run.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The program and its arguments, each an entry of its own: ["python3", "report.py", "2026"].
    command: Vec<String>,
    /// The folder it runs in: one of the package or of this run's artifacts, or a whole path. Left empty: the package.
    folder: Option<String>,
    /// Variables of its environment, beside those of the robot and of the run (BAIGONG_…).
    #[serde(default)]
    environment: BTreeMap<String, String>,
    /// A text it reads from its standard input.
    input: Option<String>,
    /// The longest time it may run, in seconds; an hour when left empty.
    timeout_seconds: Option<u64>,
    /// The encoding of what it prints; utf-8 when left empty.
    encoding: Option<String>,
    /// The exit codes that mean success; only 0 when left empty.
    success_codes: Option<Vec<i32>>,
    /// Write its lines into the task log (default).
    #[serde(default = "yes")]
    log: bool,
}

fn yes() -> bool {
    true
}

/// How it ended.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ended {
    /// Its exit code.
    exit_code: i32,
    /// What it printed, its last 1 MiB.
    output: String,
    /// What it printed as errors, its last 1 MiB.
    error_output: String,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<Ended, ActionError> {
    let seconds = parameters.timeout_seconds.unwrap_or(3600).clamp(1, LONGEST_SECONDS);
    let chosen = encoding::by_name(parameters.encoding.as_deref().unwrap_or("utf-8")).map_err(from_tables)?;
    let host = parameters.log.then(|| context.host.clone());
    let mut group = Group::start(command(&context, &parameters)?).map_err(|error| {
        let program = parameters.command.first().map(PathBuf::from).unwrap_or_default();
        file_error("run", &program, &error)
    })?;
    let (stdout, stderr, stdin) = group.pipes();
    let written = async {
        if let (Some(mut stdin), Some(input)) = (stdin, &parameters.input) {
            // A program that does not read its input to the end is no error.
            stdin.write_all(input.as_bytes()).await.ok();
        }
    };
    let mut printed = Lines::new(chosen, host.clone(), LogLevel::Info);
    let mut complained = Lines::new(chosen, host, LogLevel::Warn);
    let whole = async {
        let followed = async { tokio::join!(written, follow(stdout, &mut printed), follow(stderr, &mut complained)) };
        let (status, _) = tokio::join!(group.ended(&context.pause), followed);
        status
    };
    let outcome = tokio::select! {
        status = whole => Ok(status),
        () = context.pause.elapsed(Duration::from_secs(seconds)) => Err(ActionError::new(
            "timeout",
            format!("the program did not end within {seconds} seconds and was stopped. Raise timeoutSeconds if it needs longer."),
        )),
        () = context.cancel.cancelled() => Err(cancelled()),
    };
    let status = match outcome {
        Ok(status) => status.map_err(|error| internal(format!("waiting for the program failed: {error}")))?,
        Err(error) => {
            group.kill().await;
            return Err(error);
        }
    };
    let (output, error_output) = (printed.finish(), complained.finish());
    let known = parameters.success_codes.unwrap_or_else(|| vec![0]);
    match status.code() {
        Some(exit_code) if known.contains(&exit_code) => Ok(Ended { exit_code, output, error_output }),
        code => Err(failed(code, &output, &error_output)),
    }
}

fn failed(code: Option<i32>, output: &str, error_output: &str) -> ActionError {
    let how = code.map_or_else(|| "was killed".to_owned(), |code| format!("ended with exit code {code}"));
    let said = [error_output, output].into_iter().find_map(|text| text.trim().lines().last());
    let said = said.map_or_else(|| "It printed nothing.".to_owned(), |line| format!("Its last words: {line}"));
    ActionError::new("commandFailed", format!("the program {how}. {said}"))
}

fn command(context: &ActionContext, parameters: &Parameters) -> Result<Command, ActionError> {
    let Some((program, arguments)) = parameters.command.split_first().filter(|(program, _)| !program.is_empty()) else {
        return Err(invalid_parameter("command must name a program"));
    };
    let folder = match parameters.folder.as_deref() {
        None | Some("" | ".") => context.package_folder.clone(),
        Some(folder) => paths::to_read(context, folder)?,
    };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    // What the robot itself was started with may hold secrets. What it gives every process of a run has the last word: by
    // that a robot finds the process again after a crash.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("BAIGONG_")) {
        command.env_remove(name);
    }
    let ours = context.environment.iter().map(|(name, value)| (name, value));
    command.envs(&parameters.environment).envs(ours);
    command.stdin(if parameters.input.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(command)
}

#[cfg(test)]
mod tests;
