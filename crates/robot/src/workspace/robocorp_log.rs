//! The log of `robocorp.tasks` as it grows: the library sends it to the port it is told of. Its form (version 0.0.4) is lines of a
//! type and its parts; texts and places are named once and meant by short names afterwards.

use std::{collections::HashMap, sync::Arc};

use baigong_flow::StepState;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_util::task::TaskTracker;

use super::told::{Level, Tale, Told};

/// Longer lines are left out.
const LONGEST: u64 = 4 << 20;
/// So much is remembered of one log.
const MOST_REMEMBERED: usize = 64 << 20;
/// Calls within calls are told as steps down to here: the task is 0, its own function 1.
const DEEPEST: usize = 3;

/// Listens until it is dropped.
pub(super) async fn listen(told: Arc<Told>, listener: TcpListener, speakers: TaskTracker) {
    while let Ok((stream, _)) = listener.accept().await {
        speakers.spawn(hear(Arc::clone(&told), stream));
    }
}

async fn hear(told: Arc<Told>, stream: TcpStream) {
    let mut stream = BufReader::new(stream);
    let mut decoder = Decoder::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut stream).take(LONGEST).read_until(b'\n', &mut line).await {
            Ok(1..) => {}
            Ok(0) | Err(_) => return,
        }
        if let Ok(text) = std::str::from_utf8(&line) {
            decoder.line(text.trim_end(), &mut |tale| told.hear(tale));
        }
    }
}

/// Reads one log.
#[derive(Default)]
struct Decoder {
    texts: HashMap<String, String>,
    places: HashMap<String, Place>,
    remembered: usize,
    /// What is going on, the task first.
    open: Vec<Call>,
    /// Calls that are not in `open` because they lie too deep.
    deeper: usize,
    calls: u64,
}

/// Where something is: the name of the function, and its module.
#[derive(Clone, Default)]
struct Place {
    name: String,
    module: String,
}

/// Something that goes on.
struct Call {
    place: Place,
    /// The number of its step.
    number: u64,
    /// Whether it is no step of its own: a task's function is the task.
    is_silent: bool,
}

impl Decoder {
    fn line(&mut self, line: &str, tell: &mut impl FnMut(Tale)) {
        let Some((kind, rest)) = line.split_once(' ') else { return };
        match kind {
            "M" => self.remember_text(rest),
            "P" => self.remember_place(rest),
            "ST" => {
                self.open.clear();
                self.deeper = 0;
                self.begin(rest, tell);
            }
            "ET" => self.task_ended(rest, tell),
            "SE" if self.part(rest, 1) == Some("METHOD") => self.begin(rest, tell),
            "EE" if self.part(rest, 0) == Some("METHOD") => self.end(self.part(rest, 1) != Some("ERROR"), tell),
            "L" => {
                let level = match rest.split('|').next() {
                    Some("E" | "F") => Level::Error,
                    Some("W") => Level::Warn,
                    _ => Level::Info,
                };
                if let Some(text) = self.part(rest, 1) {
                    tell(Tale::Line { level, text: text.to_owned() });
                }
            }
            _ => {}
        }
    }

    /// The text that the part number `at` means.
    fn part(&self, rest: &str, at: usize) -> Option<&str> {
        self.texts.get(rest.split('|').nth(at)?).map(String::as_str)
    }

    fn remember_text(&mut self, rest: &str) {
        let Some((name, text)) = rest.split_once(':') else { return };
        let Ok(text) = serde_json::from_str::<String>(text) else { return };
        self.remembered += name.len() + text.len();
        if self.remembered > MOST_REMEMBERED {
            // Better to miss some names than to take this machine's memory.
            self.texts.clear();
            self.remembered = 0;
        }
        self.texts.insert(name.to_owned(), text);
    }

    fn remember_place(&mut self, rest: &str) {
        let Some((id, parts)) = rest.split_once(':') else { return };
        let part = |at| self.part(parts, at).unwrap_or_default().to_owned();
        let place = Place { name: part(0), module: part(1) };
        self.places.insert(id.to_owned(), place);
    }

    fn begin(&mut self, rest: &str, tell: &mut impl FnMut(Tale)) {
        if self.open.len() >= DEEPEST {
            self.deeper += 1;
            return;
        }
        let place = rest.split('|').next().and_then(|id| self.places.get(id)).cloned().unwrap_or_default();
        let is_silent = matches!(self.open.as_slice(), [task] if task.place.name == place.name);
        self.calls += 1;
        self.open.push(Call { place, number: self.calls, is_silent });
        self.tell_step(StepState::Started, tell);
    }

    fn end(&mut self, well: bool, tell: &mut impl FnMut(Tale)) {
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        // The task itself ends with its own line.
        if self.open.len() > 1 {
            self.tell_step(if well { StepState::Succeeded } else { StepState::Failed }, tell);
            self.open.pop();
        }
    }

    fn task_ended(&mut self, rest: &str, tell: &mut impl FnMut(Tale)) {
        let passed = self.part(rest, 0) == Some("PASS");
        let message = self.part(rest, 1).unwrap_or_default().to_owned();
        self.open.truncate(1);
        self.tell_step(if passed { StepState::Succeeded } else { StepState::Failed }, tell);
        let Some(Call { place: Place { name, module }, .. }) = self.open.pop() else { return };
        // What the library does before and after the tasks counts only where it fails.
        if !(passed && matches!(module.as_str(), "setup" | "teardown")) {
            tell(Tale::Task { name, passed, message });
        }
    }

    fn tell_step(&self, state: StepState, tell: &mut impl FnMut(Tale)) {
        let Some(last) = self.open.last().filter(|last| !last.is_silent) else { return };
        let path: Vec<&str> =
            self.open.iter().filter(|call| !call.is_silent).map(|call| call.place.name.as_str()).collect();
        let (id, title) = (format!("r{}", last.number), last.place.name.clone());
        tell(Tale::Step { id, path: path.join(" › "), title, state });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_becomes_steps_lines_and_a_verdict() {
        let log = [
            "V 0.0.4",
            "M a:\"orders\"",
            "M b:\"tasks\"",
            "M c:\"/p/tasks.py\"",
            "M d:\"\"",
            "P e:a|b|c|d|3",
            "ST e|0.1",
            "M f:\"METHOD\"",
            "SE e|f|0.2",
            "M g:\"read\"",
            "P h:g|b|c|d|9",
            "SE h|f|0.3",
            "M i:\"3 rows | of 4\"",
            "L W|i|h|0.4",
            "M j:\"ERROR\"",
            "EE f|j|0.5",
            "EE f|j|0.6",
            "M k:\"no price\\nin line 2\"",
            "ET j|k|0.7",
            "nonsense",
            "L E|unknown|h|0.1",
            "M x:not json",
            "EE f|j|0.9",
        ];
        let mut decoder = Decoder::default();
        let mut told = Vec::new();
        for line in log {
            decoder.line(line, &mut |tale| told.push(tale));
        }
        let step = |id: &str, path: &str, title: &str, state| Tale::Step {
            id: id.into(),
            path: path.into(),
            title: title.into(),
            state,
        };
        assert_eq!(
            told,
            [
                step("r1", "orders", "orders", StepState::Started),
                step("r3", "orders › read", "read", StepState::Started),
                Tale::Line { level: Level::Warn, text: "3 rows | of 4".into() },
                step("r3", "orders › read", "read", StepState::Failed),
                step("r1", "orders", "orders", StepState::Failed),
                Tale::Task { name: "orders".into(), passed: false, message: "no price\nin line 2".into() },
            ]
        );
    }
}
