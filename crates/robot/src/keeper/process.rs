//! The keeper itself: a process without threads of its own that waits for three things, the end of the program, a word of
//! the agent, and the end of the agent.

use std::{
    io::{self, BufRead, BufReader, ErrorKind, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::{net::UnixStream, process::CommandExt},
    },
    process::{Command, ExitCode, Stdio},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, WaitOptions, getpid, pidfd_open, set_child_subreaper, waitpid},
};

use super::{
    tree,
    words::{Order, Program, Said, Spec},
};
use crate::{
    limits::{self, Limits},
    runner::{RUN_VARIABLE, stray},
};

/// So often limits that the system does not keep are looked after.
const OFTEN: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
/// So often what died is put away, where there is nothing else to look after.
const SELDOM: Timespec = Timespec { tv_sec: 5, tv_nsec: 0 };

/// What `baigong __keeper` does.
#[must_use]
pub fn main() -> ExitCode {
    match keep() {
        Ok(()) => ExitCode::SUCCESS,
        // The agent is gone, or is no agent: nobody is there to hear why.
        Err(_) => ExitCode::FAILURE,
    }
}

fn keep() -> io::Result<()> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut agent = Agent { reader: BufReader::new(socket.try_clone()?), writer: socket };
    let spec = serde_json::from_str(&agent.line()?.ok_or(ErrorKind::UnexpectedEof)?)?;
    match spec {
        Spec::Marked(mark) => {
            // A word is a word; the end without one is the agent's.
            if agent.line()?.is_none() {
                stray::kill_all(RUN_VARIABLE, &mark);
            }
            Ok(())
        }
        Spec::Program(program) => keep_program(&mut agent, &program),
    }
}

/// The other end of standard input.
struct Agent {
    reader: BufReader<UnixStream>,
    writer: UnixStream,
}

impl Agent {
    /// Waits for the next line; none when the agent is gone.
    fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        Ok((self.reader.read_line(&mut line)? > 0).then_some(line))
    }

    fn say(&mut self, said: &Said) -> io::Result<()> {
        let mut line = serde_json::to_string(said)?;
        line.push('\n');
        self.writer.write_all(line.as_bytes())
    }
}

fn keep_program(agent: &mut Agent, program: &Program) -> io::Result<()> {
    set_child_subreaper(Some(getpid()))?;
    let (leader, handle) = match start(program) {
        Ok(started) => started,
        Err(error) => {
            let _gone = limits::leave(program.cgroup.as_ref());
            return agent.say(&Said::Failed(error.raw_os_error(), error.to_string()));
        }
    };
    let started = agent.say(&Said::Started(leader.as_raw_nonzero().get().unsigned_abs()));
    let kept = started.and_then(|()| until_the_end(agent, program, leader, &handle));
    // Whatever went wrong on the way to the agent: nothing is left behind.
    let group = leader.as_raw_nonzero().get();
    let strays = tree::kill_all().iter().filter(|known| known.group != group && known.id != group).count();
    let (status, limit) = kept?;
    let limit = limit.or_else(|| limits::what_was_hit(program.cgroup.as_ref(), &program.limits));
    limits::leave(program.cgroup.as_ref())?;
    agent.say(&Said::Ended { status, strays, limit })
}

/// Starts the program within its limits. A thread of its own does it where the program is sealed: a seal closes whoever
/// sets it, for ever, and the keeper must see the whole machine.
fn start(program: &Program) -> io::Result<(Pid, OwnedFd)> {
    limits::apply(&program.limits)?;
    let seal = program.seal.as_ref();
    let words = limits::sealed_command(seal, &program.command);
    let (first, rest) = words.split_first().ok_or(ErrorKind::InvalidInput)?;
    let mut command = Command::new(first);
    command.args(rest).current_dir(&program.folder).env_clear().envs(program.variables.iter().cloned());
    command.stdin(Stdio::null()).process_group(0);
    let within = limits::enter(program.cgroup.as_ref(), &program.limits)?;
    let spawned = std::thread::scope(|threads| {
        let begin = || {
            limits::close(seal)?;
            command.spawn()
        };
        threads.spawn(begin).join().unwrap_or_else(|_| Err(io::Error::other("the program could not be started")))
    });
    limits::step_out(&within)?;
    // Waited for by its number, with all others: see `reap`.
    let child = spawned?;
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or(ErrorKind::InvalidData)?;
    Ok((id, pidfd_open(id, PidfdFlags::empty())?))
}

/// Waits until the program has ended; its status, and the limit that ended it.
fn until_the_end(
    agent: &mut Agent,
    program: &Program,
    leader: Pid,
    handle: &OwnedFd,
) -> io::Result<(i32, Option<String>)> {
    let mut limit = None;
    loop {
        let (is_over, is_word) = {
            let word = agent.writer.as_fd();
            let mut waiting = [PollFd::new(handle, PollFlags::IN), PollFd::new(&word, PollFlags::IN)];
            let pause = if program.watched == Limits::default() { &SELDOM } else { &OFTEN };
            match poll(&mut waiting, Some(pause)) {
                Err(rustix::io::Errno::INTR) => continue,
                polled => polled?,
            };
            let [ended, word] = waiting;
            (!ended.revents().is_empty(), !word.revents().is_empty())
        };
        if is_word {
            let line = agent.line()?.ok_or(ErrorKind::UnexpectedEof)?;
            obey(serde_json::from_str(&line)?);
        }
        if limit.is_none() {
            limit = beyond(&program.watched);
            if limit.is_some() {
                tree::kill_all();
            }
        }
        if is_over && let Some((_, status)) = waitpid(Some(leader), WaitOptions::NOHANG)? {
            return Ok((status.as_raw(), limit));
        }
        tree::bury(leader);
    }
}

fn obey(order: Order) {
    match order {
        Order::End => {
            // What stands still hears nothing: it is woken too.
            tree::tell_all(Signal::TERM);
            tree::tell_all(Signal::CONT);
        }
        Order::Kill | Order::Over => drop(tree::kill_all()),
        Order::Still => tree::tell_all(Signal::STOP),
        Order::Go => tree::tell_all(Signal::CONT),
    }
}

/// The limit that the tree is beyond, where the system does not keep it.
fn beyond(limits: &Limits) -> Option<String> {
    if limits.memory.is_none() && limits.processes.is_none() {
        return None;
    }
    let (memory, processes) = tree::usage();
    let memory = limits.memory.filter(|most| memory > *most).map(limits::words_of_memory);
    memory.or_else(|| limits.processes.filter(|most| processes > *most).map(limits::words_of_processes))
}
