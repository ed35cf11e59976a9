//! Processes of a run that left its process group (`setsid`, daemons): found by a variable that only this run's children
//! have, and killed. What escapes nevertheless: a program that both leaves the group and clears or rewrites its
//! environment, one that changes its user, and work handed to somebody else's service (cron, a container daemon).
//! Reaching those needs a cgroup or a subreaper, which needs rights or unsafe code that the robot does not have.

use std::{collections::BTreeSet, fs, io};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal},
};

/// While one is killed it may start another: so often it is looked again.
const ROUNDS: usize = 10;
/// A killed process is waited for so long: one that hangs in the kernel (a dead network disk) may never go.
const LONGEST_DEATH: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };

/// Kills all processes that were started with `variable` set to `value` and waits until they are gone; returns how many
/// there were. Blocks.
pub(crate) fn kill_all(variable: &str, value: &str) -> usize {
    kill_outside(variable, value, None)
}

/// The same, but those of the process group `group` are not counted: they were killed with it.
pub(crate) fn kill_outside(variable: &str, value: &str, group: Option<u32>) -> usize {
    let mark = format!("{variable}={value}").into_bytes();
    let mut strays = BTreeSet::new();
    for _ in 0..ROUNDS {
        // Without /proc there is nothing to look at.
        let found = one_round(&mark).unwrap_or_default();
        if found.is_empty() {
            break;
        }
        strays.extend(found.into_iter().filter(|(_, its_group)| *its_group != group).map(|(id, _)| id));
    }
    strays.len()
}

/// Stops (or lets go on) all processes that were started with `variable` set to `value`: while one is stopped it may have
/// started another, so it is looked until no new one is found. Blocks.
pub(crate) fn stand_still(variable: &str, value: &str, still: bool) {
    let mark = format!("{variable}={value}").into_bytes();
    let signal = if still { Signal::STOP } else { Signal::CONT };
    let mut told = BTreeSet::new();
    for _ in 0..ROUNDS {
        let before = told.len();
        // Without /proc there is nothing to look at.
        for id in marked(&mark).unwrap_or_default() {
            if told.contains(&id.as_raw_nonzero().get()) {
                continue;
            }
            // Held by a handle and looked at again, so that a number given to a stranger meanwhile is not meant.
            let handle = pidfd_open(id, PidfdFlags::empty());
            if handle.is_ok_and(|handle| carries(id, &mark) && pidfd_send_signal(&handle, signal).is_ok()) {
                told.insert(id.as_raw_nonzero().get());
            }
        }
        if told.len() == before {
            return;
        }
    }
}

/// The processes that carry `mark`.
fn marked(mark: &[u8]) -> io::Result<Vec<Pid>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let id = name.to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw);
        found.extend(id.filter(|id| carries(*id, mark)));
    }
    Ok(found)
}

/// Kills what it finds; gives the ids and their groups.
fn one_round(mark: &[u8]) -> io::Result<Vec<(i32, Option<u32>)>> {
    let mut killed = Vec::new();
    let mut handles = Vec::new();
    for id in marked(mark)? {
        // Held by a handle and looked at again, so that a number given to a stranger meanwhile is not killed.
        let Ok(handle) = pidfd_open(id, PidfdFlags::empty()) else { continue };
        let its_group = group_of(id);
        if carries(id, mark) && pidfd_send_signal(&handle, Signal::KILL).is_ok() {
            killed.push((id.as_raw_nonzero().get(), its_group));
            handles.push(handle);
        }
    }
    for handle in &handles {
        // A process that is not gone by then is found again in the next round.
        let _ = poll(&mut [PollFd::new(handle, PollFlags::IN)], Some(&LONGEST_DEATH));
    }
    Ok(killed)
}

/// Unreadable means gone meanwhile, or another user's, and so not ours. A dead process has no environment.
fn carries(id: Pid, mark: &[u8]) -> bool {
    let environment = fs::read(format!("/proc/{}/environ", id.as_raw_nonzero())).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|variable| variable == mark)
}

/// The fifth field of `stat`; the second is a name in brackets that may hold anything.
fn group_of(id: Pid) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", id.as_raw_nonzero())).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(2)?.parse().ok()
}
