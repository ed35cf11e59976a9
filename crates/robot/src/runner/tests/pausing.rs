//! A paused run stands still with everything it started, and goes on where it was.

use std::time::Duration;

use super::desk::{Desk, succeeded};
use crate::runner::{RunOutcome, StopReason, run};

/// Counts into a file until there is a file that ends it, beside a child that has left the process group.
const COUNTING: &str = "setsid sh -c 'while [ ! -e end ]; do sleep 0.01; done' &
echo ready $$
i=0
while [ ! -e end ]; do i=$((i + 1)); echo $i > counter; sleep 0.01; done
wait
echo counted";

/// The states of the run's processes, as the system tells them: T stands still.
fn states(desk: &Desk) -> Vec<char> {
    let state = |id: String| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        stat.rsplit_once(')')?.1.trim_start().chars().next()
    };
    desk.processes().into_iter().filter_map(state).collect()
}

/// Looks again and again until it holds.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let mut rhythm = tokio::time::interval(Duration::from_millis(5));
    let looking = async {
        while !holds() {
            rhythm.tick().await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(60), looking).await.is_ok(), "{what}");
}

fn counter(desk: &Desk) -> u32 {
    std::fs::read_to_string(desk.path("package/counter")).unwrap_or_default().trim().parse().unwrap_or(0)
}

#[tokio::test]
async fn a_paused_run_stands_still_with_all_it_started_and_its_time_does_too() {
    let desk = Desk::script(COUNTING);
    let mut request = desk.request(&[]);
    request.max_run_time = Some(Duration::from_secs(5));
    let running = tokio::spawn(run(request));
    desk.listener.heard("ready ").await;
    until("it counts", || counter(&desk) > 3).await;

    desk.pause.set(true);
    let all_stand = || states(&desk).iter().all(|state| *state == 'T') && states(&desk).len() >= 2;
    until("everything stands still", all_stand).await;
    let counted = counter(&desk);
    let _ = tokio::time::timeout(Duration::from_secs(6), std::future::pending::<()>()).await;
    assert!(all_stand(), "{:?}", states(&desk));
    assert_eq!(counter(&desk), counted, "nothing was counted meanwhile");

    desk.pause.set(false);
    until("it goes on where it was", || counter(&desk) > counted + 3).await;
    std::fs::write(desk.path("package/end"), "").unwrap();
    succeeded(running.await.unwrap());
    assert_eq!(desk.processes(), [""; 0]);
}

#[tokio::test]
async fn a_paused_run_can_be_stopped_and_one_that_was_paused_before_it_began_starts_nothing() {
    let desk = Desk::script(COUNTING);
    let running = tokio::spawn(run(desk.request(&[])));
    desk.listener.heard("ready ").await;
    desk.pause.set(true);
    until("it stands still", || states(&desk).contains(&'T')).await;
    desk.stop.request(StopReason::Cancelled);
    assert_eq!(running.await.unwrap(), RunOutcome::Cancelled);
    assert_eq!(desk.processes(), [""; 0]);

    let desk = Desk::script("echo begun");
    desk.pause.set(true);
    let running = tokio::spawn(run(desk.request(&[])));
    until("it is prepared", || desk.path("work").exists()).await;
    desk.stop.request(StopReason::Cancelled);
    assert_eq!(running.await.unwrap(), RunOutcome::Cancelled);
    assert!(!desk.listener.lines().contains(&"begun".to_owned()));
}
