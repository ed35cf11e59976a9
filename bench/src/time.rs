//! The stopwatch. Elsewhere time comes in from outside; here it is what is measured.

use std::time::{Duration, Instant};

/// Now, for measuring.
#[expect(clippy::disallowed_methods, reason = "a bench measures real time; this is where it reads it")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Seconds since `begun`.
pub(crate) fn seconds_since(begun: Instant) -> f64 {
    now().duration_since(begun).as_secs_f64()
}

/// Microseconds since `begun`.
pub(crate) fn micros_since(begun: Instant) -> u64 {
    u64::try_from(now().duration_since(begun).as_micros()).unwrap_or(u64::MAX)
}

/// The machine's clock, in nanoseconds, as `date +%s%N` shows it: for what other programs note.
#[expect(clippy::disallowed_methods, reason = "compared with what programs of this machine write down")]
pub(crate) fn clock() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_nanos()
}

/// Waits: a machine at rest, a robot between two heartbeats, a process that is not ready yet.
#[expect(clippy::disallowed_methods, reason = "the one place of the bench that waits for time to pass")]
pub(crate) async fn after(duration: Duration) {
    tokio::time::sleep(duration).await;
}
