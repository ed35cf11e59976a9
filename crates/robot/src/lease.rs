//! How long the platform surely leaves its tasks to this robot. A platform that has not heard of a robot for the length
//! of a lease gives a retry-safe task to another one; so a robot without renewals must have stopped it by then. The
//! lease is known to last from the moment a heartbeat was *sent* that the platform has answered. Knows nothing of tasks.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{hold::GRACE, timer, uptime::Uptime};

/// So often it is looked whether the lease is lost: a timer of the runtime stands still while the machine sleeps.
const LOOK: Duration = Duration::from_secs(1);
/// Heartbeats without an answer that are remembered.
const REMEMBERED: usize = 64;

/// What is known of the robot's leases.
pub(crate) struct Lease {
    uptime: Arc<dyn Uptime>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How long a lease lasts without renewal.
    length: Duration,
    /// It lasts from here at least; nothing before the first welcome.
    since: Option<Duration>,
    /// The heartbeats of this connection without an answer: number, time of sending.
    sent: VecDeque<(u64, Duration)>,
}

impl Lease {
    /// Nothing is known yet.
    pub(crate) fn new(uptime: Arc<dyn Uptime>) -> Self {
        Self { uptime, state: Mutex::default() }
    }

    /// The time, for [`Lease::welcomed`].
    pub(crate) fn now(&self) -> Duration {
        self.uptime.now()
    }

    /// A platform whose leases last for `length` has answered the `Hello` of `hello_at`.
    pub(crate) fn welcomed(&self, hello_at: Duration, length: Duration) {
        let mut state = self.state();
        state.length = length;
        state.sent.clear();
        state.known_since(hello_at);
    }

    /// The heartbeat with this number is about to be sent.
    pub(crate) fn beats(&self, sequence: u64) {
        let now = self.now();
        let mut state = self.state();
        if state.sent.len() == REMEMBERED {
            state.sent.pop_front();
        }
        state.sent.push_back((sequence, now));
    }

    /// The platform has answered the heartbeat with this number.
    pub(crate) fn answered(&self, sequence: u64) {
        let mut state = self.state();
        while let Some((number, sent_at)) = state.sent.front().copied().filter(|(number, _)| *number <= sequence) {
            state.sent.pop_front();
            if number == sequence {
                state.known_since(sent_at);
            }
        }
    }

    /// How much longer the lease surely lasts.
    pub(crate) fn left(&self) -> Duration {
        let now = self.now();
        let state = self.state();
        state.since.map_or(Duration::ZERO, |since| (since + state.length).saturating_sub(now))
    }

    /// Whether what must not outlive the lease has to stop now.
    pub(crate) fn is_lost(&self) -> bool {
        let now = self.now();
        let state = self.state();
        state.since.is_none_or(|since| now >= since + given_up_after(state.length))
    }

    /// Waits until what must not outlive the lease has to stop. Can be dropped and called again.
    pub(crate) async fn lost(&self) {
        while !self.is_lost() {
            timer::after(LOOK).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn known_since(&mut self, moment: Duration) {
        self.since = self.since.max(Some(moment));
    }
}

/// After so long without renewal, a lease of this length counts as lost: three quarters of it, less if there would be no
/// time left to end by itself, but never before a half.
fn given_up_after(length: Duration) -> Duration {
    (length * 3 / 4).min(length.saturating_sub(GRACE + LOOK)).max(length / 2)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[derive(Default)]
    struct Seconds(AtomicU64);

    impl Uptime for Seconds {
        fn now(&self) -> Duration {
            Duration::from_secs(self.0.load(Ordering::SeqCst))
        }
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    /// A lease of a minute, for which the robot asked at second 100.
    fn lease() -> (Lease, impl Fn(u64)) {
        let uptime = Arc::new(Seconds::default());
        let lease = Lease::new(uptime.clone());
        assert!(lease.is_lost(), "a robot that was never welcomed has no lease");
        uptime.0.store(104, Ordering::SeqCst);
        lease.welcomed(seconds(100), seconds(60));
        (lease, move |second| uptime.0.store(second, Ordering::SeqCst))
    }

    #[test]
    fn a_lease_lasts_from_the_question_not_from_the_answer() {
        let (lease, at) = lease();
        assert_eq!(lease.left(), seconds(56));
        at(144);
        assert!(!lease.is_lost());
        lease.beats(1);
        at(145);
        assert!(lease.is_lost(), "three quarters of the lease have passed without an answer");
        lease.answered(1);
        assert!(!lease.is_lost());
        at(188);
        assert!(!lease.is_lost());
        at(189);
        assert!(lease.is_lost() && lease.left() == seconds(15));
        at(10_000);
        assert!(lease.is_lost() && lease.left() == Duration::ZERO, "the machine slept");
    }

    #[test]
    fn only_answers_of_this_connection_to_heartbeats_that_were_sent_count() {
        let (lease, at) = lease();
        at(110);
        lease.beats(1);
        at(120);
        lease.beats(2);
        at(150);
        lease.answered(7);
        assert!(lease.is_lost(), "nobody sent a seventh heartbeat");
        lease.beats(8);
        lease.welcomed(seconds(90), seconds(60));
        lease.answered(8);
        assert!(lease.is_lost(), "the eighth went into an earlier connection, and an older hello takes nothing back");
        assert_eq!(lease.left(), seconds(10));
        lease.beats(1);
        lease.answered(1);
        assert_eq!(lease.left(), seconds(60));
    }

    #[test]
    fn heartbeats_that_are_never_answered_take_no_memory() {
        let (lease, _) = lease();
        (0..10_000).for_each(|sequence| lease.beats(sequence));
        assert_eq!(lease.state().sent.len(), REMEMBERED);
        lease.answered(9_999);
        assert_eq!(lease.left(), seconds(60));
    }

    #[test]
    fn what_is_stopped_has_time_to_end_before_the_lease_does() {
        for (length, stops) in [(60, 45_000), (20, 15_000), (12, 8_000), (4, 2_000)] {
            assert_eq!(given_up_after(seconds(length)).as_millis(), stops, "of {length} s");
        }
    }
}
