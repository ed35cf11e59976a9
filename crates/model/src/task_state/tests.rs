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
fn after_the_start_only_run_again_gives_a_task_back_to_the_queue() {
    for from in [Running, Paused, Stopping] {
        for (_, step, to) in LEGAL_STEPS.iter().filter(|(source, _, _)| *source == from) {
            assert!(*to != Queued || *step == RunAgain, "{from} must not return to the queue by {step:?}");
        }
    }
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
    /// Whatever is tried in whatever order: a task never leaves an end, and never runs without a start.
    #[test]
    fn random_walks_keep_the_promises(steps in prop::collection::vec(any_step(), 1..60)) {
        let (mut state, mut starts, mut allowed) = (Queued, 0, 1);
        for step in steps {
            let before = state;
            if let Some(next) = state.after(step) { state = next; }
            prop_assert!(!before.is_final() || state == before);
            starts += usize::from(step == Start && before == Assigned);
            allowed += usize::from(step == RunAgain && before == Running);
            prop_assert!(starts <= allowed, "a task was started twice without a decision to run it again");
        }
    }
}
