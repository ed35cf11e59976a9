//! Running the binary: to its end, or as a process that serves and is stopped by a signal.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The binary under test, without what the tester's own environment says to it.
pub(crate) fn baigong() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_baigong"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("BAIGONG_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    baigong().args(arguments).output().expect("the binary runs")
}

/// What it wrote to standard output.
pub(crate) fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Both of its outputs, for messages.
pub(crate) fn all(output: &Output) -> String {
    format!("{output:?}\n{}\n{}", text(output), String::from_utf8_lossy(&output.stderr))
}

/// A process that serves. Dropping it kills it.
pub(crate) struct Serving {
    child: Child,
    /// The line of the log that said that it serves.
    pub(crate) said: Value,
}

impl Serving {
    /// Starts `command` and waits for the line of its log whose message is `message`.
    pub(crate) fn start(command: &mut Command, message: &str) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the binary runs");
        let log = BufReader::new(child.stderr.take().expect("its log is piped"));
        let mut lines = log.lines().map_while(Result::ok);
        let mut seen = Vec::new();
        let said = loop {
            let Some(line) = lines.next() else {
                panic!("it ended without saying {message:?}:\n{}", seen.join("\n"));
            };
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            if entry["message"] == message {
                break entry;
            }
            seen.push(line);
        };
        // Read on, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, said }
    }

    /// Sends TERM and waits for its end; its exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        signal(&self.child, "TERM");
        self.child.wait().expect("it can be waited for").code()
    }

    /// Kills it as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it can be waited for");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status();
    assert!(sent.expect("kill runs").success(), "{name} could not be sent");
}

/// The path as text.
pub(crate) fn path(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}
