//! Promises G4 and G5 at the level of rows: one lease at a time, a start happens once, a stale fence changes nothing.

use std::{collections::HashSet, sync::Arc};

use baigong_model::{Error, TaskState, TaskStep};
use baigong_store::{
    Coalescer, Store,
    audits::NewAudit,
    tasks::{self, Claim, NewTasks, StepRequest},
};
use baigong_testkit::on_both;
use futures_util::future::join_all;

use crate::support::{open, write};

fn audit() -> NewAudit {
    NewAudit {
        at: 1,
        user_id: None,
        username: Arc::from("test"),
        address: None,
        action: "create",
        kind: "task",
        object_id: None,
        department_id: None,
        detail: "{}".into(),
    }
}

fn tasks_of(pools: Vec<i64>, priority: i32) -> NewTasks {
    NewTasks {
        department_id: 1,
        process_id: 1,
        package_id: 1,
        trigger_id: None,
        pools,
        priority,
        create_mode: 2,
        created_by: 1,
        is_record: false,
        is_warn: false,
        warn_type: None,
        in_parameters: Arc::from("[]"),
        task_name: None,
        max_run_minutes: 1,
        max_wait_minutes: 1,
        retry_safe: false,
        now: 1000,
        audit: audit(),
        fail_try_times: 0,
    }
}

fn request(task_id: i64, fence: Option<i64>, step: TaskStep) -> StepRequest {
    StepRequest { fence, lease_until: Some(9000), ..StepRequest::new(task_id, step, 2000) }
}

struct Tasks {
    store: Store,
    create: Coalescer<NewTasks, Vec<i64>>,
    step: Coalescer<StepRequest, tasks::StepAnswer>,
}

impl Tasks {
    fn over(store: &Store) -> Self {
        let create = Coalescer::new(store, 256, tasks::insert);
        Self { store: store.clone(), create, step: Coalescer::new(store, 256, tasks::step) }
    }

    async fn claim(&self, pools: Vec<(i64, Vec<(i64, usize)>)>) -> Vec<(i64, i64, i64)> {
        let claim = Claim { pools, lease_until: 5000, now: 1500 };
        let claimed =
            write(&self.store, move |tx| Box::pin(async move { tasks::claim(tx, &claim).await })).await.unwrap();
        claimed.into_iter().map(|row| (row.id, row.robot_id.unwrap(), row.fence)).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_claims_give_each_task_to_one_robot() {
    on_both(async |database| {
        let tasks_of_store = Tasks::over(&open(&database).await);
        let made = join_all((0..20).map(|_| tasks_of_store.create.submit(tasks_of(vec![7; 10], 1)))).await;
        let made: HashSet<i64> = made.into_iter().flat_map(Result::unwrap).collect();
        assert_eq!(made.len(), 200, "every request got tasks of its own");
        let claims = (0..16).map(|robot| tasks_of_store.claim(vec![(7, vec![(robot, 20)])]));
        let claimed: Vec<_> = join_all(claims).await.into_iter().flatten().collect();
        let ids: HashSet<i64> = claimed.iter().map(|(id, ..)| *id).collect();
        assert_eq!((claimed.len(), ids), (200, made), "every task was given, once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn urgent_tasks_go_first_and_a_busy_pool_does_not_hold_up_another() {
    on_both(async |database| {
        let tasks_of_store = Tasks::over(&open(&database).await);
        let low = tasks_of_store.create.submit(tasks_of(vec![7, 8], 2)).await.unwrap();
        let high = tasks_of_store.create.submit(tasks_of(vec![7], 0)).await.unwrap();
        assert_eq!(tasks_of_store.claim(vec![(7, vec![(1, 1)])]).await, [(high[0], 1, 1)]);
        let pools = tasks::pools_with_waiting_tasks(&tasks_of_store.store).await.unwrap();
        assert_eq!(pools, [7, 8]);
        let mut rest = tasks_of_store.claim(vec![(7, vec![(1, 1), (2, 1)]), (8, vec![(2, 1)])]).await;
        rest.sort_unstable();
        assert_eq!(rest.iter().map(|(id, ..)| *id).collect::<Vec<_>>(), low);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_starts_once_and_a_repeated_question_gets_the_same_answer() {
    on_both(async |database| {
        let tasks_of_store = Tasks::over(&open(&database).await);
        let id = tasks_of_store.create.submit(tasks_of(vec![7], 1)).await.unwrap()[0];
        tasks_of_store.claim(vec![(7, vec![(1, 1)])]).await;
        let starts = join_all((0..8).map(|_| tasks_of_store.step.submit(request(id, Some(1), TaskStep::Start)))).await;
        let changed = starts.iter().filter(|start| start.as_ref().unwrap().changed).count();
        assert_eq!(changed, 1, "eight questions, one start");
        let end = tasks_of_store.step.submit(request(id, Some(1), TaskStep::Succeed)).await.unwrap();
        assert_eq!(end.state, TaskState::Succeeded);
        let late = tasks_of_store.step.submit(request(id, Some(1), TaskStep::Fail)).await;
        assert!(matches!(late, Err(Error::AlreadyEnded)), "an end is final: {late:?}");
        let row = tasks::find(&tasks_of_store.store, &baigong_store::Scope::All, id).await.unwrap().unwrap();
        assert_eq!(
            (row.state.as_str(), row.started_at, row.ended_at, row.lease_until),
            ("succeeded", Some(2000), Some(2000), None)
        );
        assert_eq!(row.run_until, Some(62_000), "the run limit counts from the start");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_fence_changes_nothing() {
    on_both(async |database| {
        let tasks_of_store = Tasks::over(&open(&database).await);
        let id = tasks_of_store.create.submit(tasks_of(vec![7], 1)).await.unwrap()[0];
        tasks_of_store.claim(vec![(7, vec![(1, 1)])]).await;
        tasks_of_store.step.submit(request(id, Some(1), TaskStep::Return)).await.unwrap();
        assert_eq!(tasks_of_store.claim(vec![(7, vec![(2, 1)])]).await, [(id, 2, 2)]);
        for step in [TaskStep::Start, TaskStep::Return, TaskStep::Cancel, TaskStep::Succeed] {
            let stale = tasks_of_store.step.submit(request(id, Some(1), step)).await;
            assert!(matches!(stale, Err(Error::StaleFence { given: 1, current: 2 })), "{step:?}: {stale:?}");
        }
        let other_robot = StepRequest { robot_id: Some(1), ..request(id, Some(2), TaskStep::Start) };
        assert!(tasks_of_store.step.submit(other_robot).await.is_err(), "only the robot that holds it may start it");
        let renewed =
            write(&tasks_of_store.store, move |tx| Box::pin(async move { tasks::renew(tx, &[(id, 1)], 9999).await }));
        assert!(renewed.await.unwrap().is_empty(), "a stale lease is not renewed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_is_found_and_nothing_else() {
    on_both(async |database| {
        let tasks_of_store = Tasks::over(&open(&database).await);
        let ids = tasks_of_store.create.submit(tasks_of(vec![7, 8], 1)).await.unwrap();
        tasks_of_store.claim(vec![(7, vec![(1, 1)])]).await;
        tasks_of_store.step.submit(request(ids[0], Some(1), TaskStep::Start)).await.unwrap();
        let store = &tasks_of_store.store;
        let ids_of = |due: Vec<tasks::DueTask>| due.into_iter().map(|task| task.id).collect::<Vec<_>>();
        assert_eq!(ids_of(tasks::overdue_waits(store, 61_000).await.unwrap()), [ids[1]]);
        assert_eq!(ids_of(tasks::overdue_waits(store, 60_999).await.unwrap()), [0_i64; 0]);
        assert_eq!(ids_of(tasks::overdue_leases(store, 9000).await.unwrap()), [ids[0]]);
        assert_eq!(ids_of(tasks::overdue_leases(store, 8999).await.unwrap()), [0_i64; 0]);
        assert_eq!(ids_of(tasks::overdue_runs(store, 62_000).await.unwrap()), [ids[0]]);
    })
    .await;
}
