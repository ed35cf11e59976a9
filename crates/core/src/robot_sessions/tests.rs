//! The promises of design §5 with robots in the same process and a clock that the test drives, on both engines.

use std::sync::{Arc, Mutex};

use baigong_model::{Error, LogLevel, Parameter, TaskState, WaitingReason};
use baigong_protocol::{
    Call, CallAnswer, CallRequest, CallResult, Held, HeldPhase, Hello, Log, LogLine, NewQueueItem, Outcome, Report,
    TaskRef, ToRobot,
};

use super::*;
use crate::{
    RobotLink, deadlines, dispatch, packages, processes, queue_items, queues, robot_groups,
    tasks::{self, NewTasks},
    testing::{World, on_both, pack},
};

/// A robot that remembers what it is told.
#[derive(Default)]
pub(super) struct Ear(Mutex<Vec<ToRobot>>);

impl RobotLink for Ear {
    fn send(&self, message: ToRobot) -> bool {
        self.0.lock().unwrap().push(message);
        true
    }
}

impl Ear {
    pub(super) fn heard(&self) -> Vec<ToRobot> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// The assignments among what it was told.
    pub(super) fn assigned(&self) -> Vec<TaskRef> {
        let heard = self.heard();
        heard
            .iter()
            .filter_map(|message| if let ToRobot::Assign(assign) = message { Some(assign.task_ref()) } else { None })
            .collect()
    }
}

pub(super) fn hello(held: Vec<Held>) -> Hello {
    Hello {
        protocol: 1,
        agent_version: "1.0".into(),
        incarnation: "a-1".into(),
        capacity: 4,
        install_path: "/opt/baigong".into(),
        installed_at: 1,
        host: baigong_protocol::HostInfo::default(),
        held,
    }
}

/// A process in the north with one robot, which is on line.
pub(super) struct Scene<'w> {
    pub(super) world: &'w World,
    process: i64,
    pub(super) group: i64,
    pub(super) robot: i64,
    pub(super) ear: Arc<Ear>,
    pub(super) session: Session,
}

impl<'w> Scene<'w> {
    pub(super) async fn new(world: &'w World, retry_safe: bool) -> Self {
        Self::with_tries(world, retry_safe, 0).await
    }

    /// The same, of a process whose failures are tried again so often.
    pub(super) async fn with_tries(world: &'w World, retry_safe: bool, fail_try_times: i64) -> Self {
        let manifest = format!("kind: command\nname: test\ncommand: [\"true\"]\nretrySafe: {retry_safe}\n");
        let file = world.folder().join("scene.zip");
        pack(&file, &manifest);
        let new = packages::NewPackage { department_id: world.north, name: "scene".into(), version: "1".into(), file };
        let package = packages::create(&world.platform, &world.admin, new).await.unwrap();
        let group = world.group(world.north, "scene").await;
        let new = processes::NewProcess {
            department_id: world.north,
            robot_group_id: group,
            name: "scene".into(),
            remark: None,
            is_record: false,
            fail_try_times,
        };
        let process = processes::create(&world.platform, &world.admin, new).await.unwrap();
        processes::activate_package_version(&world.platform, &world.admin, process, package, vec![], None)
            .await
            .unwrap();
        let robot = world.robot(world.north, "r").await.id;
        robot_groups::append(&world.platform, &world.admin, group, &[robot]).await.unwrap();
        let (ear, session) = connect_robot(world, robot, vec![]).await;
        Self { world, process, group, robot, ear, session }
    }

    pub(super) async fn create(&self, input: NewTasks) -> i64 {
        let input = NewTasks { process_id: self.process, priority: 1, ..input };
        tasks::create(&self.world.platform, &self.world.norths, input).await.unwrap()[0]
    }

    /// A task that is given to the robot.
    pub(super) async fn assigned(&self, input: NewTasks) -> TaskRef {
        let id = self.create(input).await;
        dispatch::run_once(&self.world.platform).await.unwrap();
        let given = self.ear.assigned();
        assert_eq!(given.iter().map(|task| task.task_id).collect::<Vec<_>>(), [id], "the task was given to the robot");
        given[0]
    }

    /// A task that runs on the robot.
    pub(super) async fn running(&self, input: NewTasks) -> TaskRef {
        let task = self.assigned(input).await;
        assert_eq!(start(&self.world.platform, self.robot, task).await.unwrap(), ToRobot::Granted(task));
        task
    }

    pub(super) async fn state(&self, task: TaskRef) -> TaskState {
        let details = tasks::query(&self.world.platform, &self.world.norths, task.task_id).await.unwrap();
        details.task.state.parse().unwrap()
    }

    /// Takes the robot's only place.
    pub(super) async fn busy(&self) {
        let task = self.running(NewTasks::default()).await;
        assert_eq!(self.state(task).await, TaskState::Running);
    }

    /// Gives the robot room for four tasks; one of them runs.
    pub(super) async fn roomy(&self) -> TaskRef {
        self.world.platform.links.update(self.robot, |linked| linked.max_tasks = 4);
        self.running(NewTasks::default()).await
    }

    /// Time passes in which nothing is heard of the robot, with the sweeper at its rhythm. How many tasks it settled.
    pub(super) async fn silence(&self, seconds: i64) -> usize {
        let mut settled = 0;
        for _ in 0..seconds {
            self.world.clock.advance(1000);
            settled += deadlines::end_leases(&self.world.platform).await.unwrap();
        }
        settled
    }

    pub(super) async fn report(&self, task: TaskRef, outcome: Outcome) -> baigong_model::Result<()> {
        self.say(task, outcome, None).await
    }

    async fn say(&self, task: TaskRef, outcome: Outcome, message: Option<String>) -> baigong_model::Result<()> {
        let out_parameters = vec![Parameter::new("rows", "3")];
        let (task_id, fence) = (task.task_id, task.fence);
        let told =
            Report { task_id, fence, outcome, message, failure: None, out_parameters, artifacts: vec![], ended_at: 1 };
        report(&self.world.platform, self.robot, told).await
    }
}

pub(super) async fn connect_robot(world: &World, id: i64, held: Vec<Held>) -> (Arc<Ear>, Session) {
    connect_as(world, id, "a-1", held).await
}

pub(super) async fn connect_as(world: &World, id: i64, incarnation: &str, held: Vec<Held>) -> (Arc<Ear>, Session) {
    let ear = Arc::new(Ear::default());
    let found =
        baigong_store::robots::find(&world.platform.store, &baigong_store::Scope::All, id).await.unwrap().unwrap();
    let session =
        connect(&world.platform, &found, &Hello { incarnation: incarnation.into(), ..hello(held) }, ear.clone())
            .await
            .unwrap();
    (ear, session)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_goes_from_the_queue_to_its_end() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let task = scene.running(NewTasks::default()).await;
        assert_eq!(scene.state(task).await, TaskState::Running);
        scene.report(task, Outcome::Succeeded).await.unwrap();
        scene.report(task, Outcome::Succeeded).await.unwrap();
        let row = tasks::query(&world.platform, &world.norths, task.task_id).await.unwrap().task;
        assert_eq!(
            (row.state.as_str(), row.out_parameters.as_deref()),
            ("succeeded", Some(r#"[{"name":"rows","value":"3"}]"#))
        );
        let next = scene.assigned(NewTasks::default()).await;
        assert!(next.task_id > task.task_id, "the robot's place is free again");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_started_task_whose_robot_vanished_is_lost_and_a_late_report_changes_nothing() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let task = scene.running(NewTasks::default()).await;
        assert_eq!(scene.silence(59).await, 0, "the lease still lasts");
        assert_eq!(scene.silence(3).await, 1);
        assert_eq!(scene.state(task).await, TaskState::Lost);
        scene
            .report(task, Outcome::Succeeded)
            .await
            .expect("a late report is acknowledged, so that the robot forgets it");
        assert_eq!(scene.state(task).await, TaskState::Lost, "and changes nothing");
        assert_eq!(dispatch::run_everywhere(&world.platform).await.unwrap(), 0, "nothing is run again by itself");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_safe_task_is_run_again_under_a_higher_fence() {
    on_both(async |world| {
        let scene = Scene::new(world, true).await;
        let task = scene.running(NewTasks::default()).await;
        assert_eq!(scene.silence(62).await, 1);
        dispatch::run_once(&world.platform).await.unwrap();
        let again = scene.ear.assigned();
        assert_eq!(again, [TaskRef { task_id: task.task_id, fence: task.fence + 1 }]);
        scene.report(task, Outcome::Failed).await.unwrap();
        assert_eq!(scene.state(task).await, TaskState::Assigned, "the old run's report is behind the fence");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignment_that_was_never_started_is_given_anew_and_the_first_robot_may_not_start_it() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let task = scene.assigned(NewTasks::default()).await;
        assert_eq!(scene.silence(62).await, 1);
        assert_eq!(scene.state(task).await, TaskState::Queued);
        dispatch::run_once(&world.platform).await.unwrap();
        let late = start(&world.platform, scene.robot, task).await.unwrap();
        assert!(matches!(late, ToRobot::Refused(_)), "{late:?}");
        assert_eq!(scene.state(task).await, TaskState::Assigned);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn heartbeats_keep_the_lease_and_a_stale_one_is_told() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let task = scene.running(NewTasks::default()).await;
        let beat =
            |held| baigong_protocol::Heartbeat { sequence: 1, held, free_slots: 0, paused: vec![], declines: None };
        for _ in 0..10 {
            assert_eq!(scene.silence(20).await, 0);
            heartbeat(&world.platform, scene.robot, &beat(vec![task]));
            assert_eq!(renew_leases(&world.platform).await.unwrap(), 1);
        }
        scene.ear.heard();
        let older = TaskRef { fence: task.fence - 1, ..task };
        heartbeat(&world.platform, scene.robot, &beat(vec![older]));
        renew_leases(&world.platform).await.unwrap();
        assert!(matches!(scene.ear.heard()[..], [ToRobot::Stale(ref notice)] if notice.fence == older.fence));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_agent_fences_off_the_first_and_its_goodbye_is_ignored() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        scene.ear.heard();
        let (again, _) = connect_robot(world, scene.robot, vec![]).await;
        assert!(scene.ear.heard().is_empty(), "an older connection of the same agent just ends");
        again.heard();
        let (second, _) = connect_as(world, scene.robot, "b-1", vec![]).await;
        assert!(matches!(again.heard()[..], [ToRobot::Fenced { .. }]), "another agent is told to stop for good");
        disconnect(&world.platform, scene.session, Parting::InOrder).await.unwrap();
        let task = scene.create(NewTasks::default()).await;
        dispatch::run_once(&world.platform).await.unwrap();
        assert_eq!(second.assigned().len(), 1, "task {task} went to the second agent");
        assert!(scene.ear.heard().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_that_comes_back_settles_what_it_held() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let dropped = scene.assigned(NewTasks::default()).await;
        let held = vec![Held { task_id: dropped.task_id, fence: dropped.fence, phase: HeldPhase::Dropped }];
        let (ear, _) = connect_robot(world, scene.robot, held).await;
        assert_eq!(scene.state(dropped).await, TaskState::Queued, "dropped before the start: back into the queue");
        dispatch::run_once(&world.platform).await.unwrap();
        let again = ear.assigned()[0];
        assert_eq!(again.fence, dropped.fence + 1);
        let (ear, _) = connect_robot(world, scene.robot, vec![]).await;
        assert_eq!(scene.state(again).await, TaskState::Queued, "an assignment it never heard of is given anew");
        dispatch::run_once(&world.platform).await.unwrap();
        let third = ear.assigned()[0];
        start(&world.platform, scene.robot, third).await.unwrap();
        tasks::cancel(&world.platform, &world.norths, third.task_id).await.unwrap();
        let held = vec![Held { task_id: third.task_id, fence: third.fence, phase: HeldPhase::Running }];
        let (ear, _) = connect_robot(world, scene.robot, held).await;
        let told = ear.heard();
        assert!(
            told.iter().any(|message| matches!(message, ToRobot::Cancel(notice) if notice.task_id == third.task_id)),
            "{told:?}"
        );
        let held = vec![Held { task_id: 999, fence: 1, phase: HeldPhase::Running }];
        let (ear, _) = connect_robot(world, scene.robot, held).await;
        assert!(ear.heard().iter().any(|message| matches!(message, ToRobot::Stale(notice) if notice.task_id == 999)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_ends_what_waits_and_stops_what_runs() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let running = scene.running(NewTasks::default()).await;
        tasks::cancel(&world.platform, &world.norths, running.task_id).await.unwrap();
        assert!(matches!(scene.ear.heard()[..], [ToRobot::Cancel(_)]));
        assert_eq!(scene.state(running).await, TaskState::Stopping);
        scene.report(running, Outcome::Cancelled).await.unwrap();
        assert_eq!(scene.state(running).await, TaskState::Cancelled);
        let again = tasks::cancel(&world.platform, &world.norths, running.task_id).await;
        assert!(matches!(again, Err(Error::AlreadyCancelled)), "{again:?}");
        let repeated = scene.running(NewTasks::default()).await;
        tasks::cancel(&world.platform, &world.norths, repeated.task_id).await.unwrap();
        let [ToRobot::Cancel(told)] = &scene.ear.heard()[..] else { panic!("the robot is told to stop") };
        scene.say(repeated, Outcome::Cancelled, Some(told.reason.clone())).await.unwrap();
        let ended = tasks::query(&world.platform, &world.norths, repeated.task_id).await.unwrap();
        let who = format!("cancelled by {}", world.norths.username);
        assert_eq!(ended.task.message, Some(who), "who cancelled it is kept");
        let assigned = scene.assigned(NewTasks::default()).await;
        tasks::cancel(&world.platform, &world.norths, assigned.task_id).await.unwrap();
        assert_eq!(scene.state(assigned).await, TaskState::Cancelled);
        assert!(matches!(start(&world.platform, scene.robot, assigned).await.unwrap(), ToRobot::Refused(_)));
        let foreign = tasks::cancel(&world.platform, &world.souths, assigned.task_id).await;
        assert!(matches!(foreign, Err(Error::NotFound { .. })), "{foreign:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn time_limits_end_what_waits_and_what_runs_too_long() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let running = scene.running(NewTasks { max_run_time: 1, ..NewTasks::default() }).await;
        let waiting = scene.create(NewTasks { max_waiting_time: 1, ..NewTasks::default() }).await;
        let reason = tasks::query(&world.platform, &world.norths, waiting).await.unwrap().waiting;
        assert_eq!(reason.map(|it| it.reason), Some(WaitingReason::RobotsBusy));
        assert_eq!(deadlines::expire_waiting(&world.platform).await.unwrap(), 0);
        world.clock.advance(60_000);
        assert_eq!(deadlines::expire_waiting(&world.platform).await.unwrap(), 1);
        assert_eq!(
            deadlines::expire_running(&world.platform).await.unwrap(),
            0,
            "the robot has a moment to do it itself"
        );
        world.clock.advance(15_000);
        assert_eq!(deadlines::expire_running(&world.platform).await.unwrap(), 1);
        assert_eq!(scene.state(running).await, TaskState::Stopping);
        world.clock.advance(15_000);
        deadlines::expire_running(&world.platform).await.unwrap();
        assert_eq!(
            scene.state(running).await,
            TaskState::RunExpired,
            "the platform ends it alone when the robot does not"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn log_batches_are_stored_once_and_read_by_level() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let task = scene.running(NewTasks::default()).await;
        let line = |level, message: &str| LogLine { at: 5, level, message: message.into() };
        let lines = vec![line(LogLevel::Info, "one"), line(LogLevel::Error, "two")];
        let batch = Log { task_id: task.task_id, fence: task.fence, first_sequence: 1, lines };
        for _ in 0..2 {
            let ack = log(&world.platform, scene.robot, batch.clone()).await.unwrap();
            assert_eq!(ack.last_sequence, 2, "the same batch again is acknowledged again");
        }
        let read = async |level| {
            let filter = tasks::LogFilter { level, ..tasks::LogFilter::default() };
            let lines = tasks::log(&world.platform, &world.norths, task.task_id, filter).await.unwrap();
            lines.into_iter().map(|line| line.message).collect::<Vec<_>>()
        };
        assert_eq!(read(None).await, ["one", "two"]);
        assert_eq!(read(Some(LogLevel::Error)).await, ["two"]);
        assert!(read(Some(LogLevel::Warn)).await.is_empty());
        let stranger = log(&world.platform, scene.robot + 1, batch).await;
        assert!(matches!(stranger, Err(Error::StaleFence { .. })), "{stranger:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_done_once_and_items_of_a_failed_task_go_back() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let new = queues::NewQueue { department_id: world.north, name: "q".into(), ..Default::default() };
        let queue = queues::create(&world.platform, &world.norths, new).await.unwrap();
        let task = scene.running(NewTasks::default()).await;
        let (task_id, fence) = (task.task_id, task.fence);
        let ask = async |call_id, request| {
            let reply = call(&world.platform, scene.robot, Call { call_id, task_id, fence, request }).await.unwrap();
            reply.answer
        };
        let push = || CallRequest::QueuePush { queue: "q".into(), items: vec![NewQueueItem::default()] };
        let first = ask(1, push()).await;
        assert_eq!(ask(1, push()).await, first, "a repeated call gets the first answer");
        let counts = queues::query(&world.platform, &world.norths, queue).await.unwrap();
        assert_eq!(counts.total, 1, "and does nothing");
        let popped = ask(2, CallRequest::QueuePop { queue: "q".into() }).await;
        assert!(matches!(popped, CallAnswer::Result(CallResult::QueuePopped { item: Some(_) })), "{popped:?}");
        let unknown = ask(3, CallRequest::QueuePop { queue: "nowhere".into() }).await;
        assert!(matches!(unknown, CallAnswer::Error(ref error) if error.code == "notFound"), "{unknown:?}");
        scene.report(task, Outcome::Failed).await.unwrap();
        let next = scene.running(NewTasks::default()).await;
        let request = CallRequest::QueuePop { queue: "q".into() };
        let again =
            call(&world.platform, scene.robot, Call { call_id: 1, task_id: next.task_id, fence: next.fence, request })
                .await;
        let CallAnswer::Result(CallResult::QueuePopped { item: Some(item) }) = again.unwrap().answer else {
            panic!("the item of the failed task is in the queue again")
        };
        assert_eq!(item.attempts, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leases_end_only_in_time_in_which_they_could_have_been_renewed() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let task = scene.running(NewTasks::default()).await;
        scene.silence(1).await;
        world.clock.advance(3_600_000);
        assert_eq!(deadlines::end_leases(&world.platform).await.unwrap(), 0, "the platform slept, not the robot");
        assert_eq!(scene.silence(59).await, 0);
        assert_eq!(scene.state(task).await, TaskState::Running);
        assert_eq!(scene.silence(3).await, 1, "a robot that is not heard of after that is lost");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_is_not_taken_on_what_was_seen_before() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let task = scene.running(NewTasks::default()).await;
        let late = |step, seen, lease_ended_by| StepRequest {
            robot_id: None,
            seen,
            lease_ended_by,
            lease_until: None,
            ..step_of(&world.platform, scene.robot, task, step)
        };
        let as_assigned = late(TaskStep::Cancel, Some(TaskState::Assigned), None);
        let outcome = world.platform.hot.step.submit(as_assigned).await;
        assert!(matches!(outcome, Err(Error::Conflict(_))), "it was seen before it started: {outcome:?}");
        let before_renewal = late(TaskStep::Lose, Some(TaskState::Running), Some(world.platform.now()));
        let outcome = world.platform.hot.step.submit(before_renewal).await;
        assert!(matches!(outcome, Err(Error::Conflict(_))), "its lease was renewed since: {outcome:?}");
        assert_eq!(scene.state(task).await, TaskState::Running);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_holder_of_an_item_can_end_it() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let new = queues::NewQueue { department_id: world.north, name: "q".into(), ..Default::default() };
        let queue = queues::create(&world.platform, &world.norths, new).await.unwrap();
        let other = queues::NewQueue { department_id: world.south, name: "q".into(), ..Default::default() };
        let other = queues::create(&world.platform, &world.souths, other).await.unwrap();
        let item = queue_items::ItemInput::of(serde_json::json!({}));
        queue_items::push(&world.platform, &world.norths, queue, vec![item]).await.unwrap();
        let held = queue_items::pop(&world.platform, &world.norths, queue, 1).await.unwrap().remove(0).row;
        let grip = |queue_id| queue_items::Grip { queue_id, item_id: held.id, fence: held.fence };
        let done = || baigong_store::queue_items::Outcome::Succeeded(None);
        let elsewhere = queue_items::finish(&world.platform, &world.souths, grip(other), done()).await;
        assert!(
            matches!(elsewhere, Err(Error::NotFound { .. })),
            "through a queue of another department: {elsewhere:?}"
        );
        let task = scene.running(NewTasks::default()).await;
        let outcome = baigong_protocol::QueueOutcome::Succeeded { output: None };
        let request = CallRequest::QueueFinish { item_id: held.id, item_fence: held.fence, outcome };
        let call_of_task = Call { call_id: 1, task_id: task.task_id, fence: task.fence, request };
        let answer = call(&world.platform, scene.robot, call_of_task).await.unwrap().answer;
        assert!(matches!(answer, CallAnswer::Error(ref error) if error.code == "conflict"), "by a task: {answer:?}");
        let own = queue_items::finish(&world.platform, &world.norths, grip(queue), done()).await;
        assert_eq!(own.unwrap(), "succeeded");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_stays_with_a_run_that_goes_on_and_is_released_with_its_end() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let new = queues::NewQueue { department_id: world.north, name: "q".into(), ..Default::default() };
        let queue = queues::create(&world.platform, &world.norths, new).await.unwrap();
        let item = queue_items::ItemInput::of(serde_json::json!({}));
        queue_items::push(&world.platform, &world.norths, queue, vec![item]).await.unwrap();
        let task = scene.running(NewTasks::default()).await;
        let request = CallRequest::QueuePop { queue: "q".into() };
        let pop = Call { call_id: 1, task_id: task.task_id, fence: task.fence, request };
        let popped = call(&world.platform, scene.robot, pop).await.unwrap().answer;
        assert!(matches!(popped, CallAnswer::Result(_)), "{popped:?}");
        let waiting = async || queues::query(&world.platform, &world.norths, queue).await.unwrap().unconsumed;
        for _ in 0..3 {
            world.clock.advance(24 * 3_600_000);
            crate::deadlines::sweep_items(&world.platform).await.unwrap();
            assert_eq!(waiting().await, 0, "however long its run takes");
        }
        let lose = StepRequest::new(task.task_id, TaskStep::Lose, world.platform.now());
        world.platform.hot.step.submit(StepRequest { fence: Some(task.fence), ..lose }).await.unwrap();
        world.clock.advance(24 * 3_600_000);
        crate::deadlines::sweep_items(&world.platform).await.unwrap();
        assert_eq!(waiting().await, 1, "its run is over");
    })
    .await;
}
