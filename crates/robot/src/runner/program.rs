//! One program of a run, from its start to its end: its output goes to the log, a pause and the end of the run reach it, and
//! nothing of it is left afterwards.

use std::{
    collections::VecDeque,
    io,
    path::Path,
    pin::Pin,
    process::ExitStatus,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use baigong_model::LogLevel;

use crate::limits::Confinement;

use super::{Broken, RunRequest, StopReason, gate::Gate, group::Group, lines, stray};

/// After everything is killed, the last output is waited for so long: a process that escaped may hold the pipe open.
const LAST_OUTPUT: Duration = Duration::from_secs(2);
/// So many lines of a tool are kept for the message of its failure.
const TAIL: usize = 20;
/// The variable that tells a program's strays from those of other programs of the run.
const MARK: &str = "BAIGONG_PROGRAM";

/// A program to be run.
pub(crate) struct Program<'a> {
    pub(crate) request: &'a RunRequest,
    /// Where it stands.
    pub(crate) folder: &'a Path,
    pub(crate) variables: &'a [(String, String)],
    pub(crate) voice: Voice,
    /// What it is kept within.
    pub(crate) confinement: &'a Confinement,
}

/// How loud a program is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Voice {
    /// It is what the run is for: its output are lines of information, its errors warnings.
    Task,
    /// It prepares the run; its words go through this first.
    Tool(fn(&str) -> String),
}

/// How a program ended.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// The last line of its errors.
    pub(crate) last_error: Option<String>,
    /// The last lines of a tool.
    pub(crate) tail: VecDeque<String>,
}

/// What is remembered of a program's words.
#[derive(Default)]
struct Heard {
    last_error: Option<String>,
    tail: VecDeque<String>,
}

impl Program<'_> {
    /// Runs `command` to its end.
    pub(crate) async fn run(
        &self,
        command: &[String],
        mut stopped: Pin<&mut impl Future<Output = StopReason>>,
    ) -> Result<Ended, Broken> {
        let pause = &self.request.pause;
        tokio::select! {
            biased;
            reason = stopped.as_mut() => return Err(Broken::Stopped(reason)),
            () = pause.over() => {}
        }
        let mark = self.mark();
        let mut variables = self.variables.to_vec();
        variables.push((MARK.into(), mark.clone()));
        let mut group = Group::start(command, self.folder, &variables, self.confinement)
            .await
            .map_err(|error| Broken::Failed(cannot_start(command, self.folder, &error)))?;
        let heard = Arc::new(Mutex::new(Heard::default()));
        let mut output = tokio::spawn(self.tell_output(&mut group, Arc::clone(&heard)));
        let mut is_still = false;
        let (ended, reason) = loop {
            tokio::select! {
                biased;
                reason = stopped.as_mut() => break (group.stop(self.request.limits.grace).await, Some(reason)),
                ended = group.wait() => break (ended, None),
                () = pause.until(!is_still) => {
                    is_still = !is_still;
                    group.stand_still(is_still);
                    strays_stand_still(mark.clone(), is_still).await;
                }
            }
        };
        self.kill_strays(mark, &group).await;
        if tokio::time::timeout(LAST_OUTPUT, &mut output).await.is_err() {
            output.abort();
            let message = "a process that escaped the run holds its output open: the rest of it is lost";
            self.request.host.log(LogLevel::Warn, message);
        }
        match reason {
            Some(reason) => Err(Broken::Stopped(reason)),
            None => {
                let status = ended.map_err(|error| Broken::failed(format!("the program was lost: {error}")))?;
                if let Some(limit) = group.limit() {
                    return Err(Broken::failed(limit));
                }
                let Heard { last_error, tail } =
                    std::mem::take(&mut *heard.lock().unwrap_or_else(PoisonError::into_inner));
                Ok(Ended { status, last_error, tail })
            }
        }
    }

    /// A text that only this program's processes carry; programs of a run come one after another.
    fn mark(&self) -> String {
        self.request.work_folder.canonicalize().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Tells both outputs of the group line by line until they end.
    fn tell_output(&self, group: &mut Group, heard: Arc<Mutex<Heard>>) -> impl Future<Output = ()> + Send + use<> {
        let RunRequest { host, clock, limits, .. } = self.request;
        let gate = Arc::new(Mutex::new(Gate::new(Arc::clone(host), Arc::clone(clock), limits)));
        let (stdout, stderr) = group.output();
        let (length, host, voice) = (limits.line_length, Arc::clone(host), self.voice);
        async move {
            let line = |is_error: bool, text: String| {
                let (level, text) = match voice {
                    Voice::Task if is_error => (LogLevel::Warn, text),
                    Voice::Task => (LogLevel::Info, text),
                    Voice::Tool(shown) => (LogLevel::Debug, shown(&text)),
                };
                heard.lock().unwrap_or_else(PoisonError::into_inner).hear(voice, is_error, &text);
                gate.lock().unwrap_or_else(PoisonError::into_inner).line(level, text);
            };
            let plain = async {
                if let Some(stdout) = stdout {
                    lines::read(stdout, length, Arc::clone(&host), |text| line(false, text)).await;
                }
            };
            let errors = async {
                if let Some(stderr) = stderr {
                    lines::read(stderr, length, Arc::clone(&host), |text| line(true, text)).await;
                }
            };
            tokio::join!(plain, errors);
            gate.lock().unwrap_or_else(PoisonError::into_inner).finish();
        }
    }

    /// Kills what left the process group.
    async fn kill_strays(&self, mark: String, group: &Group) {
        let (id, known) = (group.id(), group.strays());
        let killed = tokio::task::spawn_blocking(move || stray::kill_outside(MARK, &mark, id)).await;
        if let killed @ 1.. = known + killed.unwrap_or(0) {
            let message =
                format!("processes that had left the run, still running in the background and ended with it: {killed}");
            self.request.host.log(LogLevel::Warn, &message);
        }
    }
}

impl Heard {
    fn hear(&mut self, voice: Voice, is_error: bool, text: &str) {
        // What Robot Framework says last says least.
        if text.trim().is_empty() || text == "Try --help for usage information." {
            return;
        }
        if is_error {
            self.last_error = Some(text.chars().take(300).collect());
        }
        if matches!(voice, Voice::Tool(_)) {
            self.tail.push_back(text.chars().take(300).collect());
            if self.tail.len() > TAIL {
                self.tail.pop_front();
            }
        }
    }
}

/// What left the process group stands still with it.
async fn strays_stand_still(mark: String, still: bool) {
    let signalled = tokio::task::spawn_blocking(move || stray::stand_still(MARK, &mark, still)).await;
    if let Err(error) = signalled {
        tracing::warn!(%error, "cannot tell whether processes that left the run stand still");
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
