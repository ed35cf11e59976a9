//! A program and all it starts, as one thing that can be killed whole.

use std::{io, process::ExitStatus};

use process_wrap::tokio::{ChildWrapper, CommandWrap};
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

    /// Waits for the program; whatever it left running is killed, so that its pipes close.
    pub(super) async fn ended(&mut self) -> io::Result<ExitStatus> {
        let status = self.0.wait().await;
        self.0.start_kill().ok();
        status
    }

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
