//! Guesses: five wrong ones within a quarter of an hour close the door for a quarter of an hour.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

const MOST_FAILURES: u32 = 5;
const WINDOW: i64 = 15 * 60_000;
/// So many guessers are remembered at most.
const REMEMBERED: usize = 10_000;

/// Who guesses, or what at.
pub(super) struct Lockout<K>(Mutex<HashMap<K, Failures>>);

#[derive(Clone, Copy, Default)]
struct Failures {
    count: u32,
    last: i64,
}

impl<K> Default for Lockout<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Hash + Eq> Lockout<K> {
    /// Whether the door is closed.
    pub(super) fn are_too_many(&self, key: &K, now: i64) -> bool {
        let failures = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied();
        failures.is_some_and(|failures| failures.count >= MOST_FAILURES && now - failures.last < WINDOW)
    }

    /// Another wrong one; whether the door is closed now.
    pub(super) fn count(&self, key: K, now: i64) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.retain(|_, failures| now - failures.last < WINDOW);
        }
        let failures = known.entry(key).or_default();
        if now - failures.last >= WINDOW {
            failures.count = 0;
        }
        *failures = Failures { count: failures.count.saturating_add(1), last: now };
        failures.count >= MOST_FAILURES
    }

    /// The right one came.
    pub(super) fn forget(&self, key: &K) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_close_the_door_for_a_quarter_of_an_hour() {
        let lockout = Lockout::default();
        for guess in 0..4 {
            assert!(!lockout.count(1, guess));
        }
        assert!(!lockout.are_too_many(&1, 4) && lockout.count(1, 4) && lockout.are_too_many(&1, 5));
        assert!(!lockout.are_too_many(&2, 5), "others are not meant");
        assert!(lockout.are_too_many(&1, 4 + WINDOW - 1) && !lockout.are_too_many(&1, 4 + WINDOW));
        assert!(!lockout.count(1, 4 + WINDOW), "and everything begins anew");
        lockout.forget(&1);
        assert!(!lockout.count(1, 5 + WINDOW));
    }
}
