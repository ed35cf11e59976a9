//! What the callers saw, and the check of it against what is stored and what happened outside.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

/// What the callers saw.
#[derive(Default)]
pub(super) struct History {
    acknowledged: Mutex<HashSet<i64>>,
    unknown: AtomicU64,
    answers: AtomicU64,
}

impl History {
    /// The platform said that these tasks are stored.
    pub(super) fn acknowledge(&self, tasks: impl IntoIterator<Item = i64>) {
        self.acknowledged.lock().unwrap().extend(tasks);
        self.answers.fetch_add(1, Ordering::SeqCst);
    }

    /// No answer came: the task may be stored or not.
    pub(super) fn unknown(&self) {
        self.unknown.fetch_add(1, Ordering::SeqCst);
    }

    /// How many requests were acknowledged.
    pub(super) fn answers(&self) -> u64 {
        self.answers.load(Ordering::SeqCst)
    }

    /// The promises, against `tasks` (state by id) and `starts` (by task). `robot_kills` runs at most may have been
    /// broken off by each kill of the robot, one for each of its places.
    pub(super) fn check(&self, tasks: &HashMap<i64, String>, starts: &HashMap<i64, usize>, robot_kills: u64) {
        let acknowledged = self.acknowledged.lock().unwrap();
        let unknown = self.unknown.load(Ordering::SeqCst);
        let lost: Vec<_> = acknowledged.iter().filter(|task| !tasks.contains_key(task)).collect();
        assert!(lost.is_empty(), "acknowledged and not there: {lost:?}");
        let twice: Vec<_> = starts.iter().filter(|(_, count)| **count > 1).collect();
        assert!(twice.is_empty(), "ran more than once: {twice:?}");
        let unheard: Vec<_> = starts.keys().filter(|task| !tasks.contains_key(task)).collect();
        assert!(unheard.is_empty(), "ran without being stored: {unheard:?}");
        let idle: Vec<_> =
            tasks.iter().filter(|(id, state)| *state == "succeeded" && !starts.contains_key(id)).collect();
        assert!(idle.is_empty(), "said to have succeeded without having run: {idle:?}");
        let broken = tasks.values().filter(|state| *state != "succeeded").count() as u64;
        assert!(broken <= robot_kills * 4, "{broken} tasks broke off, with {robot_kills} kills of the robot");
        let extra = tasks.len() as u64 - acknowledged.len() as u64;
        assert!(extra <= unknown, "{extra} tasks nobody asked for, {unknown} requests without an answer");
        println!("{} tasks, {} acknowledged, {unknown} unknown, {broken} broken off", tasks.len(), acknowledged.len());
    }
}
