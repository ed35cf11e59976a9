//! For how long it is known what came of an instant.

use super::*;
use crate::testing::on_both;

const DAY: i64 = 24 * 3600;

#[tokio::test(flavor = "multi_thread")]
async fn old_rows_go_and_what_the_scheduler_asks_for_stays() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let daily = make(world, each("0 0 17 * * ?", process)).await;
        let once = Change { overlap_policy: Some("queue".into()), ..each("0 0 18,19,20 15 1 ? 2027", process) };
        let once = make(world, once).await;
        let skips =
            Change { name: Some("skips".into()), overlap_policy: Some("skip".into()), ..each("0 0 17 * * ?", process) };
        let skips = make(world, skips).await;
        for _ in 0..5 {
            after(world, 3600).await;
        }
        for _ in 0..3 {
            after(world, DAY).await;
        }
        let seconds = |rows: Vec<(i64, String, String, usize)>| -> Vec<(i64, String)> {
            rows.into_iter().map(|(second, outcome, ..)| (second / 3600, outcome)).collect()
        };
        let shown = async |id| seconds(outcomes(world, id).await);
        let row = |hour: i64, outcome: &str| (hour, outcome.to_owned());
        let before = [shown(daily).await.len(), shown(once).await.len(), shown(skips).await.len()];
        assert_eq!(before, [4, 3, 4]);
        assert_eq!(forget(&world.platform).await.unwrap(), 0, "nothing is old yet");
        world.clock.advance(world.platform.config.keep_firings.unwrap() - 30 * 3_600_000);
        assert!(forget(&world.platform).await.unwrap() > 0);
        assert_eq!(shown(daily).await, [row(49, "fired"), row(73, "fired")], "of yesterday and the day before");
        let waiting = [row(2, "fired"), row(3, "queued"), row(4, "queued")];
        assert_eq!(shown(once).await, waiting, "the last that fired, and what waits");
        let last = [row(1, "fired"), row(49, "skipped"), row(73, "skipped")];
        assert_eq!(shown(skips).await, last, "the last that fired, however old");
        let next = query(&world.platform, &world.norths, daily).await.unwrap().trigger;
        run_once(&world.platform).await.unwrap();
        let again: Vec<i64> = outcomes(world, daily).await.into_iter().map(|(second, ..)| second / 3600).collect();
        assert!(again.iter().all(|hour| [49, 73].contains(hour) || *hour > 73), "{again:?}: none comes again");
        assert!(next.decided_until.is_some());
    })
    .await;
}
