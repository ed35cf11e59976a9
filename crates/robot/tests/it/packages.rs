//! Packages on their way to the robot.

use std::sync::atomic::Ordering;

use baigong_protocol::{Outcome, PackageRef, TaskRef, ToRobot};

use crate::{
    place::{ENDS, Place, TASK, assigned},
    platform::Connection,
};

async fn run(robot: &mut Connection, task: TaskRef, package: &PackageRef) -> baigong_protocol::Report {
    robot.say(assigned(task, package));
    robot.start().await;
    robot.say(ToRobot::Granted(task));
    let report = robot.report().await;
    robot.say(ToRobot::ReportAck(task));
    report
}

#[tokio::test]
async fn a_package_is_fetched_once_for_all_tasks() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, ENDS);
    let mut robot = place.platform.robot().await;
    let tasks = [1, 2, 3].map(|task_id| TaskRef { task_id, fence: 1 });
    for task in tasks {
        robot.say(assigned(task, &package));
    }
    for _ in tasks {
        let task = robot.start().await;
        robot.say(ToRobot::Granted(task));
    }
    for _ in tasks {
        let report = robot.report().await;
        assert_eq!(report.outcome, Outcome::Succeeded, "{:?}", report.message);
    }
    assert_eq!((place.runs(), place.platform.shared.downloads.load(Ordering::SeqCst)), (3, 1));
    agent.crash().await;
}

#[tokio::test]
async fn a_package_that_is_not_what_was_announced_is_not_run() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let good = place.package(1, ENDS);
    let mut robot = place.platform.robot().await;
    let other = place.package(2, "echo other");
    let changed = PackageRef { sha256: good.sha256.clone(), ..other.clone() };
    let noise = place.give_out(3, b"not a zip".to_vec());
    let missing = PackageRef { path: "/uplink/v1/packages/99".into(), ..good.clone() };
    let elsewhere = PackageRef { path: "//evil.example/x".into(), ..good.clone() };
    let unnamed = PackageRef { sha256: "../../etc".into(), ..good };
    for (task_id, package, words) in [
        (1, changed, "changed on the way"),
        (2, noise, "zip"),
        (3, missing, "404"),
        (4, elsewhere, "not a path on the platform"),
        (5, unnamed, "SHA-256"),
    ] {
        let report = run(&mut robot, TaskRef { task_id, fence: 1 }, &package).await;
        let message = report.message.unwrap_or_default();
        assert!(report.outcome == Outcome::Failed && message.contains(words), "{words}: {message}");
    }
    assert_eq!(place.runs(), 0);
    agent.crash().await;
}

#[tokio::test]
async fn runs_of_one_package_do_not_see_each_others_files() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, "test ! -e mine && echo x > mine");
    let mut robot = place.platform.robot().await;
    for task_id in [1, 2] {
        let report = run(&mut robot, TaskRef { task_id, fence: 1 }, &package).await;
        assert_eq!(report.outcome, Outcome::Succeeded, "{:?}", report.message);
    }
    agent.crash().await;
}

#[tokio::test]
async fn the_longest_unused_package_goes_when_space_is_short() {
    let mut place = Place::new().await;
    let mut options = place.options();
    options.package_limit = 1;
    let agent = baigong_robot::Agent::start(options).await.unwrap();
    let mut robot = place.platform.robot().await;
    for package_id in [1, 2, 3] {
        let package = place.package(package_id, &format!("echo {package_id}"));
        let report = run(&mut robot, TaskRef { task_id: package_id, ..TASK }, &package).await;
        assert_eq!(report.outcome, Outcome::Succeeded, "{:?}", report.message);
    }
    robot.heartbeat_with(&[]).await;
    let left = std::fs::read_dir(place.data().join("packages")).unwrap().count();
    assert!(left <= 2, "{left} packages are kept where none fits: only the newest and one in use may be");
    agent.crash().await;
}
