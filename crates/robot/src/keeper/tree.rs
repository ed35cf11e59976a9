//! The processes below this one, from `/proc`: each is known by its number and the moment it was started, so that a number
//! given to a stranger meanwhile is never meant.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
};

use rustix::{
    event::{Timespec, poll},
    process::{Pid, PidfdFlags, Signal, WaitOptions, getpid, pidfd_open, pidfd_send_signal, waitpid},
};

/// So often what was killed is looked for again, a moment apart: five seconds in all.
const ROUNDS: usize = 1000;
const MOMENT: Timespec = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };

/// One process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Known {
    pub(super) id: i32,
    /// In ticks since the boot.
    started: u64,
    pub(super) group: i32,
}

struct Seen {
    known: Known,
    parent: i32,
    is_dead: bool,
}

fn all() -> impl Iterator<Item = Seen> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| look(entry.file_name().to_str()?.parse().ok()?))
}

/// The living processes below this one.
pub(super) fn below() -> Vec<Known> {
    let mut children: HashMap<i32, Vec<Seen>> = HashMap::new();
    for seen in all() {
        children.entry(seen.parent).or_default().push(seen);
    }
    let (mut found, mut parents) = (Vec::new(), vec![getpid().as_raw_nonzero().get()]);
    while let Some(parent) = parents.pop() {
        for seen in children.remove(&parent).unwrap_or_default() {
            parents.push(seen.known.id);
            found.extend((!seen.is_dead).then_some(seen.known));
        }
    }
    found
}

/// The name, second in `stat`, stands in brackets and may hold anything.
fn look(id: i32) -> Option<Seen> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let is_dead = matches!(fields.next()?, "Z" | "X");
    let parent = fields.next()?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    // The 22nd field; five have been read.
    let started = fields.nth(16)?.parse().ok()?;
    Some(Seen { known: Known { id, started, group }, parent, is_dead })
}

/// Sends a signal, unless the number has come to mean another process.
pub(super) fn tell(known: &Known, signal: Signal) -> bool {
    let handle = Pid::from_raw(known.id).and_then(|id| pidfd_open(id, PidfdFlags::empty()).ok());
    let Some(handle) = handle else { return false };
    let is_still = look(known.id).is_some_and(|seen| seen.known.started == known.started && !seen.is_dead);
    is_still && pidfd_send_signal(&handle, signal).is_ok()
}

/// Sends a signal to all below, also to those that are started meanwhile: until none is new.
pub(super) fn tell_all(signal: Signal) {
    let mut told = BTreeSet::new();
    loop {
        let new: Vec<Known> = below().into_iter().filter(|known| !told.contains(known)).collect();
        if new.is_empty() {
            return;
        }
        for known in new {
            tell(&known, signal);
            told.insert(known);
        }
    }
}

/// Kills all below and waits until they are gone; those that it found, each once. Stopped first, so that what forks faster
/// than it is killed does not. One that hangs in the kernel (a dead network disk) is not waited for longer than some seconds.
pub(super) fn kill_all() -> BTreeSet<Known> {
    let mut killed = BTreeSet::new();
    for _ in 0..ROUNDS {
        let found = below();
        if found.is_empty() {
            break;
        }
        for signal in [Signal::STOP, Signal::KILL] {
            for known in &found {
                tell(known, signal);
            }
        }
        killed.extend(found);
        let _ = poll(&mut [], Some(&MOMENT));
    }
    killed
}

/// Puts away those that died below this process, but for the leader: until it is put away itself, its number, which is its
/// group's too, is nobody else's.
pub(super) fn bury(leader: Pid) {
    let own = getpid().as_raw_nonzero().get();
    for seen in
        all().filter(|seen| seen.is_dead && seen.parent == own && seen.known.id != leader.as_raw_nonzero().get())
    {
        let _ = Pid::from_raw(seen.known.id).map(|id| waitpid(Some(id), WaitOptions::NOHANG));
    }
}

/// The memory that all below have for themselves, in bytes, and how many they are.
pub(super) fn usage() -> (u64, u64) {
    let page = rustix::param::page_size() as u64;
    let found = below();
    let own = |known: &Known| {
        let text = fs::read_to_string(format!("/proc/{}/statm", known.id)).ok()?;
        let mut pages = text.split(' ').skip(1).map_while(|field| field.parse::<u64>().ok());
        let (resident, shared) = (pages.next()?, pages.next()?);
        Some(resident.saturating_sub(shared) * page)
    };
    (found.iter().filter_map(own).sum(), found.len() as u64)
}
