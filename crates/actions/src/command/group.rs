//! A program and all it starts, as one thing that can be killed whole.

use std::{io, process::ExitStatus};

use baigong_flow::Pause;
use process_wrap::tokio::{ChildWrapper, CommandWrap};
#[cfg(unix)]
use rustix::process::Signal;
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};

/// A running process group. Dropping it kills what is left of it.
pub(super) struct Group(Box<dyn ChildWrapper>);

impl Group {
    /// Starts `command` as the leader of a group of its own.
    pub(super) fn start(command: Command) -> io::Result<Self> {
        let mut command = CommandWrap::from(command);
        #[cfg(unix)]
        command.wrap(process_wrap::tokio::ProcessGroup::leader());
        #[cfg(windows)]
        command.wrap(process_wrap::tokio::JobObject);
        command.spawn().map(Self)
    }

    /// The ends of its pipes, once.
    pub(super) fn pipes(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>, Option<ChildStdin>) {
        (self.0.stdout().take(), self.0.stderr().take(), self.0.stdin().take())
    }

    /// Waits for the program; whatever it left running is killed, so that its pipes close. The group stands still while the
    /// run does.
    pub(super) async fn ended(&mut self, pause: &Pause) -> io::Result<ExitStatus> {
        let mut is_still = false;
        let status = loop {
            tokio::select! {
                status = self.0.wait() => break status,
                () = pause.until(!is_still) => {
                    is_still = !is_still;
                    self.stand_still(is_still);
                }
            }
        };
        self.0.start_kill().ok();
        status
    }

    #[cfg(unix)]
    fn stand_still(&self, is_still: bool) {
        let signal = if is_still { Signal::STOP } else { Signal::CONT };
        // It fails only when nobody is left to hear it.
        self.0.signal(signal.as_raw()).ok();
    }

    /// This system cannot hold processes: they go on to their end, and the run stands still after them.
    #[cfg(not(unix))]
    fn stand_still(&self, _: bool) {}

    /// Kills the whole group and waits until the program is gone.
    pub(super) async fn kill(&mut self) {
        self.0.start_kill().ok();
        self.0.wait().await.ok();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.0.start_kill().ok();
    }
}
