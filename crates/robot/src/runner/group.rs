//! A child process and everything it starts, as one process group: started, waited for, asked to end, killed.

use std::{
    io,
    os::fd::OwnedFd,
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use process_wrap::tokio::{ChildWrapper, CommandWrap, KillOnDrop, ProcessGroup};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open};
use tokio::{
    io::{Interest, unix::AsyncFd},
    process::{ChildStderr, ChildStdout},
};

/// A running process group. Dropping it kills the group.
#[derive(Debug)]
pub(crate) struct Group {
    leader: Box<dyn ChildWrapper>,
    id: Option<u32>,
    is_over: bool,
}

impl Group {
    /// Starts `command` (not empty) in `folder` with exactly these variables.
    pub(crate) fn start(command: &[String], folder: &Path, variables: &[(String, String)]) -> io::Result<Self> {
        let (program, arguments) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let mut wrapped = CommandWrap::with_new(program, |child| {
            child.args(arguments).current_dir(folder).env_clear();
            child.envs(variables.iter().map(|(name, value)| (name, value)));
            child.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        });
        let leader = wrapped.wrap(ProcessGroup::leader()).wrap(KillOnDrop).spawn()?;
        Ok(Self { id: leader.id(), leader, is_over: false })
    }

    /// The group's number, which was that of its leader.
    pub(crate) fn id(&self) -> Option<u32> {
        self.id
    }

    /// What the group writes; once.
    pub(crate) fn output(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.leader.stdout().take(), self.leader.stderr().take())
    }

    /// Waits until the leader has ended, kills what it left behind, and tells how the leader ended.
    pub(crate) async fn wait(&mut self) -> io::Result<ExitStatus> {
        // As long as the leader is not reaped, its number cannot be given to a stranger: so the group is killed first,
        // where the system can tell of an end without reaping.
        let is_told = self.leader_ended().await;
        if is_told {
            self.kill();
        }
        let status = self.leader.wait().await?;
        if !is_told {
            self.kill();
        }
        self.is_over = true;
        Ok(status)
    }

    /// Returns true when the leader has ended, without reaping it; false at once where the system cannot tell.
    async fn leader_ended(&self) -> bool {
        let id = self.leader.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let handle = id.and_then(|id| pidfd_open(id, PidfdFlags::NONBLOCK).ok());
        match handle.and_then(|handle| watched(handle).ok()) {
            Some(handle) => handle.readable().await.is_ok(),
            None => false,
        }
    }

    /// Asks the group to end, and kills it when the leader has not ended within `grace`.
    pub(crate) async fn stop(&mut self, grace: Duration) -> io::Result<ExitStatus> {
        // A group that has been stopped by a signal hears nothing else: it is woken too.
        self.signal(Signal::TERM);
        self.signal(Signal::CONT);
        match tokio::time::timeout(grace, self.wait()).await {
            Ok(status) => status,
            Err(_) => {
                self.kill();
                self.wait().await
            }
        }
    }

    /// Lets the whole group stand still where it is, or go on.
    pub(crate) fn stand_still(&self, still: bool) {
        self.signal(if still { Signal::STOP } else { Signal::CONT });
    }

    fn kill(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        // It fails only when nobody is left to hear it.
        let _ = self.leader.signal(signal.as_raw());
    }
}

#[expect(deprecated, reason = "its successor is unsafe, for handles that change under it; an OwnedFd does not")]
fn watched(handle: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(handle, Interest::READABLE)
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.is_over {
            self.kill();
        }
    }
}
