//! Pausing, trying again, taking robots out of service, maintenance windows, and a second agent on another node: what they do
//! to tasks, on both engines, with a clock that the test drives.

use baigong_model::{Error, RobotState, ServiceState, TaskState, WaitingReason};
use baigong_protocol::{Failure, Heartbeat, Held, HeldPhase, Hello, Outcome, Report, TaskRef, ToRobot};

use super::{
    tests::{Ear, Scene, connect_as, connect_robot, hello},
    *,
};
use crate::{
    deadlines, dispatch,
    maintenance_windows::{self, NewWindow, OnRunning, Target, Times},
    robots,
    tasks::{self, NewTasks, Waiting},
    testing::{START, World, migrated_world, on_both},
};

const MINUTE: i64 = 60_000;

async fn pause(scene: &Scene<'_>, task: i64) -> Result<()> {
    tasks::pause(&scene.world.platform, &scene.world.norths, task).await
}

async fn resume(scene: &Scene<'_>, task: i64) -> Result<()> {
    tasks::resume(&scene.world.platform, &scene.world.norths, task).await
}

async fn waiting(scene: &Scene<'_>, task: i64) -> Option<Waiting> {
    tasks::query(&scene.world.platform, &scene.world.norths, task).await.unwrap().waiting
}

async fn reason(scene: &Scene<'_>, task: i64) -> Option<WaitingReason> {
    waiting(scene, task).await.map(|it| it.reason)
}

fn id_of(id: i64) -> TaskRef {
    TaskRef { task_id: id, fence: 0 }
}

/// A heartbeat of the scene's robot, and the renewal that follows it; what the robot is told then.
async fn beat(scene: &Scene<'_>, held: Vec<TaskRef>, paused: Vec<TaskRef>) -> Vec<ToRobot> {
    let sign = Heartbeat { sequence: 1, held, free_slots: 1, paused, declines: None };
    heartbeat(&scene.world.platform, scene.robot, &sign);
    renew_leases(&scene.world.platform).await.unwrap();
    scene.ear.heard()
}

async fn fail(scene: &Scene<'_>, task: TaskRef, failure: Option<Failure>) {
    let (task_id, fence, message) = (task.task_id, task.fence, Some("no file".into()));
    let (outcome, out_parameters, artifacts) = (Outcome::Failed, vec![], vec![]);
    let told = Report { task_id, fence, outcome, message, failure, out_parameters, artifacts, ended_at: 1 };
    report(&scene.world.platform, scene.robot, told).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_task_that_waits_is_given_to_nobody_and_its_waiting_time_stands_still() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let task = scene.create(NewTasks { max_waiting_time: 10, ..NewTasks::default() }).await;
        world.clock.advance(4 * MINUTE);
        pause(&scene, task).await.unwrap();
        assert_eq!(reason(&scene, task).await, Some(WaitingReason::TaskPaused));
        let again = pause(&scene, task).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        dispatch::run_once(&world.platform).await.unwrap();
        assert_eq!(dispatch::run_everywhere(&world.platform).await.unwrap(), 0);
        world.clock.advance(60 * MINUTE);
        assert_eq!(deadlines::expire_waiting(&world.platform).await.unwrap(), 0);
        assert_eq!(deadlines::end_leases(&world.platform).await.unwrap(), 0, "it has no lease that could end");
        scene.busy().await;
        resume(&scene, task).await.unwrap();
        assert_eq!(scene.state(id_of(task)).await, TaskState::Queued);
        let again = resume(&scene, task).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        world.clock.advance(6 * MINUTE - 1);
        assert_eq!(deadlines::expire_waiting(&world.platform).await.unwrap(), 0, "four minutes had passed before");
        world.clock.advance(1);
        assert_eq!(deadlines::expire_waiting(&world.platform).await.unwrap(), 1);
        let ended = pause(&scene, task).await;
        assert!(matches!(ended, Err(Error::AlreadyEnded)), "{ended:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_on_its_way_to_a_robot_is_taken_back_by_a_pause() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let task = scene.assigned(NewTasks::default()).await;
        pause(&scene, task.task_id).await.unwrap();
        assert!(matches!(scene.ear.heard()[..], [ToRobot::Stale(_)]));
        let late = start(&world.platform, scene.robot, task).await.unwrap();
        assert!(matches!(late, ToRobot::Refused(_)), "{late:?}");
        assert!(matches!(beat(&scene, vec![task], vec![]).await[..], [ToRobot::Stale(_)]), "it has no lease any more");
        let (ear, _) = connect_robot(world, scene.robot, vec![held(task, HeldPhase::Accepted)]).await;
        assert!(ear.heard().iter().any(|message| matches!(message, ToRobot::Stale(_))));
        assert_eq!(scene.state(task).await, TaskState::Paused);
        resume(&scene, task.task_id).await.unwrap();
        dispatch::run_once(&world.platform).await.unwrap();
        assert_eq!(ear.assigned(), [TaskRef { fence: task.fence + 1, ..task }]);
    })
    .await;
}

fn held(task: TaskRef, phase: HeldPhase) -> Held {
    Held { task_id: task.task_id, fence: task.fence, phase }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_run_keeps_its_lease_its_time_stands_still_and_its_robot_hears_of_it_until_it_has() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let task = scene.running(NewTasks { max_run_time: 10, ..NewTasks::default() }).await;
        scene.ear.heard();
        world.clock.advance(4 * MINUTE);
        pause(&scene, task.task_id).await.unwrap();
        assert_eq!(scene.ear.heard(), [ToRobot::Pause(task)]);
        assert_eq!(beat(&scene, vec![task], vec![]).await, [ToRobot::Pause(task)], "it did not hear: once more");
        stands_still(&world.platform, scene.robot, task, true);
        for _ in 0..60 {
            assert_eq!(scene.silence(20).await, 0);
            assert_eq!(beat(&scene, vec![task], vec![task]).await, []);
        }
        assert_eq!(deadlines::expire_running(&world.platform).await.unwrap(), 0);
        let (ear, _) = connect_robot(world, scene.robot, vec![held(task, HeldPhase::Running)]).await;
        assert!(ear.heard().contains(&ToRobot::Pause(task)), "the robot was away when it was paused");

        resume(&scene, task.task_id).await.unwrap();
        assert_eq!(ear.heard(), [ToRobot::Resume(task)]);
        let (ear, _) = connect_robot(world, scene.robot, vec![held(task, HeldPhase::Paused)]).await;
        assert!(ear.heard().contains(&ToRobot::Resume(task)), "the robot was away when it was let go on");
        world.clock.advance(6 * MINUTE + 14_000);
        assert_eq!(deadlines::expire_running(&world.platform).await.unwrap(), 0, "the robot has a moment to stop it");
        world.clock.advance(1_000);
        assert_eq!(deadlines::expire_running(&world.platform).await.unwrap(), 1, "four minutes had passed before");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paused_before_its_robot_heard_that_it_may_start_begins_by_standing_still() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let task = scene.running(NewTasks::default()).await;
        pause(&scene, task.task_id).await.unwrap();
        // The grant was lost on the way, and the robot asks again.
        let (ear, _) = connect_robot(world, scene.robot, vec![held(task, HeldPhase::Accepted)]).await;
        ear.heard();
        assert_eq!(start(&world.platform, scene.robot, task).await.unwrap(), ToRobot::Granted(task));
        assert_eq!(ear.heard(), [ToRobot::Pause(task)], "which comes before the grant");
        assert_eq!(scene.state(task).await, TaskState::Paused);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_can_be_cancelled_from_every_state() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let cancel = async |task| tasks::cancel(&world.platform, &world.norths, task).await;
        let state = async |task| scene.state(id_of(task)).await;
        // Queued, and paused while it waited.
        let (queued, paused) = (scene.create(NewTasks::default()).await, scene.create(NewTasks::default()).await);
        pause(&scene, paused).await.unwrap();
        for task in [queued, paused] {
            cancel(task).await.unwrap();
            assert_eq!(state(task).await, TaskState::Cancelled);
            assert!(matches!(cancel(task).await, Err(Error::AlreadyCancelled)));
            assert!(matches!(pause(&scene, task).await, Err(Error::AlreadyCancelled)));
            assert!(matches!(resume(&scene, task).await, Err(Error::AlreadyCancelled)));
        }
        // Assigned.
        let assigned = scene.assigned(NewTasks::default()).await;
        cancel(assigned.task_id).await.unwrap();
        assert_eq!(scene.state(assigned).await, TaskState::Cancelled);
        // Running, and paused while it ran; both by way of stopping, from which it can be cancelled again.
        for is_paused in [false, true] {
            let task = scene.running(NewTasks::default()).await;
            if is_paused {
                pause(&scene, task.task_id).await.unwrap();
            }
            scene.ear.heard();
            for _ in 0..2 {
                cancel(task.task_id).await.unwrap();
                assert!(matches!(scene.ear.heard()[..], [ToRobot::Cancel(_)]), "asked, and asked again");
                assert_eq!(scene.state(task).await, TaskState::Stopping);
            }
            assert!(matches!(pause(&scene, task.task_id).await, Err(Error::Conflict(_))));
            scene.report(task, Outcome::Cancelled).await.unwrap();
            assert_eq!(scene.state(task).await, TaskState::Cancelled);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_task_of_a_dead_robot_is_lost_or_stays_paused_where_it_may_run_again() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let task = scene.running(NewTasks::default()).await;
        pause(&scene, task.task_id).await.unwrap();
        assert_eq!(scene.silence(62).await, 1);
        assert_eq!(scene.state(task).await, TaskState::Lost);
    })
    .await;
    on_both(async |world| {
        let scene = Scene::new(world, true).await;
        let task = scene.running(NewTasks { max_waiting_time: 1, ..NewTasks::default() }).await;
        pause(&scene, task.task_id).await.unwrap();
        assert_eq!(scene.silence(62).await, 1);
        assert_eq!(scene.state(task).await, TaskState::Paused, "the pause outlives the robot");
        assert_eq!(scene.silence(120).await, 0, "and it has no lease that could end");
        resume(&scene, task.task_id).await.unwrap();
        assert_eq!(deadlines::expire_waiting(&world.platform).await.unwrap(), 0, "it waits anew");
        dispatch::run_once(&world.platform).await.unwrap();
        assert_eq!(scene.ear.assigned(), [TaskRef { fence: task.fence + 1, ..task }]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reported_failure_is_tried_again_as_often_as_the_process_says_and_other_ends_are_not() {
    on_both(async |world| {
        let scene = Scene::with_tries(world, false, 2).await;
        let mut task = scene.running(NewTasks { max_waiting_time: 5, ..NewTasks::default() }).await;
        let (first, seen) = (task, async |task: TaskRef| {
            tasks::query(&world.platform, &world.norths, task.task_id).await.unwrap().task
        });
        for failures in 1..=2 {
            world.clock.advance(10 * MINUTE);
            fail(&scene, task, Some(Failure::Application)).await;
            let row = seen(task).await;
            assert_eq!((row.state.as_str(), row.failures, row.robot_id), ("queued", failures, None));
            assert!(row.message.unwrap().contains(&format!("try {failures} of 3 failed: no file")));
            assert_eq!((row.out_parameters, row.started_at), (None, None));
            assert_eq!(deadlines::expire_waiting(&world.platform).await.unwrap(), 0, "a run is no waiting");
            fail(&scene, task, Some(Failure::Application)).await;
            assert_eq!(seen(task).await.failures, failures, "the same report again counts once");
            dispatch::run_once(&world.platform).await.unwrap();
            task = scene.ear.assigned()[0];
            assert_eq!(
                task,
                TaskRef { fence: first.fence + i64::from(failures), ..first },
                "the same task, a later lease"
            );
            start(&world.platform, scene.robot, task).await.unwrap();
        }
        fail(&scene, task, Some(Failure::Application)).await;
        let row = seen(task).await;
        assert_eq!((row.state.as_str(), row.failures, row.message.as_deref()), ("failed", 2, Some("no file")));

        for failure in [None, Some(Failure::Business), Some(Failure::Interrupted), Some(Failure::Unknown)] {
            let task = scene.running(NewTasks::default()).await;
            fail(&scene, task, failure).await;
            assert_eq!(scene.state(task).await, TaskState::Failed, "{failure:?} is not tried again");
        }
        let stopping = scene.running(NewTasks::default()).await;
        tasks::cancel(&world.platform, &world.norths, stopping.task_id).await.unwrap();
        fail(&scene, stopping, Some(Failure::Application)).await;
        assert_eq!(scene.state(stopping).await, TaskState::Failed, "what is to stop is not tried again");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_broken_off_is_tried_again_only_where_it_may_run_twice_and_a_pause_outlives_it() {
    on_both(async |world| {
        let scene = Scene::with_tries(world, true, 1).await;
        let task = scene.running(NewTasks::default()).await;
        pause(&scene, task.task_id).await.unwrap();
        fail(&scene, task, Some(Failure::Interrupted)).await;
        assert_eq!(scene.state(task).await, TaskState::Paused);
        dispatch::run_once(&world.platform).await.unwrap();
        scene.ear.heard();
        resume(&scene, task.task_id).await.unwrap();
        dispatch::run_once(&world.platform).await.unwrap();
        assert_eq!(scene.ear.assigned(), [TaskRef { fence: task.fence + 1, ..task }]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_robot_takes_nothing_and_its_tasks_stand_still_with_it() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let (running, by_hand) = (scene.roomy().await, &world.norths);
        let mine = scene.running(NewTasks::default()).await;
        pause(&scene, mine.task_id).await.unwrap();
        scene.ear.heard();
        robots::pause(&world.platform, by_hand, scene.robot).await.unwrap();
        assert_eq!(scene.ear.heard(), [ToRobot::Pause(running)]);
        let refused = robots::pause(&world.platform, by_hand, scene.robot).await;
        assert!(matches!(refused, Err(Error::RobotState(_))), "{refused:?}");
        let waits = scene.create(NewTasks::default()).await;
        dispatch::run_once(&world.platform).await.unwrap();
        assert_eq!(reason(&scene, waits).await, Some(WaitingReason::RobotsPaused));
        assert_eq!(reason(&scene, running.task_id).await, Some(WaitingReason::RobotsPaused));
        for task in [running, mine] {
            let refused = resume(&scene, task.task_id).await;
            assert!(matches!(refused, Err(Error::RobotState(_))), "the robot stands still: {refused:?}");
        }
        robots::resume(&world.platform, by_hand, scene.robot).await.unwrap();
        assert_eq!(scene.state(running).await, TaskState::Running);
        assert_eq!(scene.state(mine).await, TaskState::Paused, "what a person paused a person lets go on");
        let heard = scene.ear.heard();
        assert!(heard.contains(&ToRobot::Resume(running)) && !heard.contains(&ToRobot::Resume(mine)), "{heard:?}");
        dispatch::run_once(&world.platform).await.unwrap();
        assert_eq!(scene.state(id_of(waits)).await, TaskState::Assigned);
        let foreign = robots::pause(&world.platform, &world.souths, scene.robot).await;
        assert!(matches!(foreign, Err(Error::NotFound { .. })), "{foreign:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_robot_lets_its_tasks_end_or_cancels_them_and_counts_as_offline_then() {
    on_both(async |world| {
        crate::nodes::start(&world.platform).await.unwrap();
        let scene = Scene::new(world, false).await;
        let running = scene.roomy().await;
        let (platform, caller) = (&world.platform, &world.norths);
        let state = async || robots::query(platform, caller, scene.robot).await.unwrap().state;
        let on_its_way = scene.assigned(NewTasks::default()).await;
        robots::stop(platform, caller, scene.robot, false).await.unwrap();
        assert_eq!(scene.state(on_its_way).await, TaskState::Queued, "what had not begun goes to another robot");
        dispatch::run_once(platform).await.unwrap();
        assert_eq!(reason(&scene, on_its_way.task_id).await, Some(WaitingReason::RobotsStopped));
        assert_eq!((scene.state(running).await, state().await), (TaskState::Running, RobotState::Running));
        scene.report(running, Outcome::Succeeded).await.unwrap();
        assert_eq!(state().await, RobotState::Offline, "nobody who looks for an idle robot finds it");
        let filter = |state| robots::Filter { state: Some(state), ..robots::Filter::all(crate::testing::all()) };
        for (number, count) in [(0, 0), (1, 0), (2, 1)] {
            assert_eq!(robots::list(platform, caller, &filter(number)).await.unwrap().total, count, "status {number}");
        }
        robots::start(platform, caller, scene.robot).await.unwrap();
        dispatch::run_once(platform).await.unwrap();
        let again = TaskRef { fence: on_its_way.fence + 1, ..on_its_way };
        start(platform, scene.robot, again).await.unwrap();
        robots::stop(platform, caller, scene.robot, true).await.unwrap();
        assert_eq!(scene.state(again).await, TaskState::Stopping);
        robots::stop(platform, caller, scene.robot, true).await.expect("once more, now with force");
        let listed = robots::list(platform, caller, &robots::Filter::all(crate::testing::all())).await.unwrap();
        assert_eq!(listed.rows[0].robot.service, ServiceState::Stopped);
        let (ear, _) = connect_robot(world, scene.robot, vec![]).await;
        scene.create(NewTasks::default()).await;
        dispatch::run_once(platform).await.unwrap();
        assert!(ear.assigned().is_empty(), "a robot that comes back is as it was left");
    })
    .await;
}

fn once(world: &World, target: Target, minutes: std::ops::Range<i64>, on_running: OnRunning) -> NewWindow {
    let times = Times::Once { from: START + minutes.start * MINUTE, until: START + minutes.end * MINUTE };
    NewWindow { department_id: world.north, name: "patches".into(), remark: None, target, times, on_running }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_maintenance_window_covers_a_robot_a_group_or_a_department_and_says_until_when() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let (platform, caller) = (&world.platform, &world.norths);
        for target in [Target::Robot(scene.robot), Target::Group(scene.group), Target::Department(world.north)] {
            let now = (platform.now() - START) / MINUTE;
            let window = once(world, target, now + 1..now + 10, OnRunning::Leave);
            let id = maintenance_windows::create(platform, caller, window).await.unwrap();
            world.clock.advance(MINUTE);
            maintenance_windows::look_again(platform).await.unwrap();
            let task = scene.create(NewTasks::default()).await;
            dispatch::run_once(platform).await.unwrap();
            let waits = waiting(&scene, task).await.unwrap();
            assert_eq!(waits.reason, WaitingReason::MaintenanceWindow, "{target:?}");
            assert_eq!((waits.until, waits.detail.as_deref()), (Some(START + (now + 10) * MINUTE), Some("patches")));
            let open = maintenance_windows::query(platform, caller, id).await.unwrap().open_until;
            assert_eq!(open, waits.until);
            world.clock.advance(9 * MINUTE);
            maintenance_windows::look_again(platform).await.unwrap();
            dispatch::run_once(platform).await.unwrap();
            let task = scene.ear.assigned()[0];
            start(platform, scene.robot, task).await.unwrap();
            scene.report(task, Outcome::Succeeded).await.unwrap();
            maintenance_windows::delete(platform, caller, id).await.unwrap();
        }
        let elsewhere = once(world, Target::Department(world.south), 0..1_000_000, OnRunning::Leave);
        maintenance_windows::create(platform, &world.admin, elsewhere).await.unwrap();
        scene.assigned(NewTasks::default()).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_when_a_window_begins_is_left_paused_or_cancelled() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let (platform, caller, target) = (&world.platform, &world.norths, Target::Robot(scene.robot));
        let running = scene.running(NewTasks::default()).await;
        scene.ear.heard();
        let window = once(world, target, 0..5, OnRunning::Pause);
        let id = maintenance_windows::create(platform, caller, window).await.unwrap();
        assert_eq!(scene.ear.heard(), [ToRobot::Pause(running)], "a window that is open at once");
        let refused = resume(&scene, running.task_id).await;
        assert!(matches!(refused, Err(Error::RobotState(_))), "{refused:?}");
        let change = maintenance_windows::Change { on_running: Some(OnRunning::Leave), ..Default::default() };
        maintenance_windows::update(platform, caller, id, change).await.unwrap();
        assert_eq!(scene.ear.heard(), [ToRobot::Resume(running)], "changed while it is open");
        let change = maintenance_windows::Change { on_running: Some(OnRunning::Cancel), ..Default::default() };
        maintenance_windows::update(platform, caller, id, change).await.unwrap();
        assert!(matches!(scene.ear.heard()[..], [ToRobot::Cancel(_)]));
        assert_eq!(scene.state(running).await, TaskState::Stopping);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_that_declines_says_why_the_task_waits() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let task = scene.create(NewTasks::default()).await;
        assert_eq!(reason(&scene, task).await, Some(WaitingReason::NotYetConsidered));
        let full = "the robot's disk has 10 MiB left, 100 are needed".to_owned();
        let sign = Heartbeat { sequence: 1, held: vec![], free_slots: 0, paused: vec![], declines: Some(full.clone()) };
        heartbeat(&world.platform, scene.robot, &sign);
        dispatch::run_once(&world.platform).await.unwrap();
        let waits = waiting(&scene, task).await.unwrap();
        assert_eq!((waits.reason, waits.detail), (WaitingReason::RobotDeclines, Some(full)));
        beat(&scene, vec![], vec![]).await;
        dispatch::run_once(&world.platform).await.unwrap();
        assert_eq!(scene.state(id_of(task)).await, TaskState::Assigned);
        let fence = 1;
        let told = baigong_protocol::Declined { task_id: task, fence, reason: "no slot".into() };
        declined(&world.platform, scene.robot, told).await.unwrap();
        let waits = waiting(&scene, task).await.unwrap();
        assert_eq!((waits.reason, waits.detail.as_deref()), (WaitingReason::RobotDeclines, Some("no slot")));
        disconnect(&world.platform, scene.session, Parting::InOrder).await.unwrap();
        assert_eq!(reason(&scene, task).await, Some(WaitingReason::NoRobotOnline));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_agents_on_two_nodes_the_older_is_fenced_off() {
    migrated_world(async |world| {
        let (scene, other) = (Scene::new(world, false).await, world.another().await);
        crate::nodes::start(&other).await.unwrap();
        let robot = baigong_store::robots::find(&other.store, &baigong_store::Scope::All, scene.robot).await.unwrap();
        let (robot, ear) = (robot.unwrap(), std::sync::Arc::new(Ear::default()));
        robots::cut_off_changed(&world.platform).await.unwrap();
        assert_eq!(scene.ear.heard(), [welcome_of(&scene)], "nothing has happened yet");
        let greeting = Hello { incarnation: "b-1".into(), ..hello(vec![]) };
        connect(&other, &robot, &greeting, ear.clone()).await.unwrap();
        ear.heard();
        assert_eq!(robots::cut_off_changed(&world.platform).await.unwrap(), 1);
        assert!(matches!(scene.ear.heard()[..], [ToRobot::Fenced { .. }]));
        assert_eq!(robots::cut_off_changed(&other).await.unwrap(), 0, "the newer one stays");
        scene.create(NewTasks::default()).await;
        assert_eq!(dispatch::run_everywhere(&world.platform).await.unwrap(), 0, "it is not here any more");
        assert_eq!(dispatch::run_everywhere(&other).await.unwrap(), 1);
        assert_eq!((ear.assigned().len(), scene.ear.heard().len()), (1, 0));

        // The same agent that connects to the other node again just leaves this one.
        let (again, _) = connect_as(world, scene.robot, "b-1", vec![]).await;
        again.heard();
        assert_eq!(robots::cut_off_changed(&other).await.unwrap(), 1);
        assert!(!ear.heard().iter().any(|message| matches!(message, ToRobot::Fenced { .. })));
        robots::stop(&other, &world.norths, scene.robot, false).await.unwrap();
        robots::cut_off_changed(&world.platform).await.unwrap();
        let service = world.platform.links.look(scene.robot, |linked| linked.service);
        assert_eq!(service, Some(ServiceState::Stopped), "what was decided on the other node is learnt");
    })
    .await;
}

fn welcome_of(scene: &Scene<'_>) -> ToRobot {
    ToRobot::Welcome(baigong_protocol::Welcome {
        robot_id: scene.robot,
        robot_name: "r".into(),
        heartbeat_seconds: 10,
        lease_seconds: 60,
        max_tasks: 1,
        recorder_key: Some(baigong_protocol::RecorderKey { public: scene.world.platform.keys.recorder_public() }),
        screen: Some(baigong_protocol::Screen { width: 1920, height: 1080, depth: 32 }),
        time: scene.world.platform.now(),
    })
}
