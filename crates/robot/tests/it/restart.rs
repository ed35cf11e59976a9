//! Agents that end, in every way and at every point, and what the next one says.

use baigong_protocol::{FromRobot, HeldPhase, Outcome, PackageRef, TaskRef, ToRobot};
use baigong_robot::{Agent, AgentExit};

use crate::place::{ENDS, Place, TASK, WAITS, assigned, is_alive, process_in};

#[tokio::test]
async fn a_task_that_ran_when_the_agent_crashed_is_reported_as_failed() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, WAITS);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    robot.log().await;
    agent.crash().await;

    let agent = place.agent().await;
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.say(ToRobot::Granted(TASK));
    let report = robot.report().await;
    assert_eq!(report.outcome, Outcome::Failed);
    assert_eq!(report.message.as_deref(), Some("the robot stopped while the task ran"));
    robot.say(ToRobot::ReportAck(TASK));
    robot.heartbeat_with(&[]).await;
    robot.say(assigned(TASK, &package));
    assert!(robot.declined().await.contains("is over"));
    assert_eq!(place.runs(), 1, "a lease is started once, whatever happens");
    agent.crash().await;
}

#[tokio::test]
async fn texts_of_a_run_whose_secrets_nobody_knows_any_more_are_not_delivered() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let leaves = "echo text > $BAIGONG_ARTIFACTS/a.txt; head -c 9 /dev/zero > $BAIGONG_ARTIFACTS/b.bin";
    let package = place.package(1, &format!("{leaves}; {WAITS}"));
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    robot.log().await;
    agent.crash().await;
    // As the first secret that the run fetched would have done.
    std::fs::write(place.data().join("work/7-3/has-secrets"), "").unwrap();

    let agent = place.agent().await;
    let mut robot = place.platform.robot().await;
    let report = robot.report().await;
    assert_eq!((report.outcome, report.artifacts), (Outcome::Failed, vec!["b.bin".into()]));
    agent.crash().await;
}

#[tokio::test]
async fn a_task_that_was_not_granted_when_the_agent_crashed_is_dropped() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, ENDS);
    let mut robot = place.platform.robot().await;
    let incarnation = robot.hello.incarnation.clone();
    robot.say(assigned(TASK, &package));
    robot.start().await;
    agent.crash().await;

    // Until a welcome has answered, it is said again.
    let agent = place.agent().await;
    let robot = place.platform.arrival().await;
    assert_ne!(robot.hello.incarnation, incarnation);
    assert_eq!(robot.hello.held.iter().map(|held| held.phase).collect::<Vec<_>>(), [HeldPhase::Dropped]);
    robot.lose().await;
    let mut robot = place.platform.robot().await;
    assert_eq!(robot.hello.held.iter().map(|held| held.phase).collect::<Vec<_>>(), [HeldPhase::Dropped]);
    robot.say(ToRobot::Granted(TASK));
    robot.say(assigned(TASK, &package));
    robot.declined().await;
    robot.say(ToRobot::Cancel(crate::life::notice("by Li")));
    assert_eq!(robot.report().await.outcome, Outcome::Cancelled, "a cancelled task that never ran must not hang");
    let again = TaskRef { fence: 4, ..TASK };
    robot.say(assigned(again, &package));
    assert_eq!(robot.start().await, again);
    robot.say(ToRobot::Granted(again));
    robot.report().await;
    assert_eq!(place.runs(), 1);
    agent.crash().await;

    let agent = place.agent().await;
    let robot = place.platform.robot().await;
    assert_eq!(robot.hello.held.iter().map(|held| held.fence).collect::<Vec<_>>(), [4], "dropped tasks are said once");
    agent.stop().await;
}

#[tokio::test]
async fn a_result_that_the_platform_does_not_have_survives_the_agent() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, ENDS);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    let (log, text) = robot.log_kept().await;
    // Its slot is free when its result is in the journal.
    robot
        .until("end in the journal", |message, _| match message {
            FromRobot::Heartbeat(heartbeat) if heartbeat.free_slots == 4 => Some(()),
            _ => None,
        })
        .await;
    agent.crash().await;

    let agent = place.agent().await;
    let mut robot = place.platform.robot().await;
    assert_eq!(robot.hello.held.iter().map(|held| held.phase).collect::<Vec<_>>(), [HeldPhase::Finished]);
    assert_eq!(robot.log_kept().await, (log.clone(), text), "log lines are kept over a restart, in the same batches");
    robot.say(crate::platform::acknowledgement(&log));
    let report = robot.report().await;
    assert_eq!((report.outcome, report.out_parameters.len(), report.artifacts.len()), (Outcome::Succeeded, 1, 1));
    robot.say(ToRobot::ReportAck(TASK));
    agent.crash().await;
    assert_eq!(place.runs(), 1);
}

#[tokio::test]
async fn a_stop_ends_what_runs_and_says_so() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, WAITS);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    let (log, _) = robot.log().await;
    let process = process_in(&log.lines).unwrap();
    let platform = async {
        let report = robot.report().await;
        robot.say(ToRobot::ReportAck(TASK));
        report
    };
    let (exit, report) = tokio::join!(agent.stop(), platform);
    assert_eq!(exit, AgentExit::Stopped);
    assert_eq!(report.message.as_deref(), Some("the robot stopped while the task ran"));
    assert!(!is_alive(process));

    let agent = place.agent().await;
    assert!(place.platform.robot().await.hello.held.is_empty(), "an acknowledged report is not said again");
    agent.stop().await;
}

#[tokio::test]
async fn one_agent_to_a_folder() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let second = Agent::start(place.options()).await.err().unwrap().to_string();
    assert!(second.contains("another robot agent runs in"), "{second}");
    agent.stop().await;
    place.agent().await.stop().await;
}

/// In this variable, the test below tells itself to be the agent that is killed: folder, address and secret.
const BE_THE_AGENT: &str = "BAIGONG_TEST_BE_THE_AGENT";

#[tokio::test]
async fn a_killed_agent_leaves_processes_that_the_next_one_ends_before_it_reports() {
    let name = "restart::a_killed_agent_leaves_processes_that_the_next_one_ends_before_it_reports";
    killed_agent(name, Place::package).await;
}

#[tokio::test]
async fn a_killed_agent_leaves_commands_of_a_flow_that_the_next_one_ends_before_it_reports() {
    let name = "restart::a_killed_agent_leaves_commands_of_a_flow_that_the_next_one_ends_before_it_reports";
    killed_agent(name, Place::flow_package_of).await;
}

/// `name` is the test that is to be the agent.
async fn killed_agent(name: &str, package: fn(&Place, i64, &str) -> PackageRef) {
    if let Ok(told) = std::env::var(BE_THE_AGENT) {
        return be_the_agent(&told).await;
    }
    let mut place = Place::new().await;
    let seen = place.data().join("seen");
    let package = package(&place, 1, &format!("env | grep ^BAIGONG_ > {}; {WAITS}", seen.display()));
    let (folder, secret) = (place.data().display().to_string(), place.secret.to_text());
    let told = format!("{folder} http://{} {}", place.platform.address, secret.expose());
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env(BE_THE_AGENT, told)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    let lines = robot.log().await.0.lines;
    let process = process_in(&lines).unwrap_or_else(|| panic!("nothing runs: {lines:?}"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(is_alive(process), "the process must outlive the agent, or this test shows nothing");
    let seen = std::fs::read_to_string(seen).unwrap();
    for told in ["BAIGONG_RUN=", "BAIGONG_TASK_ID=7\n", "BAIGONG_PROCESS_ID=5\n", "BAIGONG_ARTIFACTS=/"] {
        assert!(seen.contains(told), "{told} is not among {seen}");
    }
    assert!(!seen.contains(secret.expose()), "the agent's own variables are not for processes");

    let agent = place.agent().await;
    let mut robot = place.platform.robot().await;
    let report = robot.report().await;
    assert_eq!(report.message.as_deref(), Some("the robot stopped while the task ran"));
    assert!(!is_alive(process), "a task must not be called ended while a process of it runs");
    assert_eq!(place.runs(), 1);
    agent.crash().await;
}

/// Is an agent until it is killed, or until the test that started it is gone.
async fn be_the_agent(told: &str) {
    let [folder, url, secret] = told.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let secret = baigong_protocol::RobotSecret::parse(secret).unwrap();
    let options = baigong_robot::Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        ..baigong_robot::Options::new(folder, url, secret, baigong_actions::table())
    };
    let _agent = Agent::start(options).await.unwrap();
    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await.unwrap().unwrap();
}
