//! How many writes share a commit and a statement: counted in passing, to be watched.

use std::sync::atomic::{AtomicU64, Ordering};

/// What was written since the store was opened.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    commits: AtomicU64,
    jobs: AtomicU64,
    batches: AtomicU64,
    items: AtomicU64,
}

/// What was written since the store was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    /// Transactions.
    pub commits: u64,
    /// Pieces of work in them; a batch is one.
    pub jobs: u64,
    /// Batches of hot writes.
    pub batches: u64,
    /// Hot writes in them.
    pub items: u64,
}

impl Counters {
    pub(crate) fn commit(&self, jobs: usize) {
        add(&self.commits, 1);
        add(&self.jobs, jobs);
    }

    pub(crate) fn batch(&self, items: usize) {
        add(&self.batches, 1);
        add(&self.items, items);
    }

    pub(crate) fn read(&self) -> Pulse {
        let [commits, jobs, batches, items] =
            [&self.commits, &self.jobs, &self.batches, &self.items].map(|counter| counter.load(Ordering::Relaxed));
        Pulse { commits, jobs, batches, items }
    }
}

fn add(counter: &AtomicU64, number: usize) {
    counter.fetch_add(u64::try_from(number).unwrap_or(u64::MAX), Ordering::Relaxed);
}
