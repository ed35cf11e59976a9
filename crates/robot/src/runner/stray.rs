//! Processes of a run that left its process group (`setsid`, daemons): found by a variable that only this run's children
//! have, and killed. What escapes nevertheless: a program that both leaves the group and clears or rewrites its
//! environment, one that changes its user, and work handed to somebody else's service (cron, a container daemon).
//! Reaching those needs a cgroup or a subreaper, which needs rights or unsafe code that the robot does not have.

use std::{fs, io};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// While one is killed it may start another: so often it is looked again.
const ROUNDS: usize = 10;

/// Kills all processes that were started with `variable` set to `value`; returns how many there were. Blocks.
pub(crate) fn kill_all(variable: &str, value: &str) -> usize {
    let mark = format!("{variable}={value}").into_bytes();
    let mut killed = 0;
    for _ in 0..ROUNDS {
        // Without /proc there is nothing to look at.
        match one_round(&mark) {
            Ok(0) | Err(_) => break,
            Ok(found) => killed += found,
        }
    }
    killed
}

fn one_round(mark: &[u8]) -> io::Result<usize> {
    let mut killed = 0;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw) else { continue };
        if !carries(id, mark) {
            continue;
        }
        // Held by a handle and looked at again, so that a number given to a stranger meanwhile is not killed.
        let Ok(handle) = pidfd_open(id, PidfdFlags::empty()) else { continue };
        if carries(id, mark) && pidfd_send_signal(&handle, Signal::KILL).is_ok() {
            killed += 1;
        }
    }
    Ok(killed)
}

/// Unreadable means gone meanwhile, or another user's, and so not ours. A dead process has no environment.
fn carries(id: Pid, mark: &[u8]) -> bool {
    let environment = fs::read(format!("/proc/{}/environ", id.as_raw_nonzero())).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|variable| variable == mark)
}
