//! What the entries of the journal add up to: every task the robot has to answer for, and the leases that are over.

use std::collections::{BTreeMap, HashSet, VecDeque};

use baigong_protocol::{Assign, Report, TaskRef};

use super::entry::{Entry, RunMark};

/// So many ended leases are remembered, so that a late repetition of an assignment does not start a task again.
const REMEMBERED: usize = 10_000;

/// The state the journal describes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ledger {
    held: BTreeMap<TaskRef, HeldTask>,
    ended: VecDeque<TaskRef>,
    ended_set: HashSet<TaskRef>,
}

/// A task the robot has to answer for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeldTask {
    /// The task.
    pub(crate) assign: Assign,
    /// How far it is.
    pub(crate) stage: Stage,
}

/// How far a held task is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Not allowed to start.
    Accepted,
    /// Its process may be running.
    Started(RunMark),
    /// It ended, and this is to be reported.
    Finished(Report),
}

impl Ledger {
    /// Takes in what happened next. An entry that does not fit (a second start, say) changes nothing.
    pub(super) fn apply(&mut self, entry: &Entry) {
        match entry {
            Entry::Accepted { assign } if !self.has_ended(assign.task_ref()) => {
                let fresh = || HeldTask { assign: assign.clone(), stage: Stage::Accepted };
                self.held.entry(assign.task_ref()).or_insert_with(fresh);
            }
            Entry::Accepted { .. } => {}
            Entry::Started { task, run } => {
                if let Some(held) = self.held.get_mut(task).filter(|held| held.stage == Stage::Accepted) {
                    held.stage = Stage::Started(run.clone());
                }
            }
            Entry::Finished { report } => {
                if let Some(held) = self.held.get_mut(&TaskRef { task_id: report.task_id, fence: report.fence }) {
                    held.stage = Stage::Finished(report.clone());
                }
            }
            Entry::Ended { task } => {
                self.held.remove(task);
                if self.ended_set.insert(*task) {
                    self.ended.push_back(*task);
                }
                if self.ended.len() > REMEMBERED
                    && let Some(oldest) = self.ended.pop_front()
                {
                    self.ended_set.remove(&oldest);
                }
            }
        }
    }

    /// The shortest list of entries that adds up to this ledger.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry> {
        let ended = self.ended.iter().map(|task| Entry::Ended { task: *task });
        let held = self.held.iter().flat_map(|(task, held)| {
            let accepted = Entry::Accepted { assign: held.assign.clone() };
            let later = match &held.stage {
                Stage::Accepted => None,
                Stage::Started(run) => Some(Entry::Started { task: *task, run: run.clone() }),
                Stage::Finished(report) => Some(Entry::Finished { report: report.clone() }),
            };
            std::iter::once(accepted).chain(later)
        });
        ended.chain(held)
    }

    /// The tasks to answer for.
    pub(crate) fn held(&self) -> impl Iterator<Item = (&TaskRef, &HeldTask)> {
        self.held.iter()
    }

    /// Whether this lease is over here.
    pub(crate) fn has_ended(&self, task: TaskRef) -> bool {
        self.ended_set.contains(&task)
    }

    /// Forgets which leases are over: they were given by another platform.
    pub(super) fn forget_ended(&mut self) {
        self.ended.clear();
        self.ended_set.clear();
    }
}
