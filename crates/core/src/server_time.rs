//! One time for all nodes. Leases, deadlines and firings are times that one node writes and another compares; where the
//! database is a server, every node goes by the server's clock, however its own is set.

use std::sync::atomic::Ordering;

use baigong_model::Result;
use baigong_store::server_time;

use crate::Platform;

/// How often the difference is measured; the quickest answer is the most exact.
const SAMPLES: usize = 3;
/// A smaller change of the difference is the noise of measuring.
const NOISE: i64 = 50;
/// Somebody should set a clock that is this wrong.
const WRONG: i64 = 2_000;

/// Measures how far the server's clock is from this machine's, and goes by it. Answers the difference in milliseconds.
pub async fn align(platform: &Platform) -> Result<i64> {
    let mut best: Option<(i64, i64)> = None;
    for _ in 0..SAMPLES {
        let before = platform.clock.now();
        let Some(server) = server_time::read(&platform.store).await? else { return Ok(0) };
        let after = platform.clock.now();
        let sample = (after - before, server - (before + after) / 2);
        best = Some(best.map_or(sample, |best| best.min(sample)));
    }
    let known = platform.clock_difference.load(Ordering::SeqCst);
    let measured = best.map_or(known, |(_, difference)| difference);
    if (measured - known).abs() < NOISE {
        return Ok(known);
    }
    if measured.abs() >= WRONG {
        tracing::warn!(
            milliseconds = measured,
            "this machine's clock is not the database's: the platform goes by the database's; set the clock"
        );
    }
    platform.clock_difference.store(measured, Ordering::SeqCst);
    Ok(measured)
}

#[cfg(test)]
mod tests {
    use crate::testing::on_both;

    #[tokio::test(flavor = "multi_thread")]
    async fn nodes_whose_clocks_differ_go_by_the_servers() {
        on_both(async |world| {
            let (here, there) = (&world.platform, world.another().await);
            let asleep = here.now();
            let difference = super::align(here).await.unwrap();
            super::align(&there).await.unwrap();
            if baigong_store::Engine::Sqlite == here.store.engine() {
                assert_eq!((difference, here.now()), (0, asleep), "its own clock is the only one");
                return;
            }
            // The tests' clock stands in 2027: far from the server's.
            assert!(difference.abs() > super::WRONG, "{difference}");
            assert!((here.now() - there.now()).abs() < 1_000, "{} {}", here.now(), there.now());
            assert_eq!(here.now(), asleep + difference);
        })
        .await;
    }
}
