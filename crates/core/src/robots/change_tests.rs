//! Changing and deleting robots, and giving them other secrets.

use std::sync::{Arc, Mutex};

use baigong_model::{LogLevel, Secret, TaskState};
use baigong_protocol::ToRobot;
use baigong_store::Scope;

use super::*;
use crate::{
    RobotLink, dispatch, robot_groups, robot_sessions,
    tasks::{self as operations, NewTasks},
    testing::{World, assert_not_found, on_both},
};

/// A robot that remembers what it is told.
#[derive(Default)]
struct Ear(Mutex<Vec<ToRobot>>);

impl RobotLink for Ear {
    fn send(&self, message: ToRobot) -> bool {
        self.0.lock().unwrap().push(message);
        true
    }
}

impl Ear {
    fn was_fenced(&self) -> bool {
        self.0.lock().unwrap().iter().any(|message| matches!(message, ToRobot::Fenced { .. }))
    }
}

async fn connect(world: &World, platform: &Platform, id: RobotId) -> Arc<Ear> {
    let ear = Arc::new(Ear::default());
    let row = rows::find(&world.platform.store, &Scope::All, id).await.unwrap().unwrap();
    robot_sessions::connect(platform, &row, &super::tests::hello(), ear.clone()).await.unwrap();
    ear
}

fn is_linked(platform: &Platform, id: RobotId) -> bool {
    platform.links.look(id, |_| ()).is_some()
}

async fn task(world: &World, process_id: i64, robot_ids: Vec<RobotId>) -> i64 {
    let new = NewTasks { process_id, robot_ids, priority: 1, ..NewTasks::default() };
    operations::create(&world.platform, &world.admin, new).await.unwrap()[0]
}

async fn state(world: &World, task: i64) -> String {
    operations::query(&world.platform, &world.admin, task).await.unwrap().task.state
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_is_changed_and_the_rest_stays() {
    on_both(async |world| {
        let id = world.robot(world.north, "r1").await.id;
        world.robot(world.north, "r2").await;
        let change = Change {
            name: Some("r9".into()),
            machine_password: Some(Secret::new("canary-4712".into())),
            resolution_width: Some(1280),
            log_level: Some(LogLevel::Debug),
            is_auto_unlock_enabled: Some(true),
            ..Change::default()
        };
        update(&world.platform, &world.norths, id, change).await.unwrap();
        let shown = query(&world.platform, &world.norths, id).await.unwrap();
        assert!(shown.has_machine_password);
        let row = shown.robot;
        assert_eq!((row.name.as_str(), row.resolution_width, row.resolution_height), ("r9", 1280, 1080));
        assert_eq!((row.log_level.as_str(), row.is_auto_unlock_enabled, row.max_tasks), ("debug", true, 1));
        let stored = rows::find(&world.platform.store, &Scope::All, id).await.unwrap().unwrap();
        let sealed = stored.machine_password.unwrap();
        assert!(!sealed.contains("4712"), "it is sealed");
        for shown in ["******", ""] {
            let shown_back = Change { machine_password: Some(Secret::new(shown.into())), ..Change::default() };
            update(&world.platform, &world.norths, id, shown_back).await.unwrap();
            let stored = rows::find(&world.platform.store, &Scope::All, id).await.unwrap().unwrap();
            assert_eq!(stored.machine_password.as_ref(), Some(&sealed));
        }
        let rename = |name: &str| Change { name: Some(name.into()), ..Change::default() };
        let taken = update(&world.platform, &world.norths, id, rename("r2")).await;
        assert!(matches!(taken, Err(Error::AlreadyExists { kind: "robot", .. })), "{taken:?}");
        assert_not_found(update(&world.platform, &world.souths, id, rename("x")).await, "update");
        for wrong in [
            rename("  "),
            Change { robot_type: Some(2), ..Change::default() },
            Change { resolution_depth: Some(0), ..Change::default() },
            Change { max_tasks: Some(65), ..Change::default() },
        ] {
            let refused = update(&world.platform, &world.norths, id, wrong).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_of_tasks_lets_the_agent_connect_anew() {
    on_both(async |world| {
        let id = world.robot(world.north, "r1").await.id;
        let ear = connect(world, &world.platform, id).await;
        update(&world.platform, &world.admin, id, Change { remark: Some("x".into()), ..Change::default() })
            .await
            .unwrap();
        assert!(is_linked(&world.platform, id), "a remark is nothing to the agent");
        update(&world.platform, &world.admin, id, Change { max_tasks: Some(3), ..Change::default() }).await.unwrap();
        assert!(!is_linked(&world.platform, id) && !ear.was_fenced());
        connect(world, &world.platform, id).await;
        assert_eq!(world.platform.links.look(id, |linked| linked.max_tasks), Some(3));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_of_tasks_is_learnt_by_the_node_that_has_the_robot() {
    on_both(async |world| {
        let (id, other) = (world.robot(world.north, "r1").await.id, world.another().await);
        let ear = connect(world, &other, id).await;
        assert_eq!(cut_off::cut_off_all_changed(&other).await.unwrap(), 0, "nothing has changed");
        update(&world.platform, &world.admin, id, Change { max_tasks: Some(3), ..Change::default() }).await.unwrap();
        assert!(is_linked(&other, id), "it has not looked yet");
        assert_eq!(cut_off::cut_off_all_changed(&other).await.unwrap(), 1);
        assert!(!is_linked(&other, id) && !ear.was_fenced(), "its agent connects anew");
        connect(world, &other, id).await;
        assert_eq!(other.links.look(id, |linked| linked.max_tasks), Some(3));
        assert_eq!(cut_off::cut_off_all_changed(&other).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_secret_is_good_for_nothing_and_its_agent_is_stopped() {
    on_both(async |world| {
        let made = world.robot(world.north, "r1").await;
        let ear = connect(world, &world.platform, made.id).await;
        assert_not_found(reset_secret(&world.platform, &world.souths, made.id).await, "reset");
        let secret = reset_secret(&world.platform, &world.norths, made.id).await.unwrap();
        assert!(ear.was_fenced() && !is_linked(&world.platform, made.id));
        let old = authenticate_agent(&world.platform, made.secret.expose()).await;
        assert!(matches!(old, Err(Error::Unauthenticated)));
        assert_eq!(authenticate_agent(&world.platform, secret.expose()).await.unwrap().id, made.id);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_robot_is_cut_off_on_every_node() {
    on_both(async |world| {
        let (a, b) = (world.robot(world.north, "a").await, world.robot(world.north, "b").await);
        let c = world.robot(world.north, "c").await.id;
        let other = world.another().await;
        let (here, there) = (connect(world, &world.platform, a.id).await, connect(world, &other, b.id).await);
        connect(world, &other, c).await;
        assert_not_found(delete(&world.platform, &world.souths, a.id).await, "delete");
        assert_eq!(delete(&world.platform, &world.norths, a.id).await.unwrap(), [] as [i64; 0]);
        delete(&world.platform, &world.norths, b.id).await.unwrap();
        assert!(here.was_fenced() && !is_linked(&world.platform, a.id));
        assert!(is_linked(&other, b.id), "the other node has not looked yet");
        assert_eq!(cut_off::cut_off_all_changed(&other).await.unwrap(), 1);
        assert!(there.was_fenced() && !is_linked(&other, b.id) && is_linked(&other, c));
        let gone = authenticate_agent(&world.platform, a.secret.expose()).await;
        assert!(matches!(gone, Err(Error::Unauthenticated)));
        assert!(query(&world.platform, &world.norths, a.id).await.unwrap().robot.deleted_at.is_some());
        assert_not_found(delete(&world.platform, &world.norths, a.id).await, "delete again");
        let machine = query(&world.platform, &world.admin, a.id).await.unwrap().robot.machine_id;
        let again = crate::testing::new_robot(world.north, machine, "a");
        create(&world.platform, &world.norths, again).await.expect("the name is free again");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_with_a_task_stays_and_what_only_it_could_run_is_cancelled() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let group = crate::processes::query(&world.platform, &world.admin, process).await.unwrap().robot_group_id;
        let (a, b) = (world.robot(world.north, "a").await.id, world.robot(world.north, "b").await.id);
        robot_groups::append(&world.platform, &world.admin, group, &[a]).await.unwrap();
        connect(world, &world.platform, a).await;
        let given = task(world, process, vec![a]).await;
        dispatch::run_once(&world.platform).await.unwrap();
        assert_eq!(state(world, given).await, TaskState::Assigned.as_str());
        let refused = delete(&world.platform, &world.admin, a).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        assert!(is_linked(&world.platform, a), "nothing has happened to it");
        let (alone, both) = (task(world, process, vec![a]).await, task(world, process, vec![a, b]).await);
        let of_group = task(world, process, vec![]).await;
        operations::cancel(&world.platform, &world.admin, given).await.unwrap();
        // The cancellation has woken the dispatcher, which has not run since.
        delete(&world.platform, &world.admin, a).await.unwrap();
        assert_eq!(state(world, alone).await, TaskState::Cancelled.as_str(), "nobody could ever run it");
        assert_eq!(state(world, both).await, TaskState::Queued.as_str(), "the other robot can");
        assert_eq!(state(world, of_group).await, TaskState::Queued.as_str(), "the group may get another robot");
        let message = operations::query(&world.platform, &world.admin, alone).await.unwrap().task.message;
        assert_eq!(message.as_deref(), Some("its robot was deleted"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_came_with_the_old_secret_does_not_get_in_after_it() {
    on_both(async |world| {
        let id = world.robot(world.north, "r1").await.id;
        let read = rows::find(&world.platform.store, &Scope::All, id).await.unwrap().unwrap();
        reset_secret(&world.platform, &world.norths, id).await.unwrap();
        let hello = super::tests::hello();
        let late = robot_sessions::connect(&world.platform, &read, &hello, Arc::new(Ear::default())).await;
        assert!(matches!(late, Err(Error::Unauthenticated)), "{late:?}");
        assert!(!is_linked(&world.platform, id));
        let shown = query(&world.platform, &world.norths, id).await.unwrap();
        assert_eq!((shown.online_since, shown.robot.connection), (None, None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_that_another_node_has_deleted_gets_no_more_tasks_here() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let group = crate::processes::query(&world.platform, &world.admin, process).await.unwrap().robot_group_id;
        let id = world.robot(world.north, "r").await.id;
        robot_groups::append(&world.platform, &world.admin, group, &[id]).await.unwrap();
        let other = world.another().await;
        connect(world, &other, id).await;
        delete(&world.platform, &world.norths, id).await.unwrap();
        assert!(is_linked(&other, id), "the other node has not looked yet");
        let task = task(world, process, vec![]).await;
        dispatch::run_everywhere(&other).await.unwrap();
        assert_eq!(state(world, task).await, TaskState::Queued.as_str());
    })
    .await;
}
