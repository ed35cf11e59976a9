//! Promise G6: one holder at a time, and created = the sum of all states, whatever is tried at once.

use std::{collections::HashSet, sync::Arc};

use baigong_model::Error;
use baigong_store::{
    Coalescer, Scope, Store, entity,
    queue_items::{self, Finish, NewItem, Outcome, Payload, Pop, Push, Vault},
    queues,
};
use baigong_testkit::on_both;
use futures_util::future::join_all;

use crate::support::{department, open, write};

async fn queue(store: &Store, max_attempts: i32) -> i64 {
    let department_id = department(store).await;
    let row = entity::data_queue::Model {
        id: 0,
        department_id,
        name: "q".into(),
        live_name: Some(format!("{department_id}/q")),
        remark: None,
        lease_seconds: 300,
        max_attempts,
        default_priority: 1,
        success_queue_id: None,
        failure_queue_id: None,
        max_items: None,
        robots: String::new(),
        created_by: 0,
        created_at: 1,
        deleted_at: None,
    };
    write(store, move |tx| Box::pin(async move { queues::insert(tx, row).await })).await.unwrap()
}

/// Nothing is secret here.
struct NoVault;

impl Vault for NoVault {
    fn seal(&self, _: i64, _: &'static str, text: &str) -> String {
        text.to_owned()
    }

    fn open(&self, _: i64, _: &'static str, sealed: &str) -> baigong_model::Result<baigong_model::Secret<String>> {
        Ok(baigong_model::Secret::new(sealed.to_owned()))
    }
}

fn vault() -> Arc<dyn Vault> {
    Arc::new(NoVault)
}

fn item(reference: Option<&str>, priority: i32) -> NewItem {
    NewItem {
        payload: Payload::Plain("{}".into()),
        reference: reference.map(Into::into),
        priority,
        available_at: 0,
        expires_at: None,
    }
}

struct Queues {
    push: Coalescer<Push, Vec<i64>>,
    pop: Coalescer<Pop, Option<entity::queue_item::Model>>,
    finish: Coalescer<Finish, &'static str>,
}

impl Queues {
    fn over(store: &Store) -> Self {
        Self {
            push: Coalescer::new(store, 512, queue_items::push),
            pop: Coalescer::new(store, 512, queue_items::pop),
            finish: Coalescer::new(store, 512, queue_items::finish),
        }
    }

    async fn take(&self, queue_id: i64, now: i64) -> Option<entity::queue_item::Model> {
        self.pop.submit(Pop { queue_id, holder: Arc::from("me"), lease_until: now + 100, now }).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_item_goes_to_one_holder_and_none_is_lost() {
    on_both(async |database| {
        let store = open(&database).await;
        let queue_id = queue(&store, 3).await;
        let queues_of = Queues::over(&store);
        let pushes = (0..200).map(|n| queues_of.push.submit(Push { queue_id, items: vec![item(None, n % 3)], now: 1 }));
        let pushed: HashSet<i64> = join_all(pushes).await.into_iter().flat_map(Result::unwrap).collect();
        assert_eq!(pushed.len(), 200, "each push got ids of its own");
        let taken = join_all((0..250).map(|_| queues_of.take(queue_id, 2))).await;
        let taken: Vec<_> = taken.into_iter().flatten().collect();
        let ids: HashSet<i64> = taken.iter().map(|item| item.id).collect();
        assert_eq!((taken.len(), &ids), (200, &pushed), "every item was given once");
        let ends = taken.iter().map(|item| {
            let outcome = Outcome::Succeeded(None);
            queues_of.finish.submit(Finish {
                item_id: item.id,
                queue_id: Some(queue_id),
                holder: Arc::from("me"),
                fence: item.fence,
                outcome,
                now: 3,
                vault: vault(),
            })
        });
        assert!(join_all(ends).await.into_iter().all(|end| end.unwrap() == queue_items::SUCCEEDED));
        let counts = queues::counts(&store, queue_id, 4).await.unwrap();
        assert_eq!(counts.into_iter().collect::<Vec<_>>(), [("succeeded".to_owned(), 200)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn urgent_items_go_first_then_old_ones() {
    on_both(async |database| {
        let store = open(&database).await;
        let queue_id = queue(&store, 1).await;
        let queues_of = Queues::over(&store);
        let items = vec![item(None, 2), item(None, 1), item(None, 0), item(None, 1)];
        let ids = queues_of.push.submit(Push { queue_id, items, now: 1 }).await.unwrap();
        let mut order = Vec::new();
        while let Some(item) = queues_of.take(queue_id, 2).await {
            order.push(item.id);
        }
        assert_eq!(order, [ids[2], ids[1], ids[3], ids[0]]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_is_taken_once_and_a_refused_push_spoils_no_other() {
    on_both(async |database| {
        let store = open(&database).await;
        let queue_id = queue(&store, 1).await;
        let queues_of = Queues::over(&store);
        let push = |references: &[&str]| {
            let items = references.iter().map(|reference| item(Some(reference), 1)).collect();
            queues_of.push.submit(Push { queue_id, items, now: 1 })
        };
        let (a, b, c, d) = tokio::join!(push(&["x"]), push(&["x", "y"]), push(&["z"]), push(&["w", "w"]));
        assert!(a.is_ok() && c.is_ok());
        assert!(matches!(b, Err(Error::Conflict(_))), "{b:?}");
        assert!(matches!(d, Err(Error::Invalid { .. })), "{d:?}");
        assert_eq!(queues::counts(&store, queue_id, 1).await.unwrap()["new"], 2, "a refused push leaves nothing");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_failure_is_tried_again_until_the_attempts_are_used_up() {
    on_both(async |database| {
        let store = open(&database).await;
        let queue_id = queue(&store, 2).await;
        let queues_of = Queues::over(&store);
        queues_of.push.submit(Push { queue_id, items: vec![item(None, 1)], now: 1 }).await.unwrap();
        let mut states = Vec::new();
        while let Some(held) = queues_of.take(queue_id, 2).await {
            let outcome = Outcome::ApplicationFailure("the site was down".into());
            let finish = Finish {
                item_id: held.id,
                queue_id: Some(queue_id),
                holder: Arc::from("me"),
                fence: held.fence,
                outcome,
                now: 3,
                vault: vault(),
            };
            states.push(queues_of.finish.submit(finish.clone()).await.unwrap());
            assert!(queues_of.finish.submit(finish).await.is_err(), "an item is ended once");
        }
        assert_eq!(states, ["new", "failed"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_whose_lease_ended_cannot_finish() {
    on_both(async |database| {
        let store = open(&database).await;
        let queue_id = queue(&store, 5).await;
        let queues_of = Queues::over(&store);
        queues_of.push.submit(Push { queue_id, items: vec![item(None, 1)], now: 1 }).await.unwrap();
        let first = queues_of.take(queue_id, 2).await.unwrap();
        let early =
            write(&store, |tx| Box::pin(async move { queue_items::release_overdue(tx, 50, &vault()).await })).await;
        assert_eq!(early.unwrap(), 0, "a lease that lasts is left alone");
        let late =
            write(&store, |tx| Box::pin(async move { queue_items::release_overdue(tx, 102, &vault()).await })).await;
        assert_eq!(late.unwrap(), 1);
        let second = queues_of.take(queue_id, 103).await.unwrap();
        assert!(second.id == first.id && second.fence > first.fence);
        let stale = Finish {
            item_id: first.id,
            queue_id: None,
            holder: Arc::from("me"),
            fence: first.fence,
            outcome: Outcome::Succeeded(None),
            now: 104,
            vault: vault(),
        };
        assert!(matches!(queues_of.finish.submit(stale).await, Err(Error::StaleFence { .. })));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn items_outside_their_time_are_not_given_and_are_counted_apart() {
    on_both(async |database| {
        let store = open(&database).await;
        let queue_id = queue(&store, 1).await;
        let queues_of = Queues::over(&store);
        let later = NewItem { available_at: 1000, ..item(None, 1) };
        let over = NewItem { expires_at: Some(10), ..item(None, 1) };
        queues_of.push.submit(Push { queue_id, items: vec![later, over], now: 1 }).await.unwrap();
        assert!(queues_of.take(queue_id, 500).await.is_none());
        let counts = queues::counts(&store, queue_id, 500).await.unwrap();
        assert_eq!((counts["postponed"], counts["expired"]), (1, 1));
        assert!(queues_of.take(queue_id, 1000).await.is_some());
    })
    .await;
}

#[test]
fn a_scope_without_departments_sees_nothing() {
    assert!(!Scope::All.within(std::collections::BTreeSet::new()).sees(1, 0));
}
