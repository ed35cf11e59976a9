//! The one timer of this crate. Everything else waits for events.

use std::time::Duration;

use baigong_model::Random;
use baigong_protocol::Timing;

/// Waits.
#[expect(clippy::disallowed_methods, reason = "the one place of this crate that waits for time to pass")]
pub(crate) async fn after(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// How long to wait before try number `attempt` (from 0): anywhere between the shortest wait and a bound that doubles up
/// to the longest one ("full jitter"), so that ten thousand robots do not come back at once.
pub(crate) fn jitter(timing: &Timing, attempt: u32, random: &dyn Random) -> Duration {
    let shortest = timing.reconnect_min;
    let doubled = shortest.saturating_mul(2_u32.saturating_pow(attempt.saturating_add(1).min(16)));
    let spread = doubled.min(timing.reconnect_max).saturating_sub(shortest);
    let spread = u64::try_from(spread.as_millis()).unwrap_or(u64::MAX);
    shortest + Duration::from_millis(random.below(spread.saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use baigong_model::SeededRandom;

    use super::*;

    #[test]
    fn waits_grow_and_stay_within_their_bounds() {
        let (timing, random) = (Timing::DEFAULT, SeededRandom::new(7));
        let mut longest = Duration::ZERO;
        for attempt in 0..1000 {
            let wait = jitter(&timing, attempt, &random);
            assert!(wait >= timing.reconnect_min && wait <= timing.reconnect_max, "{wait:?} at attempt {attempt}");
            if attempt == 0 {
                assert!(wait <= timing.reconnect_min * 2, "the first wait is short, not {wait:?}");
            }
            longest = longest.max(wait);
        }
        assert!(longest > timing.reconnect_max / 2, "the waits must spread over the whole range, longest {longest:?}");
    }
}
