//! Connections that break at every point, and those that are not allowed.

use baigong_protocol::{FromRobot, Log, Outcome, RobotSecret, ToRobot};
use baigong_robot::{Agent, AgentExit};

use crate::{
    life::notice,
    place::{ENDS, Place, TASK, WAITS, assigned, is_alive, process_in},
    platform::acknowledgement,
};

#[tokio::test]
async fn a_connection_lost_before_the_grant_starts_the_task_once() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, ENDS);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.lose().await;
    let mut robot = place.platform.robot().await;
    assert_eq!(robot.start().await, TASK, "the robot must ask again");
    assert_eq!(place.runs(), 0);
    robot.say(ToRobot::Granted(TASK));
    assert_eq!(robot.report().await.outcome, Outcome::Succeeded);
    assert_eq!(place.runs(), 1);
    agent.crash().await;
}

#[tokio::test]
async fn a_task_goes_on_without_a_connection_and_its_end_is_told_later() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, WAITS);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    robot.log().await;
    robot.lose().await;
    place.open_gate().await;
    let mut robot = place.platform.robot().await;
    assert_eq!(robot.report().await.outcome, Outcome::Succeeded);
    assert_eq!(place.runs(), 1);
    agent.crash().await;
}

#[tokio::test]
async fn a_report_without_an_acknowledgement_is_said_again_word_for_word() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, ENDS);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    let first = robot.report().await;
    for _ in 0..3 {
        robot.lose().await;
        robot = place.platform.robot().await;
        assert_eq!(robot.report().await, first);
    }
    robot.say(ToRobot::ReportAck(TASK));
    robot.heartbeat_with(&[]).await;
    assert_eq!(place.kept(), Vec::<String>::new());
    agent.crash().await;
}

#[tokio::test]
async fn log_batches_are_sent_again_with_the_same_bounds_until_acknowledged() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, "for i in $(seq 1 1700); do echo line $i; done; cat gate_file");
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    let mut first: Vec<(Log, String)> = Vec::new();
    while first.last().is_none_or(|(log, _)| log.last_sequence() < 1700) {
        first.push(robot.log_kept().await);
    }
    assert!(first.len() > 3, "1700 lines take more than three batches");
    let mut next = 1;
    for (log, _) in &first {
        assert_eq!(log.first_sequence, next, "batches must follow each other without a hole");
        next = log.last_sequence() + 1;
    }
    robot.say(acknowledgement(&first[0].0));
    robot.lose().await;

    let mut robot = place.platform.robot().await;
    let mut again = robot.log_kept().await;
    // The acknowledgement may have been lost with the connection.
    if again.0.first_sequence == 1 {
        assert_eq!(again, first[0]);
        again = robot.log_kept().await;
    }
    for batch in &first[1..] {
        assert_eq!(&again, batch, "a batch must be the same, byte for byte");
        robot.say(acknowledgement(&again.0));
        if again.0.last_sequence() < 1700 {
            again = robot.log_kept().await;
        }
    }
    place.open_gate().await;
    robot.report().await;
    agent.crash().await;
}

#[tokio::test]
async fn a_lease_that_is_over_stops_the_process_and_reports_nothing() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, WAITS);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    let process = process_in(&robot.log().await.0.lines).unwrap();
    assert!(is_alive(process));
    robot.heartbeat_with(&[TASK]).await;
    robot.say(ToRobot::Stale(notice("fence 3 is behind 4")));
    robot
        .until("heartbeat without the lease", |message, _| match message {
            FromRobot::Report(_) => panic!("a lease that is over reports nothing"),
            FromRobot::Heartbeat(heartbeat) if heartbeat.held.is_empty() => Some(()),
            _ => None,
        })
        .await;
    assert!(!is_alive(process));
    assert_eq!(place.kept(), Vec::<String>::new());
    agent.crash().await;
}

#[tokio::test]
async fn a_wrong_secret_is_refused_and_named_without_being_shown() {
    let mut place = Place::new().await;
    let mut options = place.options();
    let wrong = RobotSecret::generate(1, &baigong_model::SystemRandom);
    let key = hex::encode(wrong.key());
    options.secret = Some(wrong);
    let agent = Agent::start(options).await.unwrap();
    place.platform.shared.refused.acquire_many(2).await.unwrap().forget();
    let ready = format!("http://{}/readyz", agent.local_addr());
    let answer = reqwest::get(&ready).await.unwrap();
    assert_eq!(answer.status(), 503);
    let text = answer.text().await.unwrap();
    assert!(text.contains("refuses the robot's secret") && !text.contains(&key), "{text}");
    agent.stop().await;

    std::fs::remove_dir_all(place.data()).unwrap();
    let agent = place.agent().await;
    let _robot = place.platform.robot().await;
    agent.wait_connected().await;
    let ready = format!("http://{}/readyz", agent.local_addr());
    let answer = reqwest::get(&ready).await.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    agent.crash().await;
}

#[tokio::test]
async fn an_agent_whose_identity_another_has_taken_stops_its_tasks_and_ends() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, WAITS);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    let process = process_in(&robot.log().await.0.lines).unwrap();
    robot.say(ToRobot::Fenced { reason: "connected from elsewhere".into() });
    assert_eq!(agent.finished().await, AgentExit::Fenced("connected from elsewhere".into()));
    assert!(!is_alive(process));
    agent.crash().await;
}

#[tokio::test]
async fn a_silent_platform_is_left_and_dialled_again() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    // Welcomed, and then never answered again: three heartbeats of a second each.
    place.platform.shared.silent.store(true, std::sync::atomic::Ordering::SeqCst);
    let first = place.platform.robot().await;
    let second = place.platform.robot().await;
    assert_eq!(first.hello.incarnation, second.hello.incarnation, "a reconnect is not a restart");
    agent.crash().await;
}
