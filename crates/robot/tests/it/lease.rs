//! A robot that cannot renew its leases: what may be run again elsewhere has to stop here.

use baigong_protocol::{FromRobot, HeldPhase, Outcome, PackageRef, TaskRef, ToRobot};

use crate::{
    place::{Place, TASK, WAITS, assign, assigned, is_alive, process_in},
    platform::Connection,
};

/// Does not end when it is asked to.
const STUBBORN: &str = "trap '' TERM; echo half > $BAIGONG_ARTIFACTS/half.txt; echo \"running $$\"; \
    while :; do cat gate_file; done";

/// Runs a task; returns its process.
async fn runs(robot: &mut Connection, task: TaskRef, package: &PackageRef, retry_safe: bool) -> u32 {
    let mut assign = assign(task, package);
    assign.retry_safe = retry_safe;
    robot.say(ToRobot::Assign(assign));
    assert_eq!(robot.start().await, task);
    robot.say(ToRobot::Granted(task));
    process_in(&robot.log().await.0.lines).unwrap()
}

/// Connections come and are not welcomed, until the robot says that it holds the task of [`TASK`] no longer running.
async fn until_it_has_stopped(place: &mut Place) -> Connection {
    loop {
        let robot = place.platform.arrival().await;
        let of_task = |held: &&baigong_protocol::Held| held.task_id == TASK.task_id;
        if robot.hello.held.iter().find(of_task).is_none_or(|held| held.phase != HeldPhase::Running) {
            return robot;
        }
        robot.lose().await;
    }
}

#[tokio::test]
async fn without_renewals_what_may_run_again_elsewhere_is_stopped_and_the_rest_goes_on() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let (retry_safe, once_only) = (place.package(1, STUBBORN), place.package(2, WAITS));
    let other = TaskRef { task_id: 8, fence: 1 };
    let mut robot = place.platform.robot().await;
    let process = runs(&mut robot, TASK, &retry_safe, true).await;
    let other_process = runs(&mut robot, other, &once_only, false).await;
    robot.lose().await;

    // The machine has slept: the lease is over already, and there is no time left for asking nicely.
    place.uptime.pass(1_000);
    let mut robot = until_it_has_stopped(&mut place).await;
    assert!(!is_alive(process), "the task may run elsewhere by now");
    assert!(is_alive(other_process), "nobody else runs a task that is not safe to run twice");
    let phases: Vec<_> = robot.hello.held.iter().map(|held| (held.task_id, held.phase)).collect();
    assert_eq!(phases, [(7, HeldPhase::Finished), (8, HeldPhase::Running)]);

    robot.welcome(4);
    let (log, text) = robot.log().await;
    assert!(log.lines[0].message.contains("the platform has not answered"), "{text}");
    assert!(!text.contains("the run was cancelled"), "it must be killed at once: {text}");
    let report = robot.report().await;
    assert_eq!((report.task_id, report.outcome, report.artifacts), (7, Outcome::Failed, vec!["half.txt".into()]));
    assert!(report.message.unwrap().contains("lost contact with the platform"));
    robot.say(ToRobot::ReportAck(TASK));
    place.open_gate().await;
    let report = robot.report().await;
    assert_eq!((report.task_id, report.outcome), (8, Outcome::Succeeded));
    agent.crash().await;
}

#[tokio::test]
async fn a_later_lease_takes_the_place_of_a_run_that_was_stopped_for_want_of_renewals() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, WAITS);
    let mut robot = place.platform.robot().await;
    let process = runs(&mut robot, TASK, &package, true).await;
    robot.lose().await;
    // Three quarters of the lease.
    place.uptime.pass(45);
    let robot = until_it_has_stopped(&mut place).await;
    assert!(!is_alive(process));
    robot.welcome(4);
    let mut robot = robot;
    let later = TaskRef { fence: 4, ..TASK };
    robot.say(assigned(later, &package));
    assert_eq!(robot.start().await, later);
    robot.heartbeat_with(&[later]).await;
    agent.crash().await;
}

#[tokio::test]
async fn a_run_whose_heartbeats_are_answered_goes_on() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, WAITS);
    let mut robot = place.platform.robot().await;
    runs(&mut robot, TASK, &package, true).await;
    for _ in 0..2 {
        place.uptime.pass(40);
        // The second one was sent after that, and the robot has looked at the time.
        robot.heartbeat_with(&[TASK]).await;
        robot.heartbeat_with(&[TASK]).await;
        // What is said now is heard after the answer to it.
        robot.say(ToRobot::Resume(TASK));
        let answer = |message: &FromRobot| matches!(message, FromRobot::Resumed(_)).then_some(());
        robot.until("answer", |message, _| answer(message)).await;
    }
    place.open_gate().await;
    assert_eq!(robot.report().await.outcome, Outcome::Succeeded);
    agent.crash().await;
}
