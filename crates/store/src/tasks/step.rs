//! Every change of a task's state, in batches: the rows are locked and read, the table of legal steps decides, and one
//! statement writes what changed. A write that carries an older fence than the row's is refused.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use baigong_model::{Error, NoticeKind, Result, TaskState, TaskStep};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{DatabaseTransaction as Tx, Value};

use crate::{audits, entity::task, notices, sql, write::row_lock};

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
    /// Of a reported failure: whether another try may follow it. Of a pause: whether it comes from the robot and ends with
    /// the robot's.
    pub detail: StepDetail,
    /// Now.
    pub now: i64,
    /// The audit row that goes with it.
    pub audit: Option<audits::NewAudit>,
}

impl StepRequest {
    /// A step of a task, by whoever it is, under whatever lease.
    #[must_use]
    pub fn new(task_id: i64, step: TaskStep, now: i64) -> Self {
        Self {
            task_id,
            step,
            fence: None,
            robot_id: None,
            seen: None,
            lease_ended_by: None,
            message: None,
            out_parameters: None,
            lease_until: None,
            detail: StepDetail::None,
            now,
            audit: None,
        }
    }
}

/// What else there is to know of some steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StepDetail {
    /// Nothing.
    #[default]
    None,
    /// A failure that may be tried again: the run itself reported it, so that it is known how far it came.
    MayRetry,
    /// A failure of a run that was broken off: it may be tried again only where the process may safely be run twice.
    MayRetryIfSafe,
    /// A pause that the robot's own brings with it.
    WithRobot,
}

/// What became of a step.
#[derive(Debug, Clone)]
pub struct StepAnswer {
    /// The task as it was.
    pub before: task::Model,
    /// Its state now.
    pub state: TaskState,
    /// Whether a robot holds it now.
    pub is_held: bool,
    /// Whether this step changed it; `false` for a step that had been taken already by the same lease.
    pub changed: bool,
}

/// Takes every step that is legal; each gets its own answer.
pub fn step<'t>(tx: &'t Tx, requests: Arc<Vec<StepRequest>>) -> BoxFuture<'t, Result<Vec<Result<StepAnswer>>>> {
    async move {
        if requests.is_empty() {
            return Ok(Vec::new());
        }
        let mut rows = lock(tx, &requests).await?;
        let mut changes: HashMap<i64, task::Model> = HashMap::new();
        let mut rare: HashSet<i64> = HashSet::new();
        let (mut audit, mut notices) = (Vec::new(), Vec::new());
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests.iter() {
            let answer = match rows.get_mut(&request.task_id) {
                None => Err(Error::not_found("task", request.task_id)),
                Some(row) => take(row, request),
            };
            if let Ok(StepAnswer { changed: true, before, state, .. }) = &answer {
                let row = &rows[&before.id];
                if rarely_changed(row) != rarely_changed(before) {
                    rare.insert(row.id);
                }
                notices.extend(warning(row, *state, request.now));
                changes.insert(before.id, row.clone());
                audit.extend(request.audit.clone());
            }
            answers.push(answer);
        }
        let rare: Vec<task::Model> = rare.iter().filter_map(|id| changes.get(id).cloned()).collect();
        write(tx, &USUAL, changes.into_values().collect()).await?;
        write(tx, &RARE, rare).await?;
        audits::insert_many(tx, &audit).await?;
        notices::insert_many(tx, &notices).await?;
        Ok(answers)
    }
    .boxed()
}

/// What somebody is told of this end, if the task asked for it: it is stored with the end itself.
fn warning(row: &task::Model, state: TaskState, now: i64) -> Option<notices::NewNotice> {
    let kind = NoticeKind::of_end(state).filter(|_| row.is_warn)?;
    Some(notices::NewNotice::of_end(row, kind, now))
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
    let is_held = row.robot_id.is_some();
    let step = if may_try_again(row, request) { TaskStep::Retry } else { request.step };
    if let Some((to, is_held)) = from.leads(is_held, step) {
        apply(row, request, step, to, is_held);
        let is_held = is_held && !to.is_final();
        return Ok(StepAnswer { before, state: to, is_held, changed: true });
    }
    // The same robot with the same lease says again what it said before: its first answer was lost on the way.
    let leads_here =
        baigong_model::task_state::LEGAL_STEPS.iter().any(|(_, by, to)| *by == request.step && *to == from);
    // A run may have been paused before its robot heard that it may start.
    let has_started = request.step == TaskStep::Start && from == TaskState::Paused && is_held;
    if request.fence.is_some() && (leads_here || has_started) {
        return Ok(StepAnswer { before, state: from, is_held, changed: false });
    }
    Err(match from {
        TaskState::Cancelled => Error::AlreadyCancelled,
        state if state.is_final() => Error::AlreadyEnded,
        state => Error::Conflict(format!("a task that is {state} cannot do this")),
    })
}

/// Whether this failure is followed by another try. A task that is to stop is not tried again.
fn may_try_again(row: &task::Model, request: &StepRequest) -> bool {
    let may = match request.detail {
        StepDetail::MayRetry => true,
        StepDetail::MayRetryIfSafe => row.retry_safe,
        StepDetail::None | StepDetail::WithRobot => false,
    };
    may && request.step == TaskStep::Fail
        && row.failures < row.fail_try_times
        && row.state != TaskState::Stopping.as_str()
}

fn apply(row: &mut task::Model, request: &StepRequest, step: TaskStep, to: TaskState, is_held: bool) {
    row.state = to.as_str().to_owned();
    row.message = request.message.clone().or_else(|| row.message.take());
    if step != TaskStep::Retry {
        row.out_parameters = request.out_parameters.clone().or_else(|| row.out_parameters.take());
    }
    match step {
        TaskStep::Start => {
            row.started_at = Some(request.now);
            // What an earlier robot said when it turned the task down is over.
            row.message = request.message.clone();
            row.run_until = after_minutes(row.max_run_minutes, request.now);
        }
        TaskStep::RunAgain | TaskStep::Retry => {
            // It waits anew: what it ran is no waiting.
            row.wait_until = after_minutes(row.max_wait_minutes, request.now);
            // A pause outlives the run, and is no longer the robot's.
            row.paused_at = row.paused_at.map(|_| request.now);
            row.paused_with_robot = false;
        }
        TaskStep::Pause => {
            row.paused_at = Some(request.now);
            row.paused_with_robot = request.detail == StepDetail::WithRobot;
        }
        _ => {}
    }
    if step == TaskStep::Retry {
        row.failures += 1;
        let because = request.message.as_deref().unwrap_or("it did not say why");
        row.message = Some(format!("try {} of {} failed: {because}", row.failures, row.fail_try_times + 1));
    }
    if to != TaskState::Paused {
        end_pause(row, request.now);
    }
    // What has ended keeps who ran it and when.
    if !is_held && !to.is_final() {
        row.robot_id = None;
        row.started_at = None;
        row.run_until = None;
        row.current_step = None;
    }
    let keeps_lease = is_held && TaskState::HELD.contains(&to);
    row.lease_until = if keeps_lease { request.lease_until.or(row.lease_until) } else { None };
    if to.is_final() {
        row.ended_at = Some(request.now);
        row.current_step = None;
    }
}

/// Time in which a task was paused counts neither as waiting nor as running.
fn end_pause(row: &mut task::Model, now: i64) {
    let Some(since) = row.paused_at.take() else { return };
    let paused = (now - since).max(0);
    row.wait_until = row.wait_until.map(|until| until + paused);
    row.run_until = row.run_until.map(|until| until + paused);
    row.paused_with_robot = false;
}

fn after_minutes(minutes: i64, now: i64) -> Option<i64> {
    (minutes > 0).then(|| now + minutes * 60_000)
}

/// What changes with pauses and tries only. It is written apart, so that the usual steps carry less.
fn rarely_changed(row: &task::Model) -> (i32, Option<i64>, bool, Option<i64>) {
    (row.failures, row.paused_at, row.paused_with_robot, row.wait_until)
}

/// Columns that are written together, and their values, the id first.
struct Columns {
    names: &'static [&'static str],
    values: fn(task::Model) -> Vec<Value>,
}

const USUAL: Columns = Columns {
    names: &[
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
    ],
    values: |row| {
        vec![
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
    },
};

const RARE: Columns = Columns {
    names: &["id", "failures", "paused_at", "paused_with_robot", "wait_until"],
    values: |row| {
        vec![
            row.id.into(),
            row.failures.into(),
            row.paused_at.into(),
            row.paused_with_robot.into(),
            row.wait_until.into(),
        ]
    },
};

async fn write(tx: &Tx, columns: &Columns, rows: Vec<task::Model>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let names = columns.names;
    let set: Vec<String> = names[1..].iter().map(|column| format!("{column} = v.{column}")).collect();
    let text = format!(
        "WITH v ({}) AS (VALUES {}) UPDATE task SET {} FROM v WHERE task.id = v.id",
        names.join(", "),
        sql::places(tx, rows.len(), names.len(), 0),
        set.join(", ")
    );
    sql::run(tx, &text, rows.into_iter().flat_map(columns.values).collect()).await.map(drop)
}
