//! What came of each instant of a trigger. One row for each, by whichever node was first.

use std::collections::HashMap;

use baigong_model::{FiringOutcome, Page, Result, SkipReason, ids::TriggerId};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Value,
};

use crate::{
    entity::trigger_firing::{Column, Entity, Model},
    error::translate,
    sql,
    write::Store,
};

/// A row to be written.
#[derive(Debug, Clone)]
pub struct NewFiring {
    /// The trigger.
    pub trigger_id: TriggerId,
    /// The instant.
    pub fire_at: i64,
    /// What came of it.
    pub outcome: FiringOutcome,
    /// Why it did not fire, or not in its time.
    pub reason: Option<SkipReason>,
    /// The reason in words.
    pub detail: Option<String>,
    /// The tasks that were made.
    pub task_ids: Vec<i64>,
    /// The last instant and how many, where the row stands for a run of them; they are not always counted.
    pub run: Option<(i64, Option<i64>)>,
}

const COLUMNS: &str = "trigger_id, fire_at, outcome, reason, detail, task_ids, until_at, instants, recorded_at";

/// Writes rows. Fails when an instant has a row already: nothing fires twice.
pub async fn insert_many(tx: &Tx, rows: &[NewFiring], now: i64) -> Result<()> {
    for rows in rows.chunks(1000) {
        let places = sql::places(tx, rows.len(), 9, 0);
        let values = rows.iter().flat_map(|row| -> [Value; 9] {
            [
                row.trigger_id.into(),
                row.fire_at.into(),
                row.outcome.as_str().into(),
                row.reason.map(SkipReason::as_str).into(),
                row.detail.as_deref().into(),
                list(&row.task_ids).into(),
                row.run.map(|(until, _)| until).into(),
                row.run.and_then(|(_, count)| count).into(),
                now.into(),
            ]
        });
        sql::run(tx, &format!("INSERT INTO trigger_firing ({COLUMNS}) VALUES {places}"), values.collect()).await?;
    }
    Ok(())
}

/// As JSON.
fn list(task_ids: &[i64]) -> String {
    let ids: Vec<String> = task_ids.iter().map(ToString::to_string).collect();
    format!("[{}]", ids.join(","))
}

/// A firing that waits for tasks to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queued {
    /// Its id.
    pub id: i64,
    /// How many of the same trigger wait.
    pub waiting: i64,
}

/// The oldest waiting firing of each of `triggers`, inside a write.
pub async fn queued(tx: &Tx, triggers: &[TriggerId]) -> Result<HashMap<TriggerId, Queued>> {
    let mut found = HashMap::new();
    for triggers in triggers.chunks(1000) {
        let text = format!(
            "SELECT trigger_id, COUNT(*), MIN(id) FROM trigger_firing WHERE outcome = 'queued' AND trigger_id IN {}
             GROUP BY trigger_id",
            sql::places(tx, 1, triggers.len(), 0)
        );
        for row in sql::rows(tx, &text, triggers.iter().map(|id| Value::from(*id)).collect()).await? {
            found.insert(sql::get(&row, 0)?, Queued { waiting: sql::get(&row, 1)?, id: sql::get(&row, 2)? });
        }
    }
    Ok(found)
}

/// What came of a firing that waited.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The firing.
    pub id: i64,
    /// Why it did not fire; none when it did.
    pub skipped: Option<(SkipReason, Option<String>)>,
    /// The tasks that were made.
    pub task_ids: Vec<i64>,
}

/// Says what came of a firing that waited.
pub async fn resolve(tx: &Tx, resolved: &Resolved, now: i64) -> Result<()> {
    let outcome = if resolved.skipped.is_some() { FiringOutcome::Skipped } else { FiringOutcome::Fired };
    let (reason, detail) = resolved.skipped.clone().unzip();
    let text = "UPDATE trigger_firing SET outcome = $1, reason = $2, detail = $3, task_ids = $4, recorded_at = $5
        WHERE id = $6 AND outcome = 'queued'";
    let values = vec![
        outcome.as_str().into(),
        reason.map(SkipReason::as_str).into(),
        detail.flatten().into(),
        list(&resolved.task_ids).into(),
        now.into(),
        resolved.id.into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

/// Gives up the waiting firings of `triggers`.
pub async fn give_up(tx: &Tx, triggers: &[TriggerId], reason: SkipReason, now: i64) -> Result<()> {
    for triggers in triggers.chunks(1000) {
        let text = format!(
            "UPDATE trigger_firing SET outcome = 'skipped', reason = $1, recorded_at = $2
             WHERE outcome = 'queued' AND trigger_id IN {}",
            sql::places(tx, 1, triggers.len(), 2)
        );
        let mut values = vec![reason.as_str().into(), now.into()];
        values.extend(triggers.iter().map(|id| Value::from(*id)));
        sql::run(tx, &text, values).await?;
    }
    Ok(())
}

/// Removes at most `limit` rows written before `before`; how many. What the scheduler still asks for stays: firings that wait,
/// and of each trigger the latest row and the latest that fired.
pub async fn forget(tx: &Tx, before: i64, limit: usize) -> Result<u64> {
    let later = "SELECT 1 FROM trigger_firing l WHERE l.trigger_id = f.trigger_id AND l.fire_at > f.fire_at";
    let text = format!(
        "DELETE FROM trigger_firing WHERE id IN (
            SELECT f.id FROM trigger_firing f WHERE f.recorded_at < $1 AND f.outcome <> 'queued' AND EXISTS ({later})
            AND (f.outcome <> 'fired' OR EXISTS ({later} AND l.outcome = 'fired')) ORDER BY f.recorded_at LIMIT {limit})"
    );
    sql::run(tx, &text, vec![before.into()]).await
}

/// Which firings of a trigger.
#[derive(Debug, Clone, Copy)]
pub struct Filter {
    /// The trigger.
    pub trigger_id: TriggerId,
    /// Only with this outcome.
    pub outcome: Option<FiringOutcome>,
    /// Only of instants from this one on.
    pub from: Option<i64>,
    /// Only of instants up to this one.
    pub until: Option<i64>,
}

/// A page of firings, the latest instant first.
pub async fn page(store: &Store, filter: &Filter, page: Page) -> Result<Vec<Model>> {
    sql::page(Entity::find().filter(condition(filter)).order_by_desc(Column::FireAt), page, store.reader()).await
}

/// How many firings a list holds.
pub async fn count(store: &Store, filter: &Filter) -> Result<u64> {
    Entity::find().filter(condition(filter)).count(store.reader()).await.map_err(translate)
}

fn condition(filter: &Filter) -> Condition {
    Condition::all()
        .add(Column::TriggerId.eq(filter.trigger_id))
        .add_option(filter.outcome.map(|outcome| Column::Outcome.eq(outcome.as_str())))
        .add_option(filter.from.map(|from| Column::FireAt.gte(from)))
        .add_option(filter.until.map(|until| Column::FireAt.lte(until)))
}

/// The row of the trigger's latest instant.
pub async fn latest(store: &Store, trigger: TriggerId) -> Result<Option<Model>> {
    let latest = Entity::find().filter(Column::TriggerId.eq(trigger)).order_by_desc(Column::FireAt);
    Ok(sql::page(latest, Page::new(None, Some(1))?, store.reader()).await?.into_iter().next())
}

/// How the tasks of the trigger's last firing stand: their states, and when the last of them ended.
pub async fn last_run(store: &Store, trigger: TriggerId) -> Result<Vec<(String, Option<i64>)>> {
    let last =
        "SELECT task_ids FROM trigger_firing WHERE trigger_id = $1 AND outcome = 'fired' ORDER BY fire_at DESC LIMIT 1";
    let ids: Vec<String> = sql::column(store.reader(), last, vec![trigger.into()]).await?;
    let ids = ids.first().map_or("", String::as_str).trim_matches(['[', ']']);
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!("SELECT state, ended_at FROM task WHERE id IN ({ids})");
    let rows = sql::rows(store.reader(), &text, vec![]).await?;
    rows.iter().map(|row| Ok((sql::get(row, 0)?, sql::get(row, 1)?))).collect()
}
