//! The ends of tasks, and what is kept of them.

use axum::http::StatusCode;
use baigong_protocol::{FromRobot, HeldPhase, Outcome, ToRobot};

use crate::{
    life::notice,
    place::{ENDS, Place, TASK, WAITS, assign, assigned, is_alive, process_in},
};

#[tokio::test]
async fn a_cancelled_task_is_stopped_and_reported_as_cancelled() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, WAITS);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    let process = process_in(&robot.log().await.0.lines).unwrap();
    robot.say(ToRobot::Cancel(notice("by Li")));
    robot.say(ToRobot::Cancel(notice("by Wang")));
    let report = robot.report().await;
    assert_eq!((report.outcome, report.message.as_deref()), (Outcome::Cancelled, Some("by Li")));
    assert!(!is_alive(process));
    agent.crash().await;
}

/// Says what it has done before it is to stop, and then waits.
const LEAVES_SOMETHING: &str = "echo half > $BAIGONG_ARTIFACTS/half.txt; echo \"running $$\"; cat gate_file";

#[tokio::test]
async fn of_a_task_that_has_ended_for_the_platform_everything_is_still_delivered() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, LEAVES_SOMETHING);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    let process = process_in(&robot.log().await.0.lines).unwrap();
    robot.lose().await;
    // Meanwhile the platform has called it lost: it says so when the robot comes back with it.
    let mut robot = place.platform.robot().await;
    robot.say(ToRobot::Cancel(notice("its lease is over")));
    let (log, _) = robot.log().await;
    assert!(log.lines[0].message.contains("its lease is over"), "{:?}", log.lines);
    let report = robot.report().await;
    assert_eq!((report.outcome, report.artifacts), (Outcome::Cancelled, vec!["half.txt".into()]));
    assert!(!is_alive(process));
    // Said again until the report has come, which must not change it.
    robot.say(ToRobot::Cancel(notice("its lease is over")));
    robot.say(ToRobot::Refused(notice("the task has ended")));
    robot.heartbeat_with(&[TASK]).await;
    robot.lose().await;
    let mut robot = place.platform.robot().await;
    assert_eq!(robot.hello.held.iter().map(|held| held.phase).collect::<Vec<_>>(), [HeldPhase::Finished]);
    robot.say(ToRobot::Cancel(notice("its lease is over")));
    assert_eq!(robot.report().await.outcome, Outcome::Cancelled);
    robot.say(ToRobot::ReportAck(TASK));
    robot.heartbeat_with(&[]).await;
    assert_eq!(place.kept(), Vec::<String>::new());
    agent.crash().await;
}

#[tokio::test]
async fn a_start_refused_after_it_was_granted_stops_the_task_with_a_report() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, LEAVES_SOMETHING);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    robot.log().await;
    robot.say(ToRobot::Refused(notice("the task has ended")));
    let report = robot.report().await;
    assert_eq!((report.outcome, report.message.as_deref()), (Outcome::Cancelled, Some("the task has ended")));
    agent.crash().await;
}

#[tokio::test]
async fn an_acknowledged_report_ends_a_task_wherever_it_is() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, WAITS);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.heartbeat_with(&[TASK]).await;
    robot.say(ToRobot::ReportAck(TASK));
    robot.heartbeat_with(&[]).await;

    let running = baigong_protocol::TaskRef { fence: 4, ..TASK };
    robot.say(assigned(running, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(running));
    let process = process_in(&robot.log().await.0.lines).unwrap();
    robot.say(ToRobot::ReportAck(running));
    robot
        .until("heartbeat without the lease", |message, _| match message {
            FromRobot::Report(_) => panic!("it was acknowledged already"),
            FromRobot::Heartbeat(heartbeat) if heartbeat.held.is_empty() => Some(()),
            _ => None,
        })
        .await;
    assert!(!is_alive(process));
    assert_eq!(place.kept(), Vec::<String>::new());
    agent.crash().await;
}

#[tokio::test]
async fn a_task_that_runs_too_long_is_stopped_and_reported_as_such() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, WAITS);
    let mut robot = place.platform.robot().await;
    let mut short = assign(TASK, &package);
    short.max_run_seconds = Some(1);
    robot.say(ToRobot::Assign(short));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    let process = process_in(&robot.log().await.0.lines).unwrap();
    let report = robot.report().await;
    assert_eq!(report.outcome, Outcome::RunExpired);
    assert!(report.message.unwrap().contains("1 seconds"));
    assert!(!is_alive(process));
    agent.crash().await;
}

#[tokio::test]
async fn a_failing_program_is_reported_with_what_it_said() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, "echo half > $BAIGONG_ARTIFACTS/half.txt; echo no such account >&2; exit 3");
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    let report = robot.report().await;
    assert_eq!((report.outcome, report.artifacts), (Outcome::Failed, vec!["half.txt".into()]));
    let message = report.message.unwrap();
    assert!(message.contains('3') && message.contains("no such account"), "{message}");
    agent.crash().await;
}

#[tokio::test]
async fn artifacts_are_sent_until_taken_and_left_out_when_refused() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, "cd $BAIGONG_ARTIFACTS; mkdir b; echo 1 > a.txt; echo 2 > b/c.txt");
    let mut robot = place.platform.robot().await;
    place.platform.shared.upload_answers.lock().unwrap().extend([
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::INSUFFICIENT_STORAGE,
        StatusCode::PAYLOAD_TOO_LARGE,
    ]);
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    let (log, _) = robot.log().await;
    assert!(log.lines[0].message.contains("\"a.txt\" is not kept"), "{:?}", log.lines);
    let report = robot.report().await;
    assert_eq!((report.outcome, report.artifacts), (Outcome::Succeeded, vec!["b/c.txt".into()]));
    agent.crash().await;
}

#[tokio::test]
async fn an_upload_for_a_lease_that_is_over_ends_the_task() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, ENDS);
    let mut robot = place.platform.robot().await;
    place.platform.shared.upload_answers.lock().unwrap().push_back(StatusCode::CONFLICT);
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.heartbeat_with(&[TASK]).await;
    robot.say(ToRobot::Granted(TASK));
    robot.heartbeat_with(&[]).await;
    assert_eq!(place.kept(), Vec::<String>::new());
    agent.crash().await;
}

#[tokio::test]
async fn a_full_spool_leaves_a_gap_that_says_how_much() {
    let mut place = Place::new().await;
    let mut options = place.options();
    options.spool_limit = 0;
    let agent = baigong_robot::Agent::start(options).await.unwrap();
    let package = place.package(1, "echo one; echo two; echo three");
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    let (log, _) = robot.log().await;
    let messages: Vec<_> = log.lines.iter().map(|line| line.message.as_str()).collect();
    assert_eq!(messages, ["3 log lines are missing here: the robot's log store was full"]);
    assert_eq!(robot.report().await.outcome, Outcome::Succeeded);
    agent.crash().await;
}

#[tokio::test]
async fn the_robots_secret_does_not_reach_its_programs() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, "env");
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    let (log, text) = robot.log().await;
    assert!(log.lines.iter().any(|line| line.message == "BAIGONG_PARAM_tolerance=0.01"), "{text}");
    assert!(!text.contains("ROBOT_SECRET") && !text.contains("bgr_"), "{text}");
    agent.crash().await;
}
