//! A child process and everything it starts: started, waited for, asked to end, killed. On a robot a keeper stands between,
//! which knows the whole tree; elsewhere it is one process group of the agent's own.

use std::{
    io,
    os::{fd::OwnedFd, unix::process::ExitStatusExt},
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

use crate::{
    keeper::{End, Kept, Order, Program},
    limits::Confinement,
};

/// A running process group, or a whole tree where a keeper keeps it. Dropping it kills all of it.
#[derive(Debug)]
pub(crate) enum Group {
    /// The program is a child of the agent.
    Own(OwnGroup),
    /// The program is a child of its keeper.
    Kept(Box<Kept>),
}

impl Group {
    /// Starts `command` (not empty) in `folder` with exactly these variables, within its confinement.
    pub(crate) async fn start(
        command: &[String],
        folder: &Path,
        variables: &[(String, String)],
        confinement: &Confinement,
    ) -> io::Result<Self> {
        let Confinement { keeper, ahead, limits, watched, cgroup, seal } = confinement;
        let Some(keeper) = keeper else { return OwnGroup::start(command, folder, variables).map(Self::Own) };
        let program = Program {
            command: command.to_vec(),
            folder: folder.to_owned(),
            variables: variables.to_vec(),
            limits: *limits,
            watched: *watched,
            cgroup: cgroup.clone(),
            seal: seal.clone(),
        };
        Kept::start(keeper, ahead, program).await.map(|kept| Self::Kept(Box::new(kept)))
    }

    /// The group's number, which was that of its leader.
    pub(crate) fn id(&self) -> Option<u32> {
        match self {
            Self::Own(group) => group.id,
            Self::Kept(kept) => Some(kept.id()),
        }
    }

    /// What the group writes; once.
    pub(crate) fn output(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        match self {
            Self::Own(group) => (group.leader.stdout().take(), group.leader.stderr().take()),
            Self::Kept(kept) => kept.output(),
        }
    }

    /// Waits until the leader has ended, ends what it left behind, and tells how the leader ended.
    pub(crate) async fn wait(&mut self) -> io::Result<ExitStatus> {
        match self {
            Self::Own(group) => group.wait().await,
            Self::Kept(kept) => Ok(ExitStatus::from_raw(kept.wait().await?.status)),
        }
    }

    /// Asks the group to end, and kills it when the leader has not ended within `grace`.
    pub(crate) async fn stop(&mut self, grace: Duration) -> io::Result<ExitStatus> {
        self.tell(Order::End);
        match tokio::time::timeout(grace, self.wait()).await {
            Ok(status) => status,
            Err(_) => {
                self.tell(Order::Kill);
                self.wait().await
            }
        }
    }

    /// Lets the whole group stand still where it is, or go on.
    pub(crate) fn stand_still(&self, still: bool) {
        self.tell(if still { Order::Still } else { Order::Go });
    }

    /// How many processes had left the group, as far as its keeper knows.
    pub(crate) fn strays(&self) -> usize {
        self.end().map_or(0, |end| end.strays)
    }

    /// The limit that it ran into, in words.
    pub(crate) fn limit(&self) -> Option<&str> {
        self.end().and_then(|end| end.limit.as_deref())
    }

    fn end(&self) -> Option<&End> {
        if let Self::Kept(kept) = self { kept.end() } else { None }
    }

    fn tell(&self, order: Order) {
        match self {
            Self::Own(group) => match order {
                // A group that has been stopped by a signal hears nothing else: it is woken too.
                Order::End => [Signal::TERM, Signal::CONT].into_iter().for_each(|signal| group.signal(signal)),
                Order::Kill | Order::Over => group.signal(Signal::KILL),
                Order::Still => group.signal(Signal::STOP),
                Order::Go => group.signal(Signal::CONT),
            },
            Self::Kept(kept) => kept.order(order),
        }
    }
}

/// A process group of the agent's own.
#[derive(Debug)]
pub(crate) struct OwnGroup {
    leader: Box<dyn ChildWrapper>,
    id: Option<u32>,
    is_over: bool,
}

impl OwnGroup {
    fn start(command: &[String], folder: &Path, variables: &[(String, String)]) -> io::Result<Self> {
        let (program, arguments) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let mut wrapped = CommandWrap::with_new(program, |child| {
            child.args(arguments).current_dir(folder).env_clear();
            child.envs(variables.iter().map(|(name, value)| (name, value)));
            child.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        });
        let leader = wrapped.wrap(ProcessGroup::leader()).wrap(KillOnDrop).spawn()?;
        Ok(Self { id: leader.id(), leader, is_over: false })
    }

    async fn wait(&mut self) -> io::Result<ExitStatus> {
        // As long as the leader is not reaped, its number cannot be given to a stranger: so the group is killed first,
        // where the system can tell of an end without reaping.
        let is_told = self.leader_ended().await;
        if is_told {
            self.signal(Signal::KILL);
        }
        let status = self.leader.wait().await?;
        if !is_told {
            self.signal(Signal::KILL);
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

    fn signal(&self, signal: Signal) {
        // It fails only when nobody is left to hear it.
        let _ = self.leader.signal(signal.as_raw());
    }
}

#[expect(deprecated, reason = "its successor is unsafe, for handles that change under it; an OwnedFd does not")]
fn watched(handle: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(handle, Interest::READABLE)
}

impl Drop for OwnGroup {
    fn drop(&mut self) {
        if !self.is_over {
            self.signal(Signal::KILL);
        }
    }
}
