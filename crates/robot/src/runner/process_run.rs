//! A run as a child process: `command` packages and the shell and command tasks of `robot.yaml`.

use std::{
    io,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    pin::Pin,
    process::ExitStatus,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use baigong_model::{LogLevel, Parameter};
use baigong_package::{PackageKind, RobotYaml, suits_this_machine};

use super::{
    Broken, RunRequest, StopReason, artifacts,
    environment::{self, Papers},
    gate::Gate,
    group::Group,
    lines,
    parameters::{self, Given, read_output},
    stray,
};

/// After everything is killed, the last output is waited for so long: a process that escaped may hold the pipe open.
const LAST_OUTPUT: Duration = Duration::from_secs(2);

/// The programs of one run, and what they share.
struct Programs<'a> {
    request: &'a RunRequest,
    folder: PathBuf,
    papers: Papers,
    variables: Vec<(String, String)>,
}

/// Runs `command`, and what `robot.yaml` wants run before it.
pub(crate) async fn run(
    request: &RunRequest,
    command: &[String],
    mut stopped: Pin<&mut impl Future<Output = StopReason>>,
) -> Result<Vec<Parameter>, Broken> {
    let given = parameters::resolve(&request.info, &request.in_parameters)?;
    let unready = |error: io::Error| Broken::failed(format!("the run cannot be prepared: {error}"));
    let programs = Programs::prepare(request, &given).map_err(unready)?;
    let robot = match &request.info.kind {
        PackageKind::RobotYaml(robot) => Some(robot),
        _ => None,
    };
    if let Some(robot) = robot {
        programs.run_before(robot, stopped.as_mut()).await?;
    }
    let ended = programs.run(command, stopped).await;
    if let Some(robot) = robot {
        programs.collect(robot);
    }
    let (status, last_error) = ended?;
    judge(status, last_error.as_deref()).map_err(Broken::Failed)?;
    let specs = &request.info.out_parameters;
    let out = read_output(&programs.papers.output, specs, request.limits.output_size).map_err(Broken::Failed)?;
    for spec in specs.iter().filter(|spec| !out.iter().any(|parameter| parameter.name == spec.name)) {
        let message = format!("the program did not give the out-parameter \"{}\"", spec.name);
        if spec.required {
            return Err(Broken::Failed(message));
        }
        request.host.log(LogLevel::Warn, &message);
    }
    Ok(out)
}

/// What an exit status means in words; `Ok` for 0.
fn judge(status: ExitStatus, last_error: Option<&str>) -> Result<(), String> {
    let what = match (status.code(), status.signal()) {
        (Some(0), _) => return Ok(()),
        (Some(code @ 129..=192), _) => {
            format!(
                "the program ended with exit code {code} (128 + {}: often the signal that killed a program it ran)",
                code - 128
            )
        }
        (Some(code), _) => format!("the program ended with exit code {code}"),
        (None, Some(9)) => "the program was killed by signal 9 (KILL): often the machine had no memory left".to_owned(),
        (None, Some(signal)) => format!("the program was killed by signal {signal}{}", name_of(signal)),
        (None, None) => "the program ended without an exit code".to_owned(),
    };
    Err(match last_error {
        Some(line) => format!("{what}; its last error line: {line}"),
        None => what,
    })
}

fn name_of(signal: i32) -> &'static str {
    match signal {
        1 => " (HUP)",
        2 => " (INT)",
        4 => " (ILL)",
        6 => " (ABRT): it broke off itself",
        7 => " (BUS)",
        8 => " (FPE)",
        11 => " (SEGV): it reached for memory that is not its own",
        13 => " (PIPE)",
        15 => " (TERM)",
        24 => " (XCPU): it used more processor time than it may",
        25 => " (XFSZ): it wrote a larger file than it may",
        _ => "",
    }
}

/// The last line of errors, for the message of a failure.
type LastError = Arc<Mutex<Option<String>>>;

impl<'a> Programs<'a> {
    fn prepare(request: &'a RunRequest, given: &[Given]) -> io::Result<Self> {
        // Absolute, since the process stands in another folder than we do.
        let folder = request.folder.canonicalize()?;
        let artifacts = request.artifacts_folder.canonicalize()?;
        let papers = Papers::write(&request.work_folder, given)?;
        let variables = environment::of_process(request, given, &papers, &folder, &artifacts);
        Ok(Self { request, folder, papers, variables })
    }

    /// `preRunScripts`, and what this version does not do yet.
    async fn run_before(
        &self,
        robot: &RobotYaml,
        mut stopped: Pin<&mut impl Future<Output = StopReason>>,
    ) -> Result<(), Broken> {
        let host = &self.request.host;
        if robot.conda_config_file.is_some() || !robot.environment_configs.is_empty() {
            let message =
                "this version does not yet build the environment robot.yaml describes: the machine's own is used";
            host.log(LogLevel::Warn, message);
        }
        for script in robot.pre_run_scripts.iter().filter(|words| suits_this_machine(&words.join(" "))) {
            let (status, last_error) = self.run(script, stopped.as_mut()).await?;
            judge(status, last_error.as_deref())
                .map_err(|message| Broken::Failed(format!("preRunScripts, \"{}\": {message}", script.join(" "))))?;
        }
        Ok(())
    }

    /// Runs one program to its end; its output goes to the log.
    async fn run(
        &self,
        command: &[String],
        mut stopped: Pin<&mut impl Future<Output = StopReason>>,
    ) -> Result<(ExitStatus, Option<String>), Broken> {
        let pause = &self.request.pause;
        tokio::select! {
            biased;
            reason = stopped.as_mut() => return Err(Broken::Stopped(reason)),
            () = pause.over() => {}
        }
        let mut group = Group::start(command, &self.folder, &self.variables)
            .map_err(|error| Broken::Failed(cannot_start(command, &self.folder, &error)))?;
        let last_error = LastError::default();
        let mut output = tokio::spawn(self.tell_output(&mut group, Arc::clone(&last_error)));
        let mut is_still = false;
        let (ended, reason) = loop {
            tokio::select! {
                biased;
                reason = stopped.as_mut() => break (group.stop(self.request.limits.grace).await, Some(reason)),
                ended = group.wait() => break (ended, None),
                () = pause.until(!is_still) => {
                    is_still = !is_still;
                    group.stand_still(is_still);
                    self.strays_stand_still(is_still).await;
                }
            }
        };
        self.kill_strays(group.id()).await;
        if tokio::time::timeout(LAST_OUTPUT, &mut output).await.is_err() {
            output.abort();
            let message = "a process that escaped the run holds its output open: the rest of it is lost";
            self.request.host.log(LogLevel::Warn, message);
        }
        match reason {
            Some(reason) => Err(Broken::Stopped(reason)),
            None => {
                let status = ended.map_err(|error| Broken::failed(format!("the program was lost: {error}")))?;
                let last_error = last_error.lock().unwrap_or_else(PoisonError::into_inner).take();
                Ok((status, last_error))
            }
        }
    }

    /// Tells both outputs of the group line by line until they end.
    fn tell_output(&self, group: &mut Group, last_error: LastError) -> impl Future<Output = ()> + Send + use<> {
        let RunRequest { host, clock, limits, .. } = self.request;
        let gate = Arc::new(Mutex::new(Gate::new(Arc::clone(host), Arc::clone(clock), limits)));
        let (stdout, stderr) = group.output();
        let (length, host) = (limits.line_length, Arc::clone(host));
        async move {
            let line = |level, line: String| gate.lock().unwrap_or_else(PoisonError::into_inner).line(level, line);
            let plain = async {
                if let Some(stdout) = stdout {
                    lines::read(stdout, length, Arc::clone(&host), |text| line(LogLevel::Info, text)).await;
                }
            };
            let errors = async {
                if let Some(stderr) = stderr {
                    lines::read(stderr, length, Arc::clone(&host), |text| {
                        if !text.trim().is_empty() {
                            let short = text.chars().take(300).collect();
                            *last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(short);
                        }
                        line(LogLevel::Warn, text);
                    })
                    .await;
                }
            };
            tokio::join!(plain, errors);
            gate.lock().unwrap_or_else(PoisonError::into_inner).finish();
        }
    }

    /// What left the process group stands still with it.
    async fn strays_stand_still(&self, still: bool) {
        let output = self.papers.output.to_string_lossy().into_owned();
        let signalled =
            tokio::task::spawn_blocking(move || stray::stand_still("BAIGONG_OUTPUT_FILE", &output, still)).await;
        if let Err(error) = signalled {
            tracing::warn!(%error, "cannot tell whether processes that left the run stand still");
        }
    }

    /// Kills what left the process group.
    async fn kill_strays(&self, group: Option<u32>) {
        let output = self.papers.output.to_string_lossy().into_owned();
        let killed =
            tokio::task::spawn_blocking(move || stray::kill_outside("BAIGONG_OUTPUT_FILE", &output, group)).await;
        if let Ok(killed @ 1..) = killed {
            let message =
                format!("processes that had left the run, still running in the background and ended with it: {killed}");
            self.request.host.log(LogLevel::Warn, &message);
        }
    }

    fn collect(&self, robot: &RobotYaml) {
        let from = self.folder.join(&robot.artifacts_dir);
        if let Err(error) = artifacts::collect(&from, &self.request.artifacts_folder) {
            let message = format!("the results in {} could not be taken over: {error}", robot.artifacts_dir);
            self.request.host.log(LogLevel::Warn, &message);
        }
    }
}

fn cannot_start(command: &[String], folder: &Path, error: &io::Error) -> String {
    let program = command.first().map_or("", String::as_str);
    let here = program.contains('/') || folder.join(program).is_file();
    match error.kind() {
        io::ErrorKind::NotFound if !here => format!("the program \"{program}\" is not on the PATH of this robot"),
        io::ErrorKind::NotFound => {
            format!(
                "the program \"{program}\" cannot be found: write ./{program} for one in the package; a script may also name an interpreter (#!) that is not here"
            )
        }
        io::ErrorKind::PermissionDenied => {
            format!("\"{program}\" is not executable: set its x bit before packing, or run it with sh")
        }
        _ if error.raw_os_error() == Some(8) => {
            format!("\"{program}\" is not a program for this system (a script needs #! in its first line)")
        }
        _ => format!("the program \"{program}\" cannot be started: {error}"),
    }
}
