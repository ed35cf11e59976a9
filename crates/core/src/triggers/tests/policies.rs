//! Instants that were missed, and instants that come while a run is under way.

use super::*;
use crate::testing::on_both;

fn late(second: i64) -> (i64, String, String, usize) {
    (second, "fired".into(), "misfire".into(), 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_scheduler_fires_every_instant_of_the_last_minute() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let id = make(world, each("0/20 * * * * ?", process)).await;
        after(world, 70).await;
        assert_eq!(outcomes(world, id).await, [fired(20), fired(40), fired(60)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn missed_instants_follow_the_policy() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let mut made = Vec::new();
        for policy in ["fire-once", "skip", "all"] {
            let policy = Some(policy.to_owned());
            let change = Change { name: policy.clone(), misfire_policy: policy, ..each("0 * * * * ?", process) };
            made.push(make(world, change).await);
        }
        // Down for four minutes and a half: three instants are missed, the fourth is in time.
        after(world, 270).await;
        let missed = |second| skipped(second, "misfire");
        assert_eq!(outcomes(world, made[0]).await, [missed(60), missed(120), late(180), fired(240)]);
        assert_eq!(outcomes(world, made[1]).await, [missed(60), missed(120), missed(180), fired(240)]);
        assert_eq!(outcomes(world, made[2]).await, [late(60), late(120), late(180), fired(240)]);
        // Then for ten hours: more than are looked at one by one.
        after(world, 36_000).await;
        for (id, expected) in made.iter().zip([1, 0, 100]) {
            let rows = rows(world, *id).await;
            let run = rows.iter().find(|row| row.until_at.is_some()).expect("the oldest are one row");
            assert_eq!((run.outcome.as_str(), run.fire_at), ("skipped", START + 300_000));
            let later: Vec<_> = rows.iter().filter(|row| row.fire_at > run.fire_at).collect();
            assert_eq!(later.first().map(|row| row.fire_at), run.until_at.map(|until| until + 60_000), "no gap");
            let is_late =
                |row: &&&trigger_firing::Model| row.outcome == "fired" && row.reason.as_deref() == Some("misfire");
            assert_eq!(later.iter().filter(is_late).count(), expected);
            assert_eq!(later.len(), 101, "a hundred missed, and the last in time");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_back_fires_nothing_twice() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let id = make(world, each("0 * * * * ?", process)).await;
        after(world, 120).await;
        after(world, -110).await;
        let change = Change { description: Some("d".into()), ..Default::default() };
        update(&world.platform, &world.norths, id, change).await.unwrap();
        let change = Change { cron: Some("30 * * * * ?".into()), ..Default::default() };
        update(&world.platform, &world.norths, id, change).await.unwrap();
        after(world, 130).await;
        assert_eq!(outcomes(world, id).await, [fired(60), fired(120)], "what is decided stays decided");
        after(world, 10).await;
        assert_eq!(outcomes(world, id).await.last(), Some(&fired(150)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_under_way_follows_the_policy() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let mut made = Vec::new();
        for policy in ["skip", "queue", "parallel"] {
            let policy = Some(policy.to_owned());
            let change = Change { name: policy.clone(), overlap_policy: policy, ..each("0 * * * * ?", process) };
            made.push(make(world, change).await);
        }
        let waits = |second| (second, "queued".to_owned(), String::new(), 0);
        for _ in 0..3 {
            after(world, 60).await;
        }
        assert_eq!(outcomes(world, made[0]).await, [fired(60), skipped(120, "overlap"), skipped(180, "overlap")]);
        assert_eq!(outcomes(world, made[1]).await, [fired(60), waits(120), waits(180)]);
        assert_eq!(outcomes(world, made[2]).await, [fired(60), fired(120), fired(180)]);
        assert_eq!(release(&world.platform).await.unwrap(), 0, "not before the first has ended");
        end_tasks_of(world, made[1]).await;
        assert_eq!(release(&world.platform).await.unwrap(), 1);
        assert_eq!(release(&world.platform).await.unwrap(), 0, "one at a time");
        assert_eq!(outcomes(world, made[1]).await, [fired(60), fired(120), waits(180)]);
        end_tasks_of(world, made[1]).await;
        after(world, 60).await;
        let ended = outcomes(world, made[1]).await;
        assert_eq!(ended[2..], [waits(180), waits(240)], "those that wait go first");
        end_tasks_of(world, made[0]).await;
        after(world, 60).await;
        assert_eq!(outcomes(world, made[0]).await.last(), Some(&fired(300)));
        delete(&world.platform, &world.norths, made[1]).await.unwrap();
        release(&world.platform).await.unwrap();
        assert!(outcomes(world, made[1]).await.iter().all(|row| row.1 != "queued"), "a deleted trigger gives up");
    })
    .await;
}

/// Cancels what the trigger has started.
pub(super) async fn end_tasks_of(world: &World, trigger: TriggerId) {
    for task in all_tasks(world).await {
        if task.trigger_id == Some(trigger) && task.state == "queued" {
            tasks::cancel(&world.platform, &world.admin, task.id).await.unwrap();
        }
    }
}
