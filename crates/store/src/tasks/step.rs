//! Every change of a task's state, in batches: the rows are locked and read, the table of legal steps decides, and one
//! statement writes what changed. A write that carries an older fence than the row's is refused.

use std::{collections::HashMap, sync::Arc};

use baigong_model::{Error, Result, TaskState, TaskStep};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{DatabaseTransaction as Tx, Value};

use crate::{audits, entity::task, sql, write::row_lock};

/// One step of one task.
#[derive(Debug, Clone)]
pub struct StepRequest {
    /// The task.
    pub task_id: i64,
    /// What happens.
    pub step: TaskStep,
    /// The lease of whoever does it; `None` for a person or the platform.
    pub fence: Option<i64>,
    /// The robot that does it, if one does: it must be the one that holds the task.
    pub robot_id: Option<i64>,
    /// The state in which whoever decided this saw the task: it must still be in it.
    pub seen: Option<TaskState>,
    /// The step is taken because the lease has ended by this time: it must not have been renewed since.
    pub lease_ended_by: Option<i64>,
    /// Why, for the task's message.
    pub message: Option<String>,
    /// What came out, JSON list of name and value.
    pub out_parameters: Option<String>,
    /// Until when the lease lasts, if the step begins or keeps one.
    pub lease_until: Option<i64>,
    /// Now.
    pub now: i64,
    /// The audit row that goes with it.
    pub audit: Option<audits::NewAudit>,
}

/// What became of a step.
#[derive(Debug, Clone)]
pub struct StepAnswer {
    /// The task as it was.
    pub before: task::Model,
    /// Its state now.
    pub state: TaskState,
    /// Whether this step changed it; `false` for a step that had been taken already by the same lease.
    pub changed: bool,
}

/// Takes every step that is legal; each gets its own answer.
pub fn step<'t>(tx: &'t Tx, requests: Arc<Vec<StepRequest>>) -> BoxFuture<'t, Result<Vec<Result<StepAnswer>>>> {
    async move {
        let mut rows = lock(tx, &requests).await?;
        let mut changes: HashMap<i64, task::Model> = HashMap::new();
        let mut audit = Vec::new();
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests.iter() {
            let answer = match rows.get_mut(&request.task_id) {
                None => Err(Error::not_found("task", request.task_id)),
                Some(row) => take(row, request),
            };
            if let Ok(StepAnswer { changed: true, before, .. }) = &answer {
                changes.insert(before.id, rows[&before.id].clone());
                audit.extend(request.audit.clone());
            }
            answers.push(answer);
        }
        write(tx, changes.into_values().collect()).await?;
        audits::insert_many(tx, &audit).await?;
        Ok(answers)
    }
    .boxed()
}

/// The rows of all requests, locked in the order of their ids.
async fn lock(tx: &Tx, requests: &[StepRequest]) -> Result<HashMap<i64, task::Model>> {
    let mut ids: Vec<i64> = requests.iter().map(|request| request.task_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let lock = row_lock(tx, " FOR UPDATE");
    let text = format!(
        "SELECT {} FROM task WHERE id IN {} ORDER BY id{lock}",
        *super::query::TASK_COLUMNS,
        sql::places(tx, 1, ids.len(), 0)
    );
    let rows = sql::rows(tx, &text, ids.into_iter().map(Value::from).collect()).await?;
    rows.iter().map(|row| super::query::from_row(row).map(|row| (row.id, row))).collect()
}

/// Locks rows that a statement is about to change in no order of its own: two writers that lock in the order of the ids
/// never wait for each other in a circle.
pub(super) async fn lock_in_order(tx: &Tx, mut ids: Vec<i64>) -> Result<()> {
    let lock = row_lock(tx, " FOR UPDATE");
    if lock.is_empty() || ids.is_empty() {
        return Ok(());
    }
    ids.sort_unstable();
    let text = format!("SELECT id FROM task WHERE id IN {} ORDER BY id{lock}", sql::places(tx, 1, ids.len(), 0));
    sql::rows(tx, &text, ids.into_iter().map(Value::from).collect()).await.map(drop)
}

/// Applies `request` to `row` if it is legal.
fn take(row: &mut task::Model, request: &StepRequest) -> Result<StepAnswer> {
    let before = row.clone();
    let from: TaskState =
        row.state.parse().map_err(|()| Error::internal(format!("unknown task state {}", row.state)))?;
    if request.fence.is_some_and(|fence| fence != row.fence)
        || request.robot_id.is_some_and(|robot| Some(robot) != row.robot_id)
    {
        return Err(Error::StaleFence { given: request.fence.unwrap_or(0), current: row.fence });
    }
    let was_renewed = request.lease_ended_by.is_some_and(|by| row.lease_until.is_some_and(|until| until > by));
    if request.seen.is_some_and(|seen| seen != from) || was_renewed {
        return Err(Error::Conflict(format!("the task has moved on: it is {from}")));
    }
    if let Some(to) = from.after(request.step) {
        apply(row, request, to);
        return Ok(StepAnswer { before, state: to, changed: true });
    }
    // The same robot with the same lease says again what it said before: its first answer was lost on the way.
    let leads_here =
        baigong_model::task_state::LEGAL_STEPS.iter().any(|(_, by, to)| *by == request.step && *to == from);
    if request.fence.is_some() && leads_here {
        return Ok(StepAnswer { before, state: from, changed: false });
    }
    Err(match from {
        TaskState::Cancelled => Error::AlreadyCancelled,
        state if state.is_final() => Error::AlreadyEnded,
        state => Error::Conflict(format!("a task that is {state} cannot do this")),
    })
}

fn apply(row: &mut task::Model, request: &StepRequest, to: TaskState) {
    row.state = to.as_str().to_owned();
    match request.step {
        TaskStep::Start => {
            row.started_at = Some(request.now);
            // What an earlier robot said when it turned the task down is over.
            row.message = None;
            row.run_until = (row.max_run_minutes > 0).then(|| request.now + row.max_run_minutes * 60_000);
        }
        TaskStep::Return | TaskStep::RunAgain => {
            row.robot_id = None;
            row.started_at = None;
            row.run_until = None;
        }
        _ => {}
    }
    row.lease_until = if TaskState::HELD.contains(&to) { request.lease_until.or(row.lease_until) } else { None };
    if to.is_final() {
        row.ended_at = Some(request.now);
        row.current_step = None;
    }
    row.message = request.message.clone().or_else(|| row.message.take());
    row.out_parameters = request.out_parameters.clone().or_else(|| row.out_parameters.take());
}

const COLUMNS: [&str; 10] = [
    "id",
    "state",
    "robot_id",
    "started_at",
    "ended_at",
    "lease_until",
    "run_until",
    "message",
    "out_parameters",
    "current_step",
];

async fn write(tx: &Tx, rows: Vec<task::Model>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let set: Vec<String> = COLUMNS[1..].iter().map(|column| format!("{column} = v.{column}")).collect();
    let text = format!(
        "WITH v ({}) AS (VALUES {}) UPDATE task SET {} FROM v WHERE task.id = v.id",
        COLUMNS.join(", "),
        sql::places(tx, rows.len(), COLUMNS.len(), 0),
        set.join(", ")
    );
    let values = rows.into_iter().flat_map(|row| -> [Value; COLUMNS.len()] {
        [
            row.id.into(),
            row.state.into(),
            row.robot_id.into(),
            row.started_at.into(),
            row.ended_at.into(),
            row.lease_until.into(),
            row.run_until.into(),
            row.message.into(),
            row.out_parameters.into(),
            row.current_step.into(),
        ]
    });
    sql::run(tx, &text, values.collect()).await.map(drop)
}
