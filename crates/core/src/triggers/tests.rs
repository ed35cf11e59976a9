//! Triggers on both engines, with the clock in the test's hands. The clock starts on Friday 2027-01-15, 16:00 in Shanghai.

mod calendar;
mod changes;
mod exactly_once;
mod kept;
mod policies;
mod queue;
mod troubled;
mod work;

use baigong_model::{Page, ids::TriggerId};
use baigong_store::entity::{task, trigger_firing};

use super::*;
use crate::{
    tasks,
    testing::{START, World},
};

/// A trigger that runs `process` at the instants of `cron`.
pub(super) fn each(cron: &str, process: i64) -> Change {
    Change {
        name: Some(format!("{cron} {process}")),
        process_id: Some(process),
        cron: Some(cron.into()),
        ..Default::default()
    }
}

pub(super) async fn make(world: &World, change: Change) -> TriggerId {
    create(&world.platform, &world.norths, world.north, change).await.unwrap()
}

/// What came of the trigger's instants, the oldest first: seconds since the start, outcome, reason, how many tasks.
pub(super) async fn outcomes(world: &World, id: TriggerId) -> Vec<(i64, String, String, usize)> {
    let shown = |row: trigger_firing::Model| {
        let tasks: Vec<i64> = serde_json::from_str(&row.task_ids).unwrap();
        ((row.fire_at - START) / 1000, row.outcome, row.reason.unwrap_or_default(), tasks.len())
    };
    rows(world, id).await.into_iter().map(shown).collect()
}

/// The trigger's rows, the oldest first.
pub(super) async fn rows(world: &World, id: TriggerId) -> Vec<trigger_firing::Model> {
    let page = Page::new(None, Some(1000)).unwrap();
    let mut rows = firings(&world.platform, &world.norths, id, FiringFilter::default(), page).await.unwrap().rows;
    rows.reverse();
    rows
}

/// All tasks, the oldest first.
pub(super) async fn all_tasks(world: &World) -> Vec<task::Model> {
    let page = Page::new(None, Some(1000)).unwrap();
    let rows = tasks::list(&world.platform, &world.admin, tasks::Filter::default(), page).await.unwrap().rows;
    rows.into_iter().rev().map(|details| details.task).collect()
}

/// Moves the clock and lets the scheduler look.
pub(super) async fn after(world: &World, seconds: i64) {
    world.clock.advance(seconds * 1000);
    run_once(&world.platform).await.unwrap();
}

/// A row that fired one task.
pub(super) fn fired(second: i64) -> (i64, String, String, usize) {
    (second, "fired".into(), String::new(), 1)
}

/// A row that was skipped.
pub(super) fn skipped(second: i64, reason: &str) -> (i64, String, String, usize) {
    (second, "skipped".into(), reason.into(), 0)
}
