//! Tasks that were made on robots themselves, and what stands for them here: rows of `task` with [`MADE_ON_ROBOT`], which the
//! robot alone moves on. Nothing gives them to a robot, waits for a lease of theirs, or counts them among what a robot holds.

use baigong_model::{Error, Result, TaskState, ids::RobotId};
use sea_orm::DatabaseTransaction as Tx;

use crate::{
    pools, sql,
    write::{Store, next_ids},
};

/// `create_mode` of these tasks: 1, the robot.
pub const MADE_ON_ROBOT: i32 = 1;

/// Where something stands on the robot it was made on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The robot.
    pub robot_id: RobotId,
    /// Which of its books.
    pub book: i64,
    /// The number there.
    pub number: i64,
}

impl Place {
    fn values(self) -> Vec<sea_orm::Value> {
        vec![self.robot_id.into(), self.book.into(), self.number.into()]
    }
}

/// A task as its robot tells of it.
#[derive(Debug, Clone)]
pub struct Told {
    /// The robot's department, for a new one.
    pub department_id: i64,
    /// Who owns the robot, for a new one.
    pub created_by: i64,
    /// What stands for its process.
    pub process_id: i64,
    /// The pool of the robot's own tasks, which has no robots.
    pub pool_id: i64,
    /// The robot.
    pub robot_id: RobotId,
    /// See `baigong_model::TaskState`.
    pub state: &'static str,
    /// 0 high, 1 middle, 2 low.
    pub priority: i32,
    /// How many runs it has had.
    pub fence: i64,
    /// Whether it is recorded.
    pub is_record: bool,
    /// JSON list of name and value.
    pub in_parameters: String,
    /// JSON list of name and value.
    pub out_parameters: Option<String>,
    /// Which task of the package.
    pub task_name: Option<String>,
    /// Why it ended as it did.
    pub message: Option<String>,
    /// 0 for no limit.
    pub max_run_minutes: i64,
    /// 0 for no limit.
    pub max_wait_minutes: i64,
    /// When its last run began.
    pub started_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// Now.
    pub now: i64,
}

/// What stands for the task at `place`, and up to which of its changes.
pub async fn find(tx: &Tx, place: Place) -> Result<Option<(i64, i64)>> {
    let text = "SELECT task_id, revision FROM own_task WHERE robot_id = $1 AND book = $2 AND number = $3";
    let rows = sql::rows(tx, text, place.values()).await?;
    rows.first().map(|row| Ok((sql::get(row, 0)?, sql::get(row, 1)?))).transpose()
}

/// Writes a new task down; its id.
pub async fn insert(tx: &Tx, told: Told) -> Result<i64> {
    let id = next_ids(tx, "task", 1).await?.into_iter().next();
    let id = id.ok_or_else(|| Error::internal("a task got no id"))?;
    let text = "INSERT INTO task (id, department_id, process_id, package_id, pool_id, robot_id, state, priority, fence,
        create_mode, created_by, is_record, is_warn, in_parameters, out_parameters, task_name, message, max_run_minutes,
        max_wait_minutes, retry_safe, created_at, started_at, ended_at)
        VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8, $9, $10, $11, FALSE, $12, $13, $14, $15, $16, $17, FALSE, $18, $19, $20)";
    let values = vec![
        id.into(),
        told.department_id.into(),
        told.process_id.into(),
        told.pool_id.into(),
        told.robot_id.into(),
        told.state.into(),
        told.priority.into(),
        told.fence.into(),
        MADE_ON_ROBOT.into(),
        told.created_by.into(),
        told.is_record.into(),
        told.in_parameters.into(),
        told.out_parameters.into(),
        told.task_name.into(),
        told.message.into(),
        told.max_run_minutes.into(),
        told.max_wait_minutes.into(),
        told.now.into(),
        told.started_at.into(),
        told.ended_at.into(),
    ];
    sql::run(tx, text, values).await?;
    Ok(id)
}

/// Writes down how the task `id` stands now.
pub async fn update(tx: &Tx, id: i64, told: Told) -> Result<()> {
    let text =
        "UPDATE task SET state = $1, fence = $2, out_parameters = $3, message = $4, started_at = $5, ended_at = $6,
        current_step = CASE WHEN $6 IS NULL THEN current_step END WHERE id = $7";
    let values = vec![
        told.state.into(),
        told.fence.into(),
        told.out_parameters.into(),
        told.message.into(),
        told.started_at.into(),
        told.ended_at.into(),
        id.into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

/// Notes up to which of its changes `task` stands for the one at `place`.
pub async fn note(tx: &Tx, place: Place, task: i64, revision: i64) -> Result<()> {
    let text = "INSERT INTO own_task (robot_id, book, number, task_id, revision) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (robot_id, book, number) DO UPDATE SET revision = excluded.revision";
    let mut values = place.values();
    values.extend([task.into(), revision.into()]);
    sql::run(tx, text, values).await.map(drop)
}

/// What stands for the process at `place`.
pub async fn process(tx: &Tx, place: Place) -> Result<Option<i64>> {
    let text = "SELECT process_id FROM own_process WHERE robot_id = $1 AND book = $2 AND number = $3";
    Ok(sql::column(tx, text, place.values()).await?.into_iter().next())
}

/// Notes that `process` stands for the one at `place`.
pub async fn note_process(tx: &Tx, place: Place, process: i64) -> Result<()> {
    let text = "INSERT INTO own_process (robot_id, book, number, process_id) VALUES ($1, $2, $3, $4)";
    let mut values = place.values();
    values.push(process.into());
    sql::run(tx, text, values).await.map(drop)
}

/// The process that stands for one of a robot's is called so from now on.
pub async fn rename_process(tx: &Tx, process: i64, name: &str) -> Result<()> {
    let text = "UPDATE process SET name = $1 WHERE id = $2 AND name <> $1";
    sql::run(tx, text, vec![name.into(), process.into()]).await.map(drop)
}

/// The pool of what was made on `robot`, and the group of that pool where there is one already. No robot is ever in it.
pub async fn pool(tx: &Tx, robot: RobotId) -> Result<(i64, Option<i64>)> {
    let key = format!("made-on:{robot}");
    let text = "SELECT p.id, g.id FROM robot_pool p LEFT JOIN robot_group g ON g.pool_id = p.id WHERE p.pool_key = $1";
    match sql::rows(tx, text, vec![key.as_str().into()]).await?.first() {
        Some(row) => Ok((sql::get(row, 0)?, sql::get(row, 1)?)),
        None => Ok((pools::create(tx, &key).await?, None)),
    }
}

/// Those of `robot` that run now, as far as it has told.
pub async fn running(store: &Store, robot: RobotId) -> Result<Vec<i64>> {
    let states = sql::places(store.reader(), 1, TaskState::HELD.len(), 2);
    let text = format!("SELECT id FROM task WHERE robot_id = $1 AND create_mode = $2 AND state IN {states}");
    let mut values = vec![robot.into(), MADE_ON_ROBOT.into()];
    values.extend(TaskState::HELD.map(|state| state.as_str().into()));
    sql::column(store.reader(), &text, values).await
}

/// The robot is gone: nobody will ever tell how its own tasks ended.
pub async fn lose(tx: &Tx, robot: RobotId, why: &str, now: i64) -> Result<()> {
    let text = "UPDATE task SET state = $1, message = $2, ended_at = $3, current_step = NULL
        WHERE robot_id = $4 AND create_mode = $5 AND ended_at IS NULL";
    let lost = TaskState::Lost.as_str();
    let values = vec![lost.into(), why.into(), now.into(), robot.into(), MADE_ON_ROBOT.into()];
    sql::run(tx, text, values).await.map(drop)
}
