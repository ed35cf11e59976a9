//! Creating tasks, many at once.

use std::{collections::BTreeSet, sync::Arc};

use baigong_model::{Error, Result, TaskState, ids::TaskId};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{DatabaseTransaction as Tx, Value};

use crate::{audits, processes, sql, write::next_ids};

/// One request for tasks: `pools.len()` of them, alike but for their pool.
#[derive(Debug, Clone)]
pub struct NewTasks {
    /// The department of all of them.
    pub department_id: i64,
    /// What they run.
    pub process_id: i64,
    /// The package version they run.
    pub package_id: i64,
    /// The trigger that makes them.
    pub trigger_id: Option<i64>,
    /// One task for each: the robots that may run it.
    pub pools: Vec<i64>,
    /// 0 high, 1 middle, 2 low.
    pub priority: i32,
    /// 0 platform, 1 robot, 2 API.
    pub create_mode: i32,
    /// The user who asks.
    pub created_by: i64,
    /// Whether they are recorded.
    pub is_record: bool,
    /// Whether a failure is told.
    pub is_warn: bool,
    /// 0 mail, 1 SMS, 2 IM.
    pub warn_type: Option<i32>,
    /// JSON list of name and value.
    pub in_parameters: Arc<str>,
    /// Which task of the package they run; none where it has just one.
    pub task_name: Option<String>,
    /// 0 for no limit.
    pub max_run_minutes: i64,
    /// 0 for no limit.
    pub max_wait_minutes: i64,
    /// Whether they may be run again after their robot vanished.
    pub retry_safe: bool,
    /// How often they are tried again after a run that reported a failure.
    pub fail_try_times: i32,
    /// Now, milliseconds since the epoch.
    pub now: i64,
    /// The audit row that goes with them; its object is the first of the tasks.
    pub audit: audits::NewAudit,
}

const COLUMNS: &str = "id, department_id, process_id, package_id, trigger_id, pool_id, state, priority, fence, create_mode, \
    created_by, is_record, is_warn, warn_type, in_parameters, task_name, max_run_minutes, max_wait_minutes, retry_safe, \
    fail_try_times, created_at, wait_until";
const COLUMN_COUNT: usize = 22;
/// SQLite and PostgreSQL take at least 32,766 values in one statement.
const ROWS_PER_STATEMENT: usize = 1000;

/// [`insert`] for requests that were made ready before this write: a process that was deleted since gets no tasks.
///
/// No task of a deleted process ever waits: the processes are held until the commit, and whoever deletes one first takes it
/// for itself alone. So a deletion either finds these tasks and cancels them, or comes first and is found here. Tasks of
/// triggers need no such look: the deletion waits for their triggers in the same way.
pub fn create<'t>(tx: &'t Tx, requests: Arc<Vec<NewTasks>>) -> BoxFuture<'t, Result<Vec<Result<Vec<TaskId>>>>> {
    async move {
        let wanted: BTreeSet<i64> = requests.iter().map(|request| request.process_id).collect();
        let live = processes::hold(tx, &wanted).await?;
        if live.len() == wanted.len() {
            return insert(tx, requests).await;
        }
        let is_live = |request: &&NewTasks| live.contains(&request.process_id);
        let possible: Vec<NewTasks> = requests.iter().filter(is_live).cloned().collect();
        let mut made = insert(tx, Arc::new(possible)).await?.into_iter();
        let answer = |request: &NewTasks| match live.contains(&request.process_id) {
            true => made.next().unwrap_or_else(|| Err(Error::internal("fewer answers than requests"))),
            false => Err(Error::not_found("process", request.process_id)),
        };
        Ok(requests.iter().map(answer).collect())
    }
    .boxed()
}

/// Inserts the tasks of every request; each gets its own ids, in order.
pub fn insert<'t>(tx: &'t Tx, requests: Arc<Vec<NewTasks>>) -> BoxFuture<'t, Result<Vec<Result<Vec<TaskId>>>>> {
    async move {
        let count = requests.iter().map(|request| request.pools.len()).sum();
        let ids = next_ids(tx, "task", count).await?;
        let mut values = Vec::with_capacity(count * COLUMN_COUNT);
        let mut next = ids.iter().copied();
        let mut answers = Vec::with_capacity(requests.len());
        let mut audit = Vec::with_capacity(requests.len());
        for request in requests.iter() {
            let mut own = Vec::with_capacity(request.pools.len());
            for pool in &request.pools {
                let id = next.next().ok_or_else(|| Error::internal("fewer ids than tasks"))?;
                push_row(&mut values, id, *pool, request);
                own.push(id);
            }
            audit.push(audits::NewAudit { object_id: own.first().copied(), ..request.audit.clone() });
            answers.push(Ok(own));
        }
        for rows in values.chunks(ROWS_PER_STATEMENT * COLUMN_COUNT) {
            let places = sql::places(tx, rows.len() / COLUMN_COUNT, COLUMN_COUNT, 0);
            sql::run(tx, &format!("INSERT INTO task ({COLUMNS}) VALUES {places}"), rows.to_vec()).await?;
        }
        audits::insert_many(tx, &audit).await?;
        Ok(answers)
    }
    .boxed()
}

fn push_row(values: &mut Vec<Value>, id: i64, pool: i64, request: &NewTasks) {
    let wait_until = (request.max_wait_minutes > 0).then(|| request.now + request.max_wait_minutes * 60_000);
    values.extend([
        id.into(),
        request.department_id.into(),
        request.process_id.into(),
        request.package_id.into(),
        request.trigger_id.into(),
        pool.into(),
        TaskState::Queued.as_str().into(),
        request.priority.into(),
        0_i64.into(),
        request.create_mode.into(),
        request.created_by.into(),
        request.is_record.into(),
        request.is_warn.into(),
        request.warn_type.into(),
        (*request.in_parameters).into(),
        request.task_name.clone().into(),
        request.max_run_minutes.into(),
        request.max_wait_minutes.into(),
        request.retry_safe.into(),
        request.fail_try_times.into(),
        request.now.into(),
        wait_until.into(),
    ]);
}
