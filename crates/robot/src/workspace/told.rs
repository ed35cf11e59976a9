//! What the libraries tell of a run's progress, from whichever of them: steps, lines, and which tasks failed.

use std::sync::{Arc, Mutex, PoisonError};

use baigong_flow::{Host, StepEvent, StepState};
use baigong_model::LogLevel;
use serde::Deserialize;

use crate::runner::{Gate, RunRequest};

/// What the libraries said of the run's tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// How many tasks ended.
    pub(crate) tasks: usize,
    /// Those that failed, each with why.
    pub(crate) failed: Vec<String>,
}

/// One thing that is told, as our listener for Robot Framework writes it.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(tag = "tell", rename_all = "camelCase")]
pub(super) enum Tale {
    /// A step began or ended.
    Step { id: String, path: String, title: String, state: StepState },
    /// A line for the log.
    Line { level: Level, text: String },
    /// A task ended.
    Task {
        name: String,
        passed: bool,
        #[serde(default)]
        message: String,
    },
}

#[derive(Debug, Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(super) enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

/// The one who hears it all.
pub(super) struct Told {
    host: Arc<dyn Host>,
    length: usize,
    gate: Mutex<Gate>,
    verdict: Mutex<Verdict>,
}

impl Told {
    pub(super) fn new(request: &RunRequest) -> Self {
        let gate = Gate::new(Arc::clone(&request.host), Arc::clone(&request.clock), &request.limits);
        let (host, length) = (Arc::clone(&request.host), request.limits.line_length);
        Self { host, length, gate: Mutex::new(gate), verdict: Mutex::default() }
    }

    pub(super) fn hear(&self, tale: Tale) {
        match tale {
            Tale::Step { id, path, title, state } => {
                self.host.step(StepEvent {
                    step: self.short(&id),
                    path: self.short(&path),
                    title: self.short(&title),
                    state,
                });
            }
            Tale::Line { level, text } => self.lines(level, &text),
            Tale::Task { name, passed, message } => {
                let mut verdict = self.verdict.lock().unwrap_or_else(PoisonError::into_inner);
                verdict.tasks += 1;
                if !passed {
                    let why = message.lines().next().unwrap_or_default();
                    let (name, why) = (self.short(&name), self.short(why));
                    verdict.failed.push(if why.is_empty() { name } else { format!("{name}: {why}") });
                }
            }
        }
    }

    fn lines(&self, level: Level, text: &str) {
        let level = match level {
            Level::Debug => LogLevel::Debug,
            Level::Info => LogLevel::Info,
            Level::Warn => LogLevel::Warn,
            Level::Error => LogLevel::Error,
        };
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        // Hidden as a whole, since a secret may stand in several lines, and before anything is cut.
        let hidden = self.host.hide(text);
        for line in hidden.lines().filter(|line| !line.trim().is_empty()) {
            let end = line.floor_char_boundary(self.length.min(line.len()));
            let left_out = line.len() - end;
            let more = if left_out > 0 { format!(" … ({left_out} bytes more)") } else { String::new() };
            gate.line(level, format!("{}{more}", &line[..end]));
        }
    }

    fn short(&self, text: &str) -> String {
        let hidden = self.host.hide(text);
        let end = hidden.floor_char_boundary(300.min(hidden.len()));
        hidden[..end].to_owned()
    }

    pub(super) fn verdict(&self) -> Verdict {
        self.verdict.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The run has ended: what was held back is told.
    pub(super) fn finish(&self) {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner).finish();
    }
}
