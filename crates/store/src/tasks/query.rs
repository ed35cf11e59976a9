//! Reading tasks. Every query takes the caller's scope.

use std::{collections::HashMap, sync::LazyLock};

use baigong_model::{
    Error, Page, PageOf, Result, TaskState,
    ids::{PoolId, RobotId},
};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QueryResult, QuerySelect,
};

use crate::{
    entity::task,
    error::translate,
    own_tasks::MADE_ON_ROBOT,
    scope::Scope,
    sql,
    write::{Store, row_lock},
};

/// All columns, qualified, for hand-written statements that return whole rows.
pub(super) static TASK_COLUMNS: LazyLock<String> = LazyLock::new(sql::columns::<task::Entity>);

/// A whole row of a hand-written statement, by the places of [`TASK_COLUMNS`]: looking each up by name costs more than
/// reading it.
pub(super) fn from_row(row: &QueryResult) -> Result<task::Model> {
    let mut next = sql::Cursor::over(row);
    Ok(task::Model {
        id: next.get()?,
        department_id: next.get()?,
        process_id: next.get()?,
        package_id: next.get()?,
        trigger_id: next.get()?,
        pool_id: next.get()?,
        robot_id: next.get()?,
        state: next.get()?,
        priority: next.get()?,
        fence: next.get()?,
        create_mode: next.get()?,
        created_by: next.get()?,
        is_record: next.get()?,
        is_warn: next.get()?,
        warn_type: next.get()?,
        in_parameters: next.get()?,
        task_name: next.get()?,
        out_parameters: next.get()?,
        message: next.get()?,
        current_step: next.get()?,
        max_run_minutes: next.get()?,
        max_wait_minutes: next.get()?,
        retry_safe: next.get()?,
        fail_try_times: next.get()?,
        failures: next.get()?,
        paused_at: next.get()?,
        paused_with_robot: next.get()?,
        created_at: next.get()?,
        assigned_at: next.get()?,
        started_at: next.get()?,
        ended_at: next.get()?,
        lease_until: next.get()?,
        wait_until: next.get()?,
        run_until: next.get()?,
        deleted_at: next.get()?,
    })
}

/// Which tasks of a list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this process.
    pub process_id: Option<i64>,
    /// Started at this time or after.
    pub started_from: Option<i64>,
    /// Started at this time or before.
    pub started_until: Option<i64>,
    /// Of processes whose name contains this, or with this id.
    pub keyword: Option<String>,
    /// Those that were taken out of the lists too.
    pub include_deleted: bool,
}

impl Filter {
    /// Whether rows that belong to the list never leave it and come only at its end.
    #[must_use]
    pub fn is_growing(&self) -> bool {
        let is_whole = self.started_from.is_none() && self.started_until.is_none() && self.keyword.is_none();
        is_whole && !self.include_deleted
    }
}

/// The task `id`, if the scope sees it.
pub async fn find(store: &Store, scope: &Scope, id: i64) -> Result<Option<task::Model>> {
    static TEXT: LazyLock<String> = LazyLock::new(|| format!("SELECT {} FROM task WHERE id = $1", *TASK_COLUMNS));
    let rows = sql::rows(store.reader(), &TEXT, vec![id.into()]).await?;
    let row = rows.first().map(from_row).transpose()?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// The task `id`, if the scope sees it, locked until the end of the write.
pub async fn lock(tx: &Tx, scope: &Scope, id: i64) -> Result<Option<task::Model>> {
    let lock = row_lock(tx, " FOR UPDATE");
    let text = format!("SELECT {} FROM task WHERE id = $1{lock}", *TASK_COLUMNS);
    let rows = sql::rows(tx, &text, vec![id.into()]).await?;
    let row = rows.first().map(from_row).transpose()?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// Takes the task out of the lists.
pub async fn delete(tx: &Tx, id: i64, now: i64) -> Result<()> {
    sql::run(tx, "UPDATE task SET deleted_at = $1 WHERE id = $2", vec![now.into(), id.into()]).await.map(drop)
}

/// A page of tasks, newest first.
pub async fn list(store: &Store, scope: &Scope, filter: &Filter, page: Page) -> Result<PageOf<task::Model>> {
    let mut which = Condition::all().add(scope.condition(task::Column::DepartmentId, task::Column::CreatedBy));
    which = which.add_option((!filter.include_deleted).then(|| task::Column::DeletedAt.is_null()));
    which = which.add_option(filter.process_id.map(|id| task::Column::ProcessId.eq(id)));
    which = which.add_option(filter.started_from.map(|at| task::Column::StartedAt.gte(at)));
    which = which.add_option(filter.started_until.map(|at| task::Column::StartedAt.lte(at)));
    if let Some(keyword) = &filter.keyword {
        which = which.add(task::Column::ProcessId.in_subquery(crate::processes::ids_by_keyword(keyword)));
    }
    let query = task::Entity::find().filter(which);
    let total = query.clone().count(store.reader()).await.map_err(translate)?;
    let rows = sql::page(query.order_by_desc(task::Column::Id), page, store.reader()).await?;
    Ok(PageOf { rows, total })
}

/// How many tasks each of `robots` holds.
pub async fn of_robots(store: &Store, robots: &[RobotId]) -> Result<HashMap<RobotId, u64>> {
    let rows: Vec<(i64, i64)> = task::Entity::find()
        .select_only()
        .column(task::Column::RobotId)
        .column_as(task::Column::Id.count(), "tasks")
        .filter(task::Column::RobotId.is_in(robots.iter().copied()))
        .filter(task::Column::State.is_in(TaskState::HELD.map(TaskState::as_str)))
        .group_by(task::Column::RobotId)
        .into_tuple()
        .all(store.reader())
        .await
        .map_err(translate)?;
    Ok(rows.into_iter().map(|(robot, tasks)| (robot, u64::try_from(tasks).unwrap_or(0))).collect())
}

/// The robots that have or had the tasks, by the task.
pub async fn robots(store: &Store, tasks: &[i64]) -> Result<HashMap<i64, RobotId>> {
    if tasks.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!(
        "SELECT id, robot_id FROM task WHERE robot_id IS NOT NULL AND id IN {}",
        sql::places(store.reader(), 1, tasks.len(), 0)
    );
    let rows = sql::rows(store.reader(), &text, tasks.iter().map(|id| (*id).into()).collect()).await?;
    rows.iter().map(|row| Ok((sql::get(row, 0)?, sql::get(row, 1)?))).collect()
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its state.
    pub state: TaskState,
    /// Its fence.
    pub fence: i64,
    /// Whether a robot holds it.
    pub is_held: bool,
}

/// Where each of `tasks` that exists stands.
pub async fn states(store: &Store, tasks: &[i64]) -> Result<HashMap<i64, Standing>> {
    let mut states = HashMap::with_capacity(tasks.len());
    for tasks in tasks.chunks(1000) {
        let text = format!(
            "SELECT id, state, fence, robot_id IS NOT NULL FROM task WHERE id IN {}",
            sql::places(store.reader(), 1, tasks.len(), 0)
        );
        for row in sql::rows(store.reader(), &text, tasks.iter().map(|id| (*id).into()).collect()).await? {
            let state: String = sql::get(&row, 1)?;
            let state: TaskState = state.parse().map_err(|()| Error::internal("unknown task state"))?;
            let is_held = sql::get::<bool>(&row, 3)? && TaskState::HELD.contains(&state);
            states.insert(sql::get(&row, 0)?, Standing { state, fence: sql::get(&row, 2)?, is_held });
        }
    }
    Ok(states)
}

/// The tasks of the platform that `robot` holds.
pub async fn held_by(store: &Store, robot: RobotId) -> Result<Vec<task::Model>> {
    let which = Condition::all()
        .add(task::Column::RobotId.eq(robot))
        .add(task::Column::CreateMode.ne(MADE_ON_ROBOT))
        .add(task::Column::State.is_in(TaskState::HELD.map(TaskState::as_str)));
    task::Entity::find().filter(which).all(store.reader()).await.map_err(translate)
}

/// The task that goes first in the queue of `pool`.
pub async fn head_of(store: &Store, pool: PoolId) -> Result<Option<i64>> {
    let text = "SELECT id FROM task WHERE state = 'queued' AND pool_id = $1 ORDER BY priority, id LIMIT 1";
    let first: Vec<i64> = sql::column(store.reader(), text, vec![pool.into()]).await?;
    Ok(first.first().copied())
}

/// Whether `task` was given to `robot` under `fence`, which is still the latest.
pub async fn was_given(store: &Store, task: i64, fence: i64, robot: RobotId) -> Result<bool> {
    let text = "SELECT id FROM task WHERE id = $1 AND fence = $2 AND robot_id = $3";
    Ok(!sql::rows(store.reader(), text, vec![task.into(), fence.into(), robot.into()]).await?.is_empty())
}

/// Whether `task` runs on `robot` under `fence`; where several writers exist it stays so until the transaction ends.
pub async fn runs_on(tx: &Tx, task: i64, fence: i64, robot: RobotId) -> Result<bool> {
    let lock = row_lock(tx, " FOR SHARE");
    let text = format!(
        "SELECT id FROM task WHERE id = $1 AND fence = $2 AND robot_id = $3
         AND state IN ('running', 'paused', 'stopping'){lock}"
    );
    Ok(!sql::rows(tx, &text, vec![task.into(), fence.into(), robot.into()]).await?.is_empty())
}
