//! A trigger that cannot be decided keeps nobody else waiting, and tells once.

use baigong_model::NoticeKind;
use baigong_store::entity::task_trigger;
use futures_util::FutureExt;

use super::{policies::end_tasks_of, *};
use crate::{notices, testing::on_both};

/// Writes into the trigger's row what no operation would.
async fn spoil(world: &World, id: TriggerId, how: fn(&mut task_trigger::Model)) {
    let mut row = query(&world.platform, &world.admin, id).await.unwrap().trigger;
    how(&mut row);
    let store = &world.platform.store;
    store.write(move |tx| async move { baigong_store::triggers::update(tx, row).await }.boxed()).await.unwrap();
}

async fn told(world: &World) -> usize {
    let which = notices::NoticeQuery {
        department_id: None,
        state: None,
        kind: Some(NoticeKind::TriggerSkipped),
        channel_id: None,
        page: Page::new(None, None).unwrap(),
    };
    notices::list(&world.platform, &world.admin, which).await.unwrap().rows.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_decided_rests_and_the_others_fire() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let broken = make(world, each("0 * * * * ?", process)).await;
        let lone = make(world, Change { name: Some("lone".into()), ..each("0 * * * * ?", process) }).await;
        let good = make(world, each("1 1/1 * * * ?", process)).await;
        spoil(world, broken, |row| row.cron = "of a later version".into()).await;
        spoil(world, lone, |row| row.in_parameters = "not JSON".into()).await;
        after(world, 60).await;
        let now = world.platform.now();
        assert_eq!(world.platform.alarm.next(), now + 200, "looked at once more");
        after(world, 0).await;
        assert_eq!(world.platform.alarm.next(), now + 1000, "then for the next of the others: these two rest");
        after(world, 1).await;
        assert_eq!(outcomes(world, good).await, [fired(61)]);
        for _ in 0..20 {
            after(world, 10).await;
        }
        assert_eq!(outcomes(world, good).await.len(), 4);
        assert_eq!(told(world).await, 2, "their departments hear of it once");
        update(
            &world.platform,
            &world.norths,
            broken,
            Change { cron: Some("0 * * * * ?".into()), ..Default::default() },
        )
        .await
        .unwrap();
        after(world, 60).await;
        assert_eq!(outcomes(world, broken).await.last().map(|row| row.1.clone()), Some("fired".into()), "mended");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_released_does_not_hold_up_the_others() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let queueing = |name: &str| Change {
            name: Some(name.into()),
            overlap_policy: Some("queue".into()),
            ..each("0 * * * * ?", process)
        };
        let (broken, good) = (make(world, queueing("a")).await, make(world, queueing("b")).await);
        after(world, 60).await;
        after(world, 60).await;
        spoil(world, broken, |row| row.in_parameters = "not JSON".into()).await;
        end_tasks_of(world, broken).await;
        end_tasks_of(world, good).await;
        assert_eq!(release(&world.platform).await.unwrap(), 1);
        assert_eq!(outcomes(world, good).await, [fired(60), fired(120)]);
        assert_eq!(told(world).await, 1);
    })
    .await;
}
