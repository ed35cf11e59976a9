//! Changing and deleting processes.

use baigong_model::TaskState;
use baigong_store::{Scope, tasks as rows_of_tasks};

use super::*;
use crate::{
    dispatch, robot_groups, robot_sessions,
    tasks::{self as operations, NewTasks},
    testing::{World, all, assert_not_found, on_both, silent},
};

async fn task(world: &World, process_id: ProcessId) -> i64 {
    let new = NewTasks { process_id, priority: 1, ..NewTasks::default() };
    operations::create(&world.platform, &world.admin, new).await.unwrap()[0]
}

async fn state(world: &World, task: i64) -> TaskState {
    operations::query(&world.platform, &world.admin, task).await.unwrap().task.state.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_is_changed_and_the_rest_stays() {
    on_both(async |world| {
        let id = world.process(world.north, "p").await;
        world.process(world.north, "q").await;
        let before = query(&world.platform, &world.admin, id).await.unwrap();
        let (group, foreign) = (world.group(world.north, "g").await, world.group(world.south, "f").await);
        let change = Change { remark: Some("月末".into()), is_record: Some(true), ..Change::default() };
        update(&world.platform, &world.norths, id, change).await.unwrap();
        let shown = query(&world.platform, &world.norths, id).await.unwrap();
        assert_eq!((shown.remark.as_deref(), shown.is_record), (Some("月末"), true));
        assert_eq!((&shown.name, shown.robot_group_id), (&before.name, before.robot_group_id));
        assert_eq!((shown.package_id, &shown.in_parameters), (before.package_id, &before.in_parameters));
        let other = |group| Change { robot_group_id: Some(group), ..Change::default() };
        for unknown in [foreign, 999] {
            assert_not_found(update(&world.platform, &world.norths, id, other(unknown)).await, "another group");
        }
        update(&world.platform, &world.norths, id, other(group)).await.unwrap();
        assert_eq!(query(&world.platform, &world.norths, id).await.unwrap().robot_group_id, group);
        let rename = |name: &str| Change { name: Some(name.into()), ..Change::default() };
        let taken = update(&world.platform, &world.norths, id, rename("q")).await;
        assert!(matches!(taken, Err(Error::AlreadyExists { kind: "process", .. })), "{taken:?}");
        assert_not_found(update(&world.platform, &world.souths, id, rename("x")).await, "update");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_process_takes_its_waiting_tasks_along_and_lets_running_ones_end() {
    on_both(async |world| {
        let (id, other) = (world.process(world.north, "p").await, world.process(world.north, "q").await);
        let group = query(&world.platform, &world.admin, id).await.unwrap().robot_group_id;
        let robot = world.robot(world.north, "r").await.id;
        robot_groups::append(&world.platform, &world.admin, group, &[robot]).await.unwrap();
        let row = baigong_store::robots::find(&world.platform.store, &Scope::All, robot).await.unwrap().unwrap();
        let hello = crate::robots::tests::hello();
        robot_sessions::connect(&world.platform, &row, &hello, silent()).await.unwrap();
        let running = task(world, id).await;
        dispatch::run_once(&world.platform).await.unwrap();
        let fence = operations::query(&world.platform, &world.admin, running).await.unwrap().task.fence;
        let started = baigong_protocol::TaskRef { task_id: running, fence };
        robot_sessions::start(&world.platform, robot, started).await.unwrap();
        let cancelled = async || {
            let all = crate::vitals::read(&world.platform).await.unwrap();
            let mine = all.into_iter().find(|it| it.labels == [("state", "cancelled".to_owned())]);
            mine.map(|it| it.value)
        };
        assert_eq!(cancelled().await, Some(0));
        let (waiting, elsewhere) = (task(world, id).await, task(world, other).await);
        let paused = task(world, id).await;
        operations::pause(&world.platform, &world.admin, paused).await.unwrap();
        assert_not_found(delete(&world.platform, &world.souths, id).await, "delete");
        assert_eq!(delete(&world.platform, &world.norths, id).await.unwrap(), [] as [i64; 0]);
        assert_eq!(cancelled().await, Some(2), "every end is counted");
        assert_eq!(state(world, running).await, TaskState::Running);
        assert_eq!(state(world, waiting).await, TaskState::Cancelled);
        assert_eq!(state(world, paused).await, TaskState::Cancelled, "nobody could ever let it go on");
        assert_eq!(state(world, elsewhere).await, TaskState::Queued);
        assert!(query(&world.platform, &world.norths, id).await.unwrap().deleted_at.is_some());
        assert_not_found(delete(&world.platform, &world.norths, id).await, "delete again");
        let new = NewTasks { process_id: id, priority: 1, ..NewTasks::default() };
        assert_not_found(operations::create(&world.platform, &world.admin, new).await, "another task");
        assert_eq!(list(&world.platform, &world.norths, &all()).await.unwrap().total, 1);
        let everything = ListInput { include_deleted: true, keyword: Some("P".into()), ..all() };
        assert_eq!(list(&world.platform, &world.norths, &everything).await.unwrap().total, 1);
    })
    .await;
}

/// What a request for a task of the process comes to, as it was made ready before the process was deleted.
async fn request(world: &World, process_id: i64) -> rows_of_tasks::NewTasks {
    let plan = rows_of_tasks::plan(&world.platform.store, process_id).await.unwrap().unwrap();
    let new = NewTasks { process_id, priority: 1, ..NewTasks::default() };
    let (caller, now) = (&world.admin, world.platform.now());
    let origin = operations::Origin { caller, create_mode: 2, created_by: caller.id(), trigger_id: None, now };
    operations::request(&new, &plan, vec![plan.pool_id], &origin).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_asked_for_while_its_process_is_deleted_never_waits() {
    on_both(async |world| {
        let platform = &world.platform;
        // First it was made ready, then the process was deleted, then it is written.
        let (gone, live) = (world.process(world.north, "gone").await, world.process(world.north, "live").await);
        let (late, other) = (request(world, gone).await, request(world, live).await);
        delete(platform, &world.admin, gone).await.unwrap();
        let (late, other) = tokio::join!(platform.hot.create.submit(late), platform.hot.create.submit(other));
        assert_not_found(late, "a task of a deleted process");
        assert_eq!(state(world, other.unwrap()[0]).await, TaskState::Queued, "others are not affected");

        // It is written while the deletion is under way, which is not seen before its end.
        let between = world.process(world.north, "between").await;
        let late = request(world, between).await;
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let (go_on, may_go_on) = tokio::sync::oneshot::channel::<()>();
        let deleting = platform.store.write(move |tx| {
            async move {
                rows::find_live(tx, &Scope::All, between).await?;
                rows::delete(tx, between, 1).await?;
                begun.send(()).unwrap();
                may_go_on.await.unwrap();
                Ok(())
            }
            .boxed()
        });
        let writing = async {
            has_begun.await.unwrap();
            let asked = platform.hot.create.enqueue(late).unwrap();
            go_on.send(()).unwrap();
            asked.await.unwrap()
        };
        let (deleted, late) = tokio::join!(deleting, writing);
        deleted.unwrap();
        assert_not_found(late, "a task of a process that is being deleted");
    })
    .await;
}
