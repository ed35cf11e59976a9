//! The whole life of a task, and the ways in which it does not begin.

use baigong_protocol::{FromRobot, HeldPhase, Outcome, TaskNotice, ToRobot};

use crate::place::{ENDS, Place, TASK, WAITS, assign, assigned};

pub(crate) fn notice(reason: &str) -> TaskNotice {
    TaskNotice { task_id: TASK.task_id, fence: TASK.fence, reason: reason.into() }
}

#[tokio::test]
async fn a_task_runs_and_everything_of_it_reaches_the_platform() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, ENDS);
    let mut robot = place.platform.robot().await;
    agent.wait_connected().await;
    assert!(robot.hello.held.is_empty() && robot.hello.protocol == 1 && robot.hello.capacity > 1);

    robot.say(assigned(TASK, &package));
    let accepted = robot.until("journal", |message, _| match message {
        FromRobot::Accepted(task) => Some(*task),
        FromRobot::Start(_) => panic!("it must be in the journal before the start is asked for"),
        _ => None,
    });
    assert_eq!(accepted.await, TASK);
    assert_eq!(robot.start().await, TASK);
    assert_eq!(place.runs(), 0, "nothing may run before it is granted");
    robot.heartbeat_with(&[TASK]).await;
    robot.say(ToRobot::Granted(TASK));

    let (log, _) = robot.log().await;
    assert_eq!((log.first_sequence, log.lines[0].message.as_str()), (1, "hello"));
    let report = robot.report().await;
    assert_eq!((report.outcome, report.message.as_deref()), (Outcome::Succeeded, None));
    assert_eq!(report.out_parameters, [baigong_model::Parameter::new("answer", "42")]);
    assert_eq!(report.artifacts, ["out.txt"]);
    assert_eq!(*place.platform.shared.artifacts.lock().unwrap(), [(7, "out.txt".into(), b"result\n".to_vec())]);
    robot.say(ToRobot::ReportAck(TASK));
    robot.heartbeat_with(&[]).await;
    assert_eq!((place.runs(), place.kept()), (1, vec![]), "nothing is kept of a task that is over");
    agent.crash().await;
}

#[tokio::test]
async fn a_repeated_assignment_starts_nothing_twice() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, WAITS);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    robot.log().await;
    robot.say(assigned(TASK, &package));
    robot.say(ToRobot::Granted(TASK));
    place.open_gate().await;
    robot.report().await;
    robot.say(assigned(TASK, &package));
    robot.say(ToRobot::Granted(TASK));
    robot.say(ToRobot::ReportAck(TASK));
    robot.heartbeat_with(&[]).await;
    robot.say(assigned(TASK, &package));
    assert!(robot.declined().await.contains("is over on this robot"));
    assert_eq!(place.runs(), 1);
    agent.crash().await;
}

#[tokio::test]
async fn a_refused_task_is_forgotten_and_a_cancelled_one_reported() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, ENDS);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Refused(notice("it was cancelled")));
    robot.heartbeat_with(&[]).await;

    let mut later = assign(TASK, &package);
    later.fence += 1;
    robot.say(ToRobot::Assign(later));
    let task = robot.start().await;
    robot.say(ToRobot::Cancel(TaskNotice { fence: task.fence, ..notice("by Li") }));
    let report = robot.report().await;
    assert_eq!((report.outcome, report.message.as_deref()), (Outcome::Cancelled, Some("by Li")));
    robot.say(ToRobot::ReportAck(task));
    robot.heartbeat_with(&[]).await;
    assert_eq!((place.runs(), place.kept()), (0, vec![]));
    agent.crash().await;
}

#[tokio::test]
async fn a_grant_that_comes_when_the_robot_stops_is_given_back_by_the_next_hello() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, ENDS);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    let platform = async {
        assert_eq!(robot.declined().await, "the robot stops");
        // Stored before the refusal came: for the platform, the task runs.
        robot.say(ToRobot::Granted(TASK));
    };
    tokio::join!(agent.stop(), platform);

    let agent = place.agent().await;
    let mut robot = place.platform.robot().await;
    let held: Vec<_> = robot.hello.held.iter().map(|held| (held.task_id, held.fence, held.phase)).collect();
    assert_eq!(held, [(TASK.task_id, TASK.fence, HeldPhase::Dropped)], "the platform must hear that it never ran");
    while !robot.hello.held.is_empty() {
        robot.lose().await;
        robot = place.platform.robot().await;
    }
    assert_eq!((place.runs(), place.kept()), (0, vec![]));
    agent.stop().await;
    let agent = place.agent().await;
    assert!(place.platform.robot().await.hello.held.is_empty(), "a welcome has answered it");
    agent.stop().await;
}

#[tokio::test]
async fn the_robot_takes_as_many_tasks_as_the_platform_allows() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, ENDS);
    let mut robot = place.platform.arrival().await;
    robot.welcome(1);
    robot.say(assigned(TASK, &package));
    robot.start().await;
    let other = baigong_protocol::TaskRef { task_id: 8, fence: 1 };
    robot.say(assigned(other, &package));
    assert!(robot.declined().await.contains("no free slot"));
    robot.say(ToRobot::Granted(TASK));
    robot.report().await;
    robot.say(ToRobot::Drain);
    robot.say(assigned(other, &package));
    assert!(robot.declined().await.contains("drains"));
    agent.crash().await;
}

#[tokio::test]
async fn a_paused_task_stands_still_over_connections_until_it_is_let_go_on() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, WAITS);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    robot.log().await;
    let paused = |message: &FromRobot| matches!(message, FromRobot::Paused(task) if *task == TASK).then_some(());
    for _ in 0..2 {
        robot.say(ToRobot::Pause(TASK));
        robot.until("paused", |message, _| paused(message)).await;
    }
    let held = |message: &FromRobot| match message {
        FromRobot::Heartbeat(beat) if beat.paused == [TASK] => Some(beat.held.clone()),
        _ => None,
    };
    assert_eq!(robot.until("heartbeat", |message, _| held(message)).await, [TASK], "its lease is renewed");
    robot.lose().await;
    let mut robot = place.platform.robot().await;
    let phases: Vec<_> = robot.hello.held.iter().map(|held| held.phase).collect();
    assert_eq!(phases, [HeldPhase::Paused]);
    robot.say(ToRobot::Resume(TASK));
    let resumed = |message: &FromRobot| matches!(message, FromRobot::Resumed(task) if *task == TASK).then_some(());
    robot.until("resumed", |message, _| resumed(message)).await;
    place.open_gate().await;
    assert_eq!(robot.report().await.outcome, Outcome::Succeeded);
    agent.crash().await;
}

#[tokio::test]
async fn what_is_paused_before_its_grant_begins_by_standing_still_and_can_be_cancelled() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, WAITS);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Pause(TASK));
    robot.say(ToRobot::Granted(TASK));
    let held = |message: &FromRobot| match message {
        FromRobot::Heartbeat(beat) if beat.paused == [TASK] => Some(()),
        _ => None,
    };
    robot.until("heartbeat", |message, _| held(message)).await;
    let notice = baigong_protocol::TaskNotice { task_id: TASK.task_id, fence: TASK.fence, reason: "enough".into() };
    robot.say(ToRobot::Cancel(notice));
    assert_eq!(robot.report().await.outcome, Outcome::Cancelled);
    agent.crash().await;
}

#[tokio::test]
async fn what_the_robot_holds_is_in_its_hello() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, WAITS);
    let mut robot = place.platform.robot().await;
    let phases = |hello: &baigong_protocol::Hello| hello.held.iter().map(|held| held.phase).collect::<Vec<_>>();
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.lose().await;
    let mut robot = place.platform.robot().await;
    assert_eq!(phases(&robot.hello), [HeldPhase::Accepted]);
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    robot.log().await;
    robot.lose().await;
    let mut robot = place.platform.robot().await;
    assert_eq!(phases(&robot.hello), [HeldPhase::Running]);
    place.open_gate().await;
    robot.report().await;
    robot.lose().await;
    let robot = place.platform.robot().await;
    assert_eq!(phases(&robot.hello), [HeldPhase::Finished]);
    agent.crash().await;
}
