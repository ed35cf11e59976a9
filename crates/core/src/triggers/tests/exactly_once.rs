//! Several nodes on one database, and many triggers at once.

use std::collections::BTreeSet;

use baigong_model::{Clock, SystemClock};
use futures_util::FutureExt;

use super::*;
use crate::testing::on_both;

/// Many triggers like `pattern`, made at once.
async fn many(world: &World, pattern: TriggerId, count: usize) {
    let row = query(&world.platform, &world.norths, pattern).await.unwrap().trigger;
    let made = world.platform.store.write(move |tx| {
        async move {
            for number in 0..count {
                let name = format!("{} {number}", row.name);
                let live_name = Some(format!("{}/{name}", row.department_id));
                let row = baigong_store::entity::task_trigger::Model { name, live_name, ..row.clone() };
                baigong_store::triggers::insert(tx, row).await?;
            }
            Ok(())
        }
        .boxed()
    });
    made.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_look_at_once_fire_each_instant_once() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let pattern = make(world, each("* * * * * ?", process)).await;
        many(world, pattern, 29).await;
        let other = world.another().await;
        for _ in 0..10 {
            world.clock.advance(1000);
            let (one, two) = tokio::join!(run_once(&world.platform), run_once(&other));
            one.unwrap();
            two.unwrap();
        }
        run_once(&world.platform).await.unwrap();
        let everything = Filter { list: crate::testing::all(), is_activated: None, process_id: None };
        let triggers = list(&world.platform, &world.norths, &everything).await.unwrap().rows;
        let mut tasks = BTreeSet::new();
        for trigger in &triggers {
            let expected: Vec<_> = (1..=10).map(fired).collect();
            assert_eq!(outcomes(world, trigger.id).await, expected);
            for row in rows(world, trigger.id).await {
                tasks.extend(serde_json::from_str::<Vec<i64>>(&row.task_ids).unwrap());
            }
        }
        let there: BTreeSet<i64> = all_tasks(world).await.iter().map(|task| task.id).collect();
        assert_eq!((triggers.len(), tasks.len()), (30, 300));
        assert_eq!(tasks, there, "each firing has its task, and there are no others");
    })
    .await;
}

/// The release build needs a tenth of a second; the limit is that of the requirement, ten times over.
#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_triggers_of_one_second_fire_together() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let pattern = make(world, each("0 * * * * ?", process)).await;
        many(world, pattern, 4999).await;
        world.clock.advance(60_000);
        let began = SystemClock.now();
        assert_eq!(run_once(&world.platform).await.unwrap(), 5000);
        let took = SystemClock.now() - began;
        println!("5,000 triggers fired in {took} ms on {:?}", world.platform.store.engine());
        assert!(took < 20_000, "{took} ms");
        assert_eq!(run_once(&world.platform).await.unwrap(), 0);
        let page = Page::new(None, Some(1)).unwrap();
        let made = tasks::list(&world.platform, &world.admin, tasks::Filter::default(), page).await.unwrap();
        assert_eq!(made.total, 5000);
    })
    .await;
}
