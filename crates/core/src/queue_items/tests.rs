//! Promise G6 through the operations: one holder at a time, created = the sum of all states, nothing secret in the open.

use std::collections::HashMap;

use baigong_model::{Error, Page, Permission, Random, SeededRandom};
use baigong_store::queue_items::Outcome;
use serde_json::json;

use super::*;
use crate::{
    deadlines,
    queues::{self, NewQueue, QueueChange, QueueDetails, QueueSettings},
    testing::{World, assert_not_found, on_both, on_one, without},
};

async fn queue(world: &World, name: &str, settings: QueueSettings) -> QueueId {
    let new = NewQueue { department_id: world.north, name: name.into(), remark: None, settings };
    queues::create(&world.platform, &world.norths, new).await.unwrap()
}

async fn push_one(world: &World, queue: QueueId, item: ItemInput) -> Result<i64> {
    push(&world.platform, &world.norths, queue, vec![item]).await.map(|ids| ids[0])
}

async fn take(world: &World, queue: QueueId) -> Option<Taken> {
    world.platform.known_queues.forget(queue);
    pop(&world.platform, &world.norths, queue, 1).await.unwrap().pop()
}

fn grip(taken: &Taken) -> Grip {
    Grip { queue_id: taken.row.queue_id, item_id: taken.row.id, fence: taken.row.fence }
}

async fn end(world: &World, taken: &Taken, outcome: Outcome) -> Result<&'static str> {
    finish(&world.platform, &world.norths, grip(taken), outcome).await
}

async fn counts(world: &World, queue: QueueId) -> QueueDetails {
    queues::query(&world.platform, &world.admin, queue).await.unwrap()
}

async fn found(world: &World, queue: QueueId, expression: &str) -> Vec<i64> {
    let filter = ItemFilter { expression: Some(expression.into()), ..ItemFilter::default() };
    let page = Page::new(None, None).unwrap();
    let page = list(&world.platform, &world.norths, queue, &filter, page, None).await.unwrap();
    assert_eq!(page.total, page.rows.len() as u64, "{expression}");
    page.rows.into_iter().map(|item| item.row.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_done_created_is_the_sum_of_all_states() {
    on_both(async |world| {
        let next = queue(world, "next", QueueSettings::default()).await;
        let ways = QueueSettings {
            max_attempts: Some(2),
            success_queue_id: Some(next),
            failure_queue_id: Some(next),
            lease_seconds: Some(60),
            ..QueueSettings::default()
        };
        let first = queue(world, "first", ways).await;
        let random = SeededRandom::new(11);
        let (mut created, mut forwarded, mut held) = (0, 0, Vec::<Taken>::new());
        for round in 0..300 {
            let mut bytes = [0; 4];
            random.fill(&mut bytes);
            let [what, much, when, who] = bytes.map(i64::from);
            match what % 9 {
                0..=2 => {
                    let items = (0..much % 5 + 1).map(|n| ItemInput {
                        payload: json!({ "round": round, "n": n }),
                        available_at: (when % 3 == 0).then(|| world.platform.now() + when * 500),
                        deadline: (when % 4 == 0).then(|| world.platform.now() + when * 900 + 1),
                        is_secret: who % 5 == 0,
                        ..ItemInput::default()
                    });
                    let items: Vec<ItemInput> = items.collect();
                    created += items.len() as i64;
                    push(&world.platform, &world.norths, first, items).await.unwrap();
                }
                3 => held.extend(pop(&world.platform, &world.norths, first, 4).await.unwrap()),
                4 | 5 if !held.is_empty() => {
                    let taken = held.swap_remove(usize::try_from(much).unwrap() % held.len());
                    let outcome = match when % 3 {
                        0 => Outcome::Succeeded(Some("1".into())),
                        1 => Outcome::BusinessFailure("wrong".into()),
                        _ => Outcome::ApplicationFailure("broken".into()),
                    };
                    match end(world, &taken, outcome).await {
                        Ok("new") | Err(_) => {}
                        Ok(_) => forwarded += 1,
                    }
                }
                6 if !held.is_empty() => {
                    let taken = held.pop().unwrap();
                    let _ =
                        release(&world.platform, &world.norths, grip(&taken), Some(world.platform.now() + when)).await;
                }
                7 => {
                    world.clock.advance(when * 200);
                    let failed = counts(world, first).await.failed;
                    deadlines::sweep_items(&world.platform).await.unwrap();
                    forwarded += counts(world, first).await.failed - failed;
                }
                _ => {
                    let filter = ItemFilter { state: Some("failed".into()), ..ItemFilter::default() };
                    let page = Page::new(None, Some(1)).unwrap();
                    let some = list(&world.platform, &world.norths, first, &filter, page, None).await.unwrap();
                    let ids: Vec<i64> = some.rows.iter().map(|item| item.row.id).collect();
                    match (ids.is_empty(), who % 2) {
                        (true, _) => {}
                        (_, 0) => requeue(&world.platform, &world.norths, first, ids, None).await.unwrap(),
                        _ => delete(&world.platform, &world.norths, first, ids).await.unwrap(),
                    }
                }
            }
            let all = counts(world, first).await;
            let states = all.unconsumed + all.consumed + all.unavailable + all.expired;
            assert_eq!((all.total, all.total + all.deleted), (states, created), "round {round}: {all:?}");
            assert!(all.succeeded + all.failed <= all.consumed, "round {round}: {all:?}");
            assert_eq!(counts(world, next).await.total, forwarded, "round {round}: what ended went on");
        }
        assert!(created > 100 && forwarded > 10, "{created} created, {forwarded} forwarded: the test does too little");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_there_from_its_time_to_its_deadline() {
    on_both(async |world| {
        let queue = queue(world, "times", QueueSettings::default()).await;
        let now = world.platform.now();
        let at = |available_at, deadline| ItemInput { available_at, deadline, ..ItemInput::of(json!(1)) };
        let late = push_one(world, queue, at(Some(now + 5000), None)).await.unwrap();
        push_one(world, queue, at(None, Some(now + 3000))).await.unwrap();
        assert!(push_one(world, queue, at(Some(now + 9000), Some(now + 8000))).await.is_err());
        for over in [now, now - 1, 1] {
            let refused = push_one(world, queue, at(None, Some(over))).await;
            assert!(matches!(&refused, Err(Error::Invalid { field, .. }) if field == "deadline"), "{refused:?}");
        }
        let all = counts(world, queue).await;
        assert_eq!((all.unavailable, all.unconsumed, all.expired), (1, 1, 0));
        world.clock.advance(3000);
        let all = counts(world, queue).await;
        assert_eq!((all.unavailable, all.unconsumed, all.expired), (1, 0, 1), "to the millisecond, before any sweep");
        assert!(take(world, queue).await.is_none());
        world.clock.advance(2000);
        assert_eq!(take(world, queue).await.unwrap().row.id, late, "taken without waiting for a sweep");
        deadlines::sweep_items(&world.platform).await.unwrap();
        let all = counts(world, queue).await;
        assert_eq!((all.unavailable, all.unconsumed, all.expired, all.consumed), (0, 0, 1, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_holder_renews_gives_back_and_ends() {
    on_both(async |world| {
        let queue =
            queue(world, "holders", QueueSettings { lease_seconds: Some(60), ..QueueSettings::default() }).await;
        push_one(world, queue, ItemInput::of(json!({}))).await.unwrap();
        let taken = take(world, queue).await.unwrap();
        world.clock.advance(50_000);
        let until = renew(&world.platform, &world.norths, grip(&taken)).await.unwrap();
        assert_eq!(until, world.platform.now() + 60_000);
        world.clock.advance(50_000);
        deadlines::sweep_items(&world.platform).await.unwrap();
        let other = without(world.north, Permission::AssetRead);
        let stranger = crate::Caller::user(9, "x".into(), other.permissions(), other.scope().clone());
        for stale in [Grip { fence: 0, ..grip(&taken) }, Grip { fence: 2, ..grip(&taken) }] {
            assert!(matches!(renew(&world.platform, &world.norths, stale).await, Err(Error::StaleFence { .. })));
        }
        let refused = renew(&world.platform, &stranger, grip(&taken)).await;
        assert!(matches!(refused, Err(Error::StaleFence { .. })), "{refused:?}");
        assert_not_found(renew(&world.platform, &world.souths, grip(&taken)).await, "renew");
        let again = release(&world.platform, &world.norths, grip(&taken), None).await.unwrap();
        assert_eq!(again, "new");
        let second = take(world, queue).await.unwrap();
        assert_eq!((second.row.attempts, second.row.fence), (1, 2), "what is given back was not tried");
        assert!(end(world, &taken, Outcome::Succeeded(None)).await.is_err(), "the old grip is over");
        assert_eq!(end(world, &second, Outcome::Succeeded(None)).await.unwrap(), "succeeded");
        let over = renew(&world.platform, &world.norths, grip(&second)).await;
        assert!(matches!(over, Err(Error::Conflict(_))), "{over:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_says_who_has_it_until_that_is_deleted() {
    on_both(async |world| {
        let queue = queue(world, "references", QueueSettings::default()).await;
        let named = || ItemInput { reference: Some("T-1".into()), ..ItemInput::of(json!({})) };
        let first = push_one(world, queue, named()).await.unwrap();
        let taken = push_one(world, queue, named()).await.unwrap_err().to_string();
        assert!(taken.contains(&format!("belongs to item {first}")), "{taken}");
        let twice = push(&world.platform, &world.norths, queue, vec![named(), named()]).await;
        assert!(twice.is_err());
        delete(&world.platform, &world.norths, queue, vec![first]).await.unwrap();
        let second = push_one(world, queue, named()).await.unwrap();
        let change = ItemChange { reference: Some("T-1".into()), ..ItemChange::default() };
        let third = push_one(world, queue, ItemInput::of(json!({}))).await.unwrap();
        let refused = update(&world.platform, &world.norths, queue, third, change.clone()).await.unwrap_err();
        assert!(refused.to_string().contains(&second.to_string()), "{refused}");
        update(&world.platform, &world.norths, queue, second, change).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_goes_on_with_what_it_brought() {
    on_both(async |world| {
        let third = queue(world, "third", QueueSettings::default()).await;
        let second =
            queue(world, "second", QueueSettings { failure_queue_id: Some(third), ..QueueSettings::default() }).await;
        let first =
            queue(world, "first", QueueSettings { success_queue_id: Some(second), ..QueueSettings::default() }).await;
        for secret in [false, true] {
            let reference = format!("T-{secret}");
            let item =
                ItemInput { reference: Some(reference.clone()), is_secret: secret, ..ItemInput::of(json!({"a": 1})) };
            let id = push_one(world, first, item).await.unwrap();
            end(world, &take(world, first).await.unwrap(), Outcome::Succeeded(Some("{\"b\":2}".into()))).await.unwrap();
            let onward = take(world, second).await.unwrap();
            assert_eq!(
                (onward.row.payload.as_str(), onward.row.reference.as_deref()),
                ("{\"a\":1}", Some(&*reference))
            );
            let from = TakenFrom { item_id: id, output: Some("{\"b\":2}".into()), reason: None };
            assert_eq!(onward.origin, Some(from));
            end(world, &onward, Outcome::BusinessFailure("no such account".into())).await.unwrap();
            let last = take(world, third).await.unwrap();
            assert_eq!(last.origin.unwrap().reason.as_deref(), Some("no such account"));
            assert_eq!(last.row.payload, "{\"a\":1}");
        }
        // A reference that is taken there does not hold up what is done.
        push_one(world, second, ItemInput { reference: Some("X".into()), ..ItemInput::of(json!(0)) }).await.unwrap();
        push_one(world, first, ItemInput { reference: Some("X".into()), ..ItemInput::of(json!(1)) }).await.unwrap();
        end(world, &take(world, first).await.unwrap(), Outcome::Succeeded(None)).await.unwrap();
        let waiting = [take(world, second).await.unwrap(), take(world, second).await.unwrap()];
        assert_eq!(waiting.map(|taken| taken.row.reference), [Some("X".into()), None]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queues_that_forward_in_a_circle_and_to_strangers_are_refused() {
    on_both(async |world| {
        let a = queue(world, "a", QueueSettings::default()).await;
        let b = queue(world, "b", QueueSettings { success_queue_id: Some(a), ..QueueSettings::default() }).await;
        let to = |id| QueueChange {
            settings: QueueSettings { failure_queue_id: Some(id), ..QueueSettings::default() },
            ..QueueChange::default()
        };
        let change = async |queue, id| queues::update(&world.platform, &world.norths, queue, to(id)).await;
        assert!(matches!(change(a, b).await, Err(Error::Conflict(_))));
        assert!(change(a, a).await.is_err());
        let new =
            NewQueue { department_id: world.south, name: "s".into(), remark: None, settings: QueueSettings::default() };
        let foreign = queues::create(&world.platform, &world.souths, new).await.unwrap();
        assert_not_found(change(a, foreign).await, "forwarding to a queue one does not see");
        assert_not_found(change(foreign, a).await, "changing a queue one does not see");
        assert!(matches!(queues::delete(&world.platform, &world.norths, a).await, Err(Error::Conflict(_))));
        let gone = QueueChange {
            settings: QueueSettings { success_queue_id: Some(0), ..QueueSettings::default() },
            ..QueueChange::default()
        };
        queues::update(&world.platform, &world.norths, b, gone).await.unwrap();
        change(a, b).await.unwrap();
        push_one(world, a, ItemInput::of(json!({}))).await.unwrap();
        let taken = take(world, a).await.unwrap();
        let held = queues::delete(&world.platform, &world.norths, a).await;
        assert!(matches!(held, Err(Error::Conflict(_))), "{held:?}");
        end(world, &taken, Outcome::Succeeded(None)).await.unwrap();
        queues::delete(&world.platform, &world.norths, a).await.unwrap();
        assert!(counts(world, a).await.queue.deleted_at.is_some());
        assert_not_found(push_one(world, a, ItemInput::of(json!({}))).await, "push into a deleted queue");
        assert_not_found(queues::delete(&world.platform, &world.norths, a).await, "delete twice");
        let again = queue(world, "a", QueueSettings::default()).await;
        assert_ne!(again, a, "its name is free");
        let filter = ItemFilter { keyword: Some("长".repeat(100_000)), ..ItemFilter::default() };
        let page = Page::new(None, None).unwrap();
        let refused = list(&world.platform, &world.norths, again, &filter, page, None).await;
        assert!(matches!(&refused, Err(Error::Invalid { field, .. }) if field == "keyword"), "{refused:?}");
    })
    .await;
}

/// A change that was read before another must not bring back what that took away: a way into a queue that is gone since.
#[tokio::test(flavor = "multi_thread")]
async fn changes_of_a_queue_at_once_do_not_undo_each_other() {
    on_both(async |world| {
        let target = queue(world, "target", QueueSettings::default()).await;
        let settings = QueueSettings { success_queue_id: Some(target), ..QueueSettings::default() };
        let from = queue(world, "from", settings).await;
        let away = QueueChange {
            settings: QueueSettings { success_queue_id: Some(0), ..QueueSettings::default() },
            ..QueueChange::default()
        };
        let named = |name: String| QueueChange { name: Some(name), ..QueueChange::default() };
        let change = async |change| queues::update(&world.platform, &world.norths, from, change).await;
        let back = QueueChange {
            settings: QueueSettings { success_queue_id: Some(target), ..QueueSettings::default() },
            ..QueueChange::default()
        };
        for round in 0..8 {
            let (one, two) = tokio::join!(change(away.clone()), change(named(format!("round {round}"))));
            one.and(two).unwrap();
            let after = counts(world, from).await.queue;
            let expected = (None, Some(format!("round {round}")));
            assert_eq!((after.success_queue_id, Some(after.name)), expected);
            change(back.clone()).await.unwrap();
        }
        let delete = queues::delete(&world.platform, &world.norths, from);
        let (deleted, changed) = tokio::join!(delete, change(named("late".into())));
        deleted.unwrap();
        assert!(changed.is_ok() || matches!(changed, Err(Error::NotFound { .. })), "{changed:?}");
        queue(world, "late", QueueSettings::default()).await;
    })
    .await;
}

/// The seal of one item does not open any more: the others of the same call and the same sweep go their way.
#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_cannot_be_opened_keeps_no_other() {
    on_both(async |world| {
        let next = queue(world, "next", QueueSettings::default()).await;
        let settings = QueueSettings {
            max_attempts: Some(1),
            lease_seconds: Some(60),
            failure_queue_id: Some(next),
            ..QueueSettings::default()
        };
        let id = queue(world, "from", settings).await;
        let secret = || ItemInput { is_secret: true, ..ItemInput::of(json!({ "pin": "1" })) };
        let ids = push(&world.platform, &world.norths, id, vec![secret(), secret()]).await.unwrap();
        let broken = ids[0];
        let spoiled = world.platform.store.write(move |tx| {
            async move {
                let row = rows::for_change(tx, id, &[broken]).await?.remove(0);
                let (reference, now) = (row.reference.clone(), row.created_at);
                let (priority, available_at, expires_at) = (row.priority, row.available_at, row.expires_at);
                let payload = "v1|spoiled".to_owned();
                rows::update(tx, &row, rows::Change { priority, payload, reference, available_at, expires_at }, now)
                    .await
            }
            .boxed()
        });
        spoiled.await.unwrap();
        let taken = pop(&world.platform, &world.norths, id, 2).await.unwrap();
        assert_eq!(taken.iter().map(|taken| taken.row.id).collect::<Vec<_>>(), [ids[1]]);
        world.clock.advance(60_000);
        assert_eq!(deadlines::sweep_items(&world.platform).await.unwrap(), 1);
        assert_eq!(counts(world, next).await.unconsumed, 1, "it went on");
        let standing = counts(world, id).await;
        assert_eq!((standing.failed, standing.consumed, standing.total), (1, 2, 2), "the other waits for its key");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_secret_is_sealed_and_shown_to_its_holder_only() {
    on_both(async |world| {
        let queue = queue(world, "secrets", QueueSettings::default()).await;
        let item = ItemInput { is_secret: true, ..ItemInput::of(json!({"pin": "canary-4711"})) };
        let id = push_one(world, queue, item).await.unwrap();
        let stored =
            async || baigong_store::queue_items::find(&world.platform.store, queue, id).await.unwrap().unwrap();
        assert!(!stored().await.payload.contains("canary"));
        let shown = query(&world.platform, &world.norths, queue, id).await.unwrap();
        assert_eq!((shown.payload(), shown.row.payload.as_str()), (None, ""));
        assert_eq!(found(world, queue, "canary-4711").await, [0; 0], "a search does not look into it");
        assert_eq!(found(world, queue, "pin:canary-4711").await, [0; 0]);
        let change = ItemChange { payload: Some(json!({"pin": "canary-4712"})), ..ItemChange::default() };
        update(&world.platform, &world.norths, queue, id, change).await.unwrap();
        assert!(!stored().await.payload.contains("canary"), "a change is sealed too");
        let taken = take(world, queue).await.unwrap();
        assert_eq!(taken.row.payload, "{\"pin\":\"canary-4712\"}");
        end(world, &taken, Outcome::Succeeded(Some("\"canary-out\"".into()))).await.unwrap();
        assert!(!stored().await.output.unwrap().contains("canary"));
        assert_eq!(query(&world.platform, &world.norths, queue, id).await.unwrap().row.output, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn expressions_find_items_by_their_fields_and_their_data() {
    on_both(async |world| {
        let queue = queue(world, "search", QueueSettings::default()).await;
        let rows = [
            (json!({"市场": "SH", "amount": 100, "to": {"name": "Zhang"}}), Some("A-1"), 0),
            (json!({"市场": "SZ", "amount": "250.50", "day": "2026-11-21", "ok": true}), Some("A_2"), 1),
            (json!({"市场": "SH", "amount": "n/a", "note": "50% off"}), None, 2),
            (json!([1, 2]), None, 1),
        ];
        let mut ids = Vec::new();
        for (payload, reference, priority) in rows {
            let item = ItemInput {
                payload,
                reference: reference.map(Into::into),
                priority: Some(priority),
                ..ItemInput::default()
            };
            ids.push(push_one(world, queue, item).await.unwrap());
        }
        for (expression, expected) in [
            ("市场:SH", &[0, 2][..]),
            ("payload.市场:SH AND amount:[100 TO 300]", &[0]),
            ("amount:[100 TO 300]", &[0, 1]),
            ("amount:{100 TO *]", &[1]),
            ("amount:250.5", &[1]),
            ("amount:100", &[0]),
            ("to.name:Zh*", &[0]),
            ("reference:A_?", &[1]),
            ("reference:A*", &[0, 1]),
            ("priority:0 OR priority:2", &[0, 2]),
            ("priority: IN [0 2]", &[0, 2]),
            ("NOT 市场:SH", &[1, 3]),
            ("-市场:SH -priority:1", &[]),
            ("note:*", &[2]),
            ("\"50% off\"", &[2]),
            ("day:[2026-11-01 TO 2026-11-30]", &[1]),
            ("day:2026", &[]),
            ("ok:true", &[1]),
            ("zhang", &[0]),
            ("state:new", &[0, 1, 2, 3]),
            ("state:failed", &[]),
            ("*", &[0, 1, 2, 3]),
            ("createdAt:[2020-01-01 TO *] AND attempts:0", &[0, 1, 2, 3]),
            ("createdAt:[* TO 2020-01-01]", &[]),
        ] {
            let expected: Vec<i64> = expected.iter().map(|at: &usize| ids[*at]).collect();
            assert_eq!(found(world, queue, expression).await, expected, "{expression}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_by_number_and_by_key() {
    on_both(async |world| {
        let queue = queue(world, "pages", QueueSettings::default()).await;
        let items = (0..25).map(|n| ItemInput { priority: Some(n % 3), ..ItemInput::of(json!(n)) }).collect();
        push(&world.platform, &world.norths, queue, items).await.unwrap();
        for state in [None, Some("new".to_owned())] {
            let filter = ItemFilter { state, ..ItemFilter::default() };
            let page = async |number, after| {
                let page = Page::new(Some(number), Some(10)).unwrap();
                let page = list(&world.platform, &world.norths, queue, &filter, page, after).await.unwrap();
                assert_eq!(page.total, 25);
                page.rows.into_iter().map(|item| item.row.id).collect::<Vec<_>>()
            };
            let mut by_number = Vec::new();
            let mut by_key: Vec<i64> = Vec::new();
            for number in 1..=3 {
                by_number.extend(page(number, None).await);
                by_key.extend(page(1, by_key.last().copied()).await);
            }
            assert_eq!((by_number.len(), &by_number), (25, &by_key));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_or_done_is_not_changed_and_nothing_is_done_by_halves() {
    on_both(async |world| {
        let queue = queue(world, "changes", QueueSettings::default()).await;
        let ids = push(&world.platform, &world.norths, queue, vec![ItemInput::of(json!(1)), ItemInput::of(json!(2))])
            .await
            .unwrap();
        let taken = take(world, queue).await.unwrap();
        let both = delete(&world.platform, &world.norths, queue, ids.clone()).await;
        assert!(matches!(both, Err(Error::Conflict(_))), "{both:?}");
        assert_eq!(counts(world, queue).await.deleted, 0);
        assert!(update(&world.platform, &world.norths, queue, taken.row.id, ItemChange::default()).await.is_err());
        assert!(requeue(&world.platform, &world.norths, queue, vec![ids[1]], None).await.is_err(), "it waits already");
        end(world, &taken, Outcome::BusinessFailure("x".into())).await.unwrap();
        let change = ItemChange { payload: Some(json!("better")), ..ItemChange::default() };
        update(&world.platform, &world.norths, queue, taken.row.id, change).await.unwrap();
        requeue(&world.platform, &world.norths, queue, vec![taken.row.id], None).await.unwrap();
        let again = take(world, queue).await.unwrap();
        assert_eq!((again.row.id, again.row.payload.as_str(), again.row.attempts), (taken.row.id, "\"better\"", 1));
        assert_not_found(delete(&world.platform, &world.norths, queue, vec![99_999]).await, "delete");
        let reader = without(world.north, Permission::QueueWrite);
        let refused = delete(&world.platform, &reader, queue, vec![ids[1]]).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_comes_in_whole_and_goes_out_as_it_came() {
    on_both(async |world| {
        let queue = queue(world, "tables", QueueSettings::default()).await;
        let file = world.folder().join("in.csv");
        let time = |text: &str| text.parse().ok();
        let read = async |bytes: &[u8], encoding| {
            std::fs::write(&file, bytes).unwrap();
            let table = Import { file: &file, name: "in.csv", encoding, is_secret: false };
            import(&world.platform, &world.norths, queue, table, &time).await
        };
        let wrong =
            read("代码,priority,reference\n1,7,a\n2,0,b\n3,x,c\n".as_bytes(), None).await.unwrap_err().to_string();
        assert!(wrong.contains("row 2: priority") && wrong.contains("row 4: priority"), "{wrong}");
        let twice = read("代码,reference\n1,a\n\n2,a\n".as_bytes(), None).await.unwrap_err().to_string();
        assert!(twice.contains("row 4: the reference \"a\" stands in row 2"), "{twice}");
        assert_eq!(counts(world, queue).await.total, 0, "all or nothing");
        let gbk =
            encoded("代码,名称,reference,priority,deadline\r\n000001,平安,r1,0,4000000000000\r\n600000,=1+1,,,\r\n");
        assert!(read(&gbk, Some("utf-8")).await.is_err());
        let ids = read(&gbk, Some("gbk")).await.unwrap();
        let first = query(&world.platform, &world.norths, queue, ids[0]).await.unwrap();
        assert_eq!(first.payload(), Some("{\"代码\":\"000001\",\"名称\":\"平安\"}"));
        assert_eq!(
            (first.row.priority, first.row.expires_at, first.row.reference.as_deref()),
            (0, Some(4_000_000_000_000), Some("r1"))
        );
        let number = ItemInput::of(json!({"代码": -5, "名称": "-5"}));
        push_one(world, queue, number).await.unwrap();
        let text = exported(world, queue, ExportFormat::Csv { mark: false }).await;
        let text = String::from_utf8(text).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].ends_with(",_output,代码,名称"), "{text}");
        assert!(lines[1].ends_with(",000001,平安") && lines[2].ends_with(",600000,'=1+1"), "{text}");
        assert!(lines[3].ends_with(",-5,'-5"), "a number stays one, a text does not become one: {text}");
        let sheet = exported(world, queue, ExportFormat::Xlsx).await;
        let rows = crate::tabular::read(sheet, "x.xlsx", None).unwrap();
        assert_eq!(rows[2].1[12..], ["600000", "=1+1"]);
    })
    .await;
}

fn encoded(text: &str) -> Vec<u8> {
    let gbk = baigong_tabular::encoding::by_name("gbk").unwrap();
    baigong_tabular::encoding::encode(text, gbk, false, "in.csv").unwrap()
}

async fn exported(world: &World, queue: QueueId, format: ExportFormat) -> Vec<u8> {
    use futures_util::TryStreamExt;
    let time: fn(&Platform, i64) -> String = |_, at| at.to_string();
    let file = export(&world.platform, &world.norths, queue, &ItemFilter::default(), format, time).await.unwrap();
    let parts: Vec<bytes::Bytes> = file.body.try_collect().await.unwrap();
    parts.concat()
}

#[tokio::test]
async fn what_is_too_large_or_cannot_be_kept_is_refused() {
    on_one(async |world| {
        let queue = queue(world, "bounds", QueueSettings::default()).await;
        for (payload, field) in [(json!("x".repeat(300_000)), "payload"), (json!({"a": "\0"}), "payload")] {
            let refused = push_one(world, queue, ItemInput::of(payload)).await.unwrap_err().to_string();
            assert!(refused.starts_with(field), "{refused}");
        }
        push_one(world, queue, ItemInput::of(json!("\\u0000"))).await.unwrap();
        assert!(push(&world.platform, &world.norths, queue, Vec::new()).await.is_err());
        let many = vec![ItemInput::of(json!(1)); MOST_AT_ONCE + 1];
        assert!(push(&world.platform, &world.norths, queue, many).await.is_err());
        let taken: HashMap<i64, Taken> = pop(&world.platform, &world.norths, queue, 5)
            .await
            .unwrap()
            .into_iter()
            .map(|taken| (taken.row.id, taken))
            .collect();
        assert_eq!(taken.len(), 1, "as many as there are");
    })
    .await;
}
