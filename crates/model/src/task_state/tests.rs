//! The table of legal steps against the sentences of the design.
use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

#[test]
fn a_step_leads_to_one_state_only() {
    let mut seen = HashSet::new();
    for (from, step, _) in LEGAL_STEPS {
        assert!(seen.insert((from, step)), "{from} {step:?} stands twice in the table");
    }
}

#[test]
fn the_six_ends_are_final_and_the_others_are_not() {
    let finals: Vec<_> = TaskState::ALL.into_iter().filter(|state| state.is_final()).map(TaskState::as_str).collect();
    assert_eq!(finals, ["succeeded", "failed", "cancelled", "wait-expired", "run-expired", "lost"]);
}

#[test]
fn only_the_start_handshake_leads_to_running_for_the_first_time() {
    let into_running: Vec<_> =
        LEGAL_STEPS.iter().filter(|(_, _, to)| *to == Running).map(|(from, by, _)| (*from, *by)).collect();
    assert_eq!(into_running, [(Assigned, Start), (Paused, Resume)]);
}

#[test]
fn after_the_start_only_a_decision_to_run_again_takes_a_task_from_its_robot() {
    for from in [Running, Paused, Stopping] {
        for (_, step, to) in LEGAL_STEPS.iter().filter(|(source, _, to)| *source == from && !to.is_final()) {
            let Some((_, is_held)) = from.leads(true, *step) else { continue };
            assert!(is_held || matches!(step, RunAgain | Retry), "{from} must not lose its robot by {step:?} to {to}");
        }
    }
}

#[test]
fn what_was_paused_while_it_waited_goes_back_to_waiting_or_ends() {
    let ways: Vec<_> = LEGAL_STEPS.iter().filter(|(from, ..)| *from == Paused).collect();
    let legal = |is_held| ways.iter().filter(move |(_, step, _)| Paused.leads(is_held, *step).is_some());
    let waiting: Vec<_> = legal(false).map(|(_, step, _)| *step).collect();
    assert_eq!(waiting, [Release, Cancel]);
    assert!(legal(true).all(|(_, step, _)| *step != Release));
    assert_eq!(Assigned.leads(true, Pause), Some((Paused, false)), "what has not been started needs no robot");
    assert_eq!(Running.leads(true, Pause), Some((Paused, true)));
    assert_eq!(Paused.leads(true, RunAgain), Some((Paused, false)), "it stays paused when its robot has vanished");
}

#[test]
fn every_state_is_found_by_its_word() {
    for state in TaskState::ALL {
        assert_eq!(state.as_str().parse(), Ok(state));
    }
}

fn any_step() -> impl Strategy<Value = TaskStep> {
    prop::sample::select(LEGAL_STEPS.iter().map(|(_, step, _)| *step).collect::<Vec<_>>())
}

proptest! {
    /// Whatever is tried in whatever order: a task never leaves an end, never runs without a start or without a robot, never
    /// waits with one, and a paused task is never given to a robot.
    #[test]
    fn random_walks_keep_the_promises(steps in prop::collection::vec(any_step(), 1..80)) {
        let (mut state, mut is_held, mut starts, mut allowed) = (Queued, false, 0, 1);
        for step in steps {
            let before = state;
            let Some((next, keeps)) = state.leads(is_held, step) else { continue };
            prop_assert!(!before.is_final());
            starts += usize::from(step == Start);
            allowed += usize::from(matches!(step, RunAgain | Retry));
            prop_assert!(starts <= allowed, "a task was started twice without a decision to run it again");
            prop_assert!(before != Paused || is_held || matches!(next, Queued | Cancelled));
            prop_assert!(is_held || !keeps || step == Assign, "only an assignment gives a task a robot");
            (state, is_held) = (next, keeps);
            match state {
                Queued => prop_assert!(!is_held),
                Assigned | Running | Stopping => prop_assert!(is_held, "{state} without a robot after {step:?}"),
                _ => {}
            }
        }
    }
}
