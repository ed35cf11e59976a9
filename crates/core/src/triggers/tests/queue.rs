//! Triggers that wait for items of a queue.

use super::*;
use crate::{queue_items, queues, testing::on_both};

async fn queue_of(world: &World) -> i64 {
    let new = queues::NewQueue {
        department_id: world.north,
        name: "q".into(),
        remark: None,
        settings: queues::QueueSettings::default(),
    };
    queues::create(&world.platform, &world.norths, new).await.unwrap()
}

async fn push(world: &World, queue: i64, count: usize) {
    let items = (0..count).map(|_| queue_items::ItemInput::of(serde_json::json!({}))).collect();
    queue_items::push(&world.platform, &world.norths, queue, items).await.unwrap();
}

async fn pop(world: &World, queue: i64) {
    assert_eq!(queue_items::pop(&world.platform, &world.norths, queue, 1).await.unwrap().len(), 1);
}

fn by_queue(process: i64, queue: i64, threshold: i64, overlap: Option<&str>) -> Change {
    Change {
        trigger_type: Some(1),
        queue_id: Some(queue),
        queue_threshold: Some(threshold),
        overlap_policy: overlap.map(str::to_owned),
        ..each("0 0 9 * * ?", process)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_needs_no_cron_expression_and_keeps_none() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let queue = queue_of(world).await;
        let cron = async |id| query(&world.platform, &world.norths, id).await.unwrap().trigger.cron;
        for (name, given) in [("absent", None), ("empty", Some("")), ("wrong", Some("nonsense"))] {
            let change = by_queue(process, queue, 1, None);
            let change = Change { name: Some(name.into()), cron: given.map(str::to_owned), ..change };
            let id = make(world, change).await;
            assert_eq!(cron(id).await, "", "{name}");
        }
        let id = make(world, by_queue(process, queue, 1, None)).await;
        push(world, queue, 1).await;
        assert_eq!(looked(world, id).await, 1, "it fires all the same");
        let by_time = Change { trigger_type: Some(0), ..Default::default() };
        let refused = update(&world.platform, &world.norths, id, by_time.clone()).await;
        let is_cron = |it: &baigong_model::Error| it.to_string().starts_with("cronExpression");
        assert!(refused.as_ref().is_err_and(is_cron), "by time it needs one: {refused:?}");
        let by_time = Change { cron: Some("0 0 9 * * ?".into()), ..by_time };
        update(&world.platform, &world.norths, id, by_time).await.unwrap();
        assert_eq!(cron(id).await, "0 0 9 * * ?");
        let wrong_zone = Change { time_zone: Some("Asia/Peking".into()), ..by_queue(process, queue, 1, None) };
        let refused = create(&world.platform, &world.norths, world.north, wrong_zone).await;
        assert!(refused.is_err_and(|it| it.to_string().starts_with("timeZone")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_is_gone_is_told() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let queue = queue_of(world).await;
        let id = make(world, by_queue(process, queue, 1, None)).await;
        let ahead =
            preview(&world.platform, &world.norths, PreviewInput { trigger_id: Some(id), ..Default::default() });
        let ahead = ahead.await;
        assert!(
            matches!(ahead, Err(baigong_model::Error::Invalid { ref field, .. }) if field == "triggerId"),
            "it has no instants: {ahead:?}"
        );
        push(world, queue, 1).await;
        queues::delete(&world.platform, &world.norths, queue).await.unwrap();
        for _ in 0..2 {
            assert_eq!(looked(world, id).await, 0);
        }
        assert_eq!(outcomes(world, id).await, [skipped(1, "queueDeleted")]);
    })
    .await;
}

/// Lets the scheduler look; how many times it has fired.
async fn looked(world: &World, id: TriggerId) -> usize {
    world.clock.advance(1000);
    look(&world.platform).await.unwrap();
    run_once(&world.platform).await.unwrap();
    outcomes(world, id).await.iter().filter(|row| row.1 == "fired").count()
}

async fn cancel_all(world: &World) {
    for task in all_tasks(world).await.iter().filter(|task| task.state == "queued") {
        tasks::cancel(&world.platform, &world.admin, task.id).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn enough_items_start_one_run_at_a_time() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let queue = queue_of(world).await;
        let id = make(world, by_queue(process, queue, 3, None)).await;
        push(world, queue, 2).await;
        assert_eq!(looked(world, id).await, 0, "two are not three");
        push(world, queue, 1).await;
        assert_eq!(looked(world, id).await, 1);
        push(world, queue, 3).await;
        assert_eq!(looked(world, id).await, 1, "its run has not ended");
        cancel_all(world).await;
        assert_eq!(looked(world, id).await, 1, "a run that did not succeed gives the next a pause");
        world.clock.advance(60_000);
        assert_eq!(looked(world, id).await, 2, "there are still enough");
        cancel_all(world).await;
        for _ in 0..4 {
            pop(world, queue).await;
        }
        assert_eq!(looked(world, id).await, 2);
        push(world, queue, 1).await;
        assert_eq!(looked(world, id).await, 3, "below the threshold and back");
        assert_eq!(all_tasks(world).await.len(), 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_runs_start_once_each_time_the_threshold_is_reached() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let queue = queue_of(world).await;
        let id = make(world, by_queue(process, queue, 2, Some("parallel"))).await;
        push(world, queue, 2).await;
        for _ in 0..3 {
            assert_eq!(looked(world, id).await, 1);
        }
        pop(world, queue).await;
        assert_eq!(looked(world, id).await, 1);
        push(world, queue, 1).await;
        assert_eq!(looked(world, id).await, 2, "its first run has not ended");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_that_see_the_same_items_start_one_run() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let queue = queue_of(world).await;
        let id = make(world, by_queue(process, queue, 1, None)).await;
        push(world, queue, 5).await;
        let other = world.another().await;
        for _ in 0..5 {
            world.clock.advance(1000);
            let (one, two) = tokio::join!(look(&world.platform), look(&other));
            one.unwrap();
            two.unwrap();
        }
        assert_eq!(outcomes(world, id).await.len(), 1);
        assert_eq!(all_tasks(world).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_may_not_start_a_run_is_told_once() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let queue = queue_of(world).await;
        let new = crate::calendars::NewCalendar { name: "ours".into(), non_working_days: vec!["2027-01-15".into()] };
        let calendar = crate::calendars::create(&world.platform, &world.admin, new).await.unwrap();
        let change = by_queue(process, queue, 1, Some("parallel"));
        let id = make(world, Change { uses_calendar: Some(true), calendar_id: Some(calendar), ..change }).await;
        push(world, queue, 1).await;
        for _ in 0..3 {
            assert_eq!(looked(world, id).await, 0);
        }
        let rows = outcomes(world, id).await;
        assert_eq!(rows.iter().map(|row| row.2.as_str()).collect::<Vec<_>>(), ["calendarDayOff"]);
        world.clock.advance(8 * 3_600_000);
        assert_eq!(looked(world, id).await, 1, "the day after works");
    })
    .await;
}
