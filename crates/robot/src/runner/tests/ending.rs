//! However a run ends, nothing of it goes on: its whole process group is gone, and so is what left the group.

use std::time::Duration;

use super::desk::{Desk, failed, is_alive, succeeded};
use crate::runner::{RunLimits, RunOutcome, StopReason, run};

/// Long enough that a test that waited for it would never be taken for quick.
const FOREVER: &str = "1000";

fn limits(grace_milliseconds: u64) -> RunLimits {
    RunLimits { grace: Duration::from_millis(grace_milliseconds), ..RunLimits::default() }
}

/// Starts the run, waits until it says `ready <process id>`, stops it; gives the outcome and that id.
async fn stopped(desk: &Desk, reason: StopReason, limits: RunLimits) -> (RunOutcome, String) {
    let mut request = desk.request(&[]);
    request.limits = limits;
    let running = tokio::spawn(run(request));
    let id = desk.listener.heard("ready ").await;
    assert!(is_alive(&id), "the test would prove nothing");
    desk.stop.request(reason);
    (running.await.unwrap(), id)
}

#[tokio::test]
async fn cancel_lets_a_program_end_by_itself() {
    let desk = Desk::script(&format!("trap 'echo goodbye; exit 0' TERM; echo ready $$; sleep {FOREVER} & wait"));
    let (outcome, id) = stopped(&desk, StopReason::Cancelled, limits(60_000)).await;
    assert_eq!(outcome, RunOutcome::Cancelled);
    assert!(desk.listener.lines().contains(&"goodbye".to_owned()), "{:?}", desk.listener.lines());
    assert!(!is_alive(&id));
    assert_eq!(desk.processes(), [""; 0]);
}

#[tokio::test]
async fn a_program_that_will_not_hear_is_killed_with_its_children() {
    let desk = Desk::script(&format!(
        "trap '' TERM\nsh -c \"trap '' TERM; sleep {FOREVER}\" &\nsh -c \"sleep {FOREVER}\" &\necho ready $$\nwhile true; do sleep {FOREVER}; done"
    ));
    let (outcome, id) = stopped(&desk, StopReason::RunExpired, limits(100)).await;
    assert_eq!(outcome, RunOutcome::RunExpired);
    assert!(!is_alive(&id));
    assert_eq!(desk.processes(), [""; 0]);
}

#[tokio::test]
async fn a_stopped_program_is_woken_to_end() {
    let desk =
        Desk::script("trap 'echo woken; exit 0' TERM\necho ready $$\nkill -STOP $$\nwhile true; do sleep 0.01; done");
    let (outcome, _) = stopped(&desk, StopReason::Cancelled, limits(60_000)).await;
    assert_eq!(outcome, RunOutcome::Cancelled);
    assert_eq!(desk.processes(), [""; 0]);
}

#[tokio::test]
async fn the_maximum_run_time_ends_a_run() {
    let desk = Desk::script(&format!("sleep {FOREVER} & sleep {FOREVER}"));
    let mut request = desk.request(&[]);
    request.max_run_time = Some(Duration::from_millis(50));
    assert_eq!(run(request).await, RunOutcome::RunExpired);
    assert_eq!(desk.processes(), [""; 0]);
}

#[tokio::test]
async fn children_that_outlive_the_program_are_killed_and_its_result_counts() {
    // One with a cleared environment can only be found by its group.
    let desk =
        Desk::script(&format!("sleep {FOREVER} &\necho child $!\nenv -i sleep {FOREVER} &\necho bare $!\necho done"));
    assert_eq!(succeeded(desk.run(&[]).await), []);
    for start in ["child ", "bare "] {
        let child = desk.listener.heard(start).await;
        gone(&child).await;
    }
    assert_eq!(desk.processes(), [""; 0]);
    assert_eq!(desk.listener.lines().len(), 3, "members of the group are no strays: {:?}", desk.listener.lines());
}

#[tokio::test]
async fn a_daemon_that_left_the_group_is_found_and_killed() {
    // It ignores TERM, has a session of its own and holds the output open: the run ends nevertheless.
    // The program ends only after the daemon is one, so that it is not the group's end that ends it.
    let desk = Desk::script(&format!(
        "mkfifo ready\nsetsid sh -c \"trap '' TERM HUP; echo ready > ready; sleep {FOREVER}\" &\nread line < ready\necho $line"
    ));
    succeeded(desk.run(&[]).await);
    assert_eq!(desk.processes(), [""; 0]);
    let told = "still running in the background and ended with it";
    assert!(desk.listener.lines().iter().any(|line| line.contains(told)), "{:?}", desk.listener.lines());
}

#[tokio::test]
async fn a_run_that_is_dropped_leaves_no_process() {
    let desk = Desk::script(&format!("sleep {FOREVER} & echo ready $!; wait"));
    let running = tokio::spawn(run(desk.request(&[])));
    let id = desk.listener.heard("ready ").await;
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    gone(&id).await;
}

/// Returns when a process that has been killed is gone: nobody but the kernel says when.
async fn gone(id: &str) {
    while is_alive(id) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_run_that_is_stopped_before_it_starts_starts_nothing() {
    let desk = Desk::script("echo started");
    desk.stop.request(StopReason::Cancelled);
    desk.stop.request(StopReason::RunExpired);
    assert_eq!(desk.run(&[]).await, RunOutcome::Cancelled);
    assert_eq!(desk.listener.lines(), ["the run was cancelled"]);
}

#[tokio::test]
async fn cancel_reaches_a_pre_run_script() {
    let desk = Desk::new(&[
        ("robot.yaml", "tasks: {A: {shell: echo started}}\npreRunScripts: [sh before.sh]\n"),
        ("before.sh", &format!("echo ready $$; sleep {FOREVER}")),
    ]);
    let (outcome, _) = stopped(&desk, StopReason::Cancelled, limits(60_000)).await;
    assert_eq!(outcome, RunOutcome::Cancelled);
    assert!(!desk.listener.lines().contains(&"started".to_owned()));
    assert_eq!(desk.processes(), [""; 0]);
}

#[tokio::test]
async fn two_runs_do_not_end_each_other() {
    let (one, other) = (Desk::script(&format!("echo ready $$; sleep {FOREVER}")), Desk::script("exit 1"));
    let running = tokio::spawn(run(one.request(&[])));
    let id = one.listener.heard("ready ").await;
    failed(other.run(&[]).await);
    assert!(is_alive(&id));
    one.stop.request(StopReason::Cancelled);
    assert_eq!(running.await.unwrap(), RunOutcome::Cancelled);
}
