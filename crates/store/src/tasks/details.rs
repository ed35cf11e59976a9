//! What is read around a task: the process and package it is made from, and what its robot has to be told.

use std::collections::HashMap;

use baigong_model::Result;
use sea_orm::{DatabaseTransaction as Tx, QueryResult, Value};

use crate::{sql, write::Store};

/// What a new task of a process needs to know, in one read.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The process's department.
    pub department_id: i64,
    /// Who made the process.
    pub created_by: i64,
    /// Whether the process is deleted.
    pub is_deleted: bool,
    /// Its in-parameters, JSON list of name and value.
    pub in_parameters: String,
    /// Which task of its package it runs; none where the package has just one.
    pub task_name: Option<String>,
    /// Its activated package version; none while it has none.
    pub package_id: Option<i64>,
    /// What the package's check found, as JSON.
    pub package_info: Option<String>,
    /// Whether the package may be run again after its robot vanished.
    pub retry_safe: bool,
    /// How often its tasks are tried again after a run that reported a failure.
    pub fail_try_times: i32,
    /// The pool of the process's robot group.
    pub pool_id: i64,
    /// Whether that group is deleted.
    pub group_is_deleted: bool,
}

/// What [`plan_of`] reads.
const PLAN: &str =
    "SELECT p.department_id, p.deleted_at IS NOT NULL, p.in_parameters, p.package_id, k.info, k.retry_safe,
    g.pool_id, p.task_name, p.created_by, p.fail_try_times, p.id, g.deleted_at IS NOT NULL
    FROM process p JOIN robot_group g ON g.id = p.robot_group_id LEFT JOIN package k ON k.id = p.package_id";

/// The plan of process `id`.
pub async fn plan(store: &Store, id: i64) -> Result<Option<Plan>> {
    let rows = sql::rows(store.reader(), &format!("{PLAN} WHERE p.id = $1"), vec![id.into()]).await?;
    rows.first().map(plan_of).transpose()
}

/// The plans of several processes, by id.
pub async fn plans(store: &Store, processes: &[i64]) -> Result<HashMap<i64, Plan>> {
    let mut found = HashMap::with_capacity(processes.len());
    for processes in processes.chunks(1000) {
        let text = format!("{PLAN} WHERE p.id IN {}", sql::places(store.reader(), 1, processes.len(), 0));
        for row in sql::rows(store.reader(), &text, processes.iter().map(|id| Value::from(*id)).collect()).await? {
            found.insert(sql::get(&row, 10)?, plan_of(&row)?);
        }
    }
    Ok(found)
}

fn plan_of(row: &QueryResult) -> Result<Plan> {
    Ok(Plan {
        department_id: sql::get(row, 0)?,
        is_deleted: sql::get(row, 1)?,
        in_parameters: sql::get(row, 2)?,
        package_id: sql::get(row, 3)?,
        package_info: sql::get(row, 4)?,
        retry_safe: sql::get::<Option<bool>>(row, 5)?.unwrap_or(false),
        pool_id: sql::get(row, 6)?,
        group_is_deleted: sql::get(row, 11)?,
        task_name: sql::get(row, 7)?,
        created_by: sql::get(row, 8)?,
        fail_try_times: sql::get(row, 9)?,
    })
}

/// What a robot has to be told of a task beside the task's own row.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The process's name.
    pub process_name: String,
    /// Of the package's zip, hexadecimal.
    pub sha256: String,
    /// Of the package's zip, in bytes.
    pub size: i64,
    /// The finest level the robot sends.
    pub log_level: String,
    /// The name of who it runs for; none where that is the platform.
    pub operator: Option<String>,
}

/// The assignments of `tasks`, which have robots; none of those whose robot was deleted meanwhile, perhaps on another node.
pub async fn assignments(store: &Store, tasks: &[i64]) -> Result<HashMap<i64, Assignment>> {
    let mut found = HashMap::with_capacity(tasks.len());
    for tasks in tasks.chunks(1000) {
        assignments_of(store, tasks, &mut found).await?;
    }
    Ok(found)
}

async fn assignments_of(store: &Store, tasks: &[i64], found: &mut HashMap<i64, Assignment>) -> Result<()> {
    let text = format!(
        "SELECT t.id, p.name, k.sha256, k.size, r.log_level, u.name FROM task t JOIN process p ON p.id = t.process_id
         JOIN package k ON k.id = t.package_id JOIN robot r ON r.id = t.robot_id
         LEFT JOIN app_user u ON u.id = t.created_by
         WHERE r.deleted_at IS NULL AND t.id IN {}",
        sql::places(store.reader(), 1, tasks.len(), 0)
    );
    let rows = sql::rows(store.reader(), &text, tasks.iter().map(|id| Value::from(*id)).collect()).await?;
    for row in &rows {
        let assignment = Assignment {
            process_name: sql::get(row, 1)?,
            sha256: sql::get(row, 2)?,
            size: sql::get(row, 3)?,
            log_level: sql::get(row, 4)?,
            operator: sql::get(row, 5)?,
        };
        found.insert(sql::get(row, 0)?, assignment);
    }
    Ok(())
}

/// Writes where running tasks are: `(task, fence, step)`. A task that has moved on keeps what it has.
pub async fn set_step(tx: &Tx, steps: &[(i64, i64, String)]) -> Result<()> {
    for steps in steps.chunks(1000) {
        super::step::lock_in_order(tx, steps.iter().map(|(id, ..)| *id).collect()).await?;
        let values = steps
            .iter()
            .flat_map(|(id, fence, step)| -> [Value; 3] { [(*id).into(), (*fence).into(), step.as_str().into()] });
        let text = format!(
            "WITH v (id, fence, step) AS (VALUES {}) UPDATE task SET current_step = v.step FROM v
             WHERE task.id = v.id AND task.fence = v.fence AND task.state IN ('running', 'paused', 'stopping')",
            sql::places(tx, steps.len(), 3, 0)
        );
        sql::run(tx, &text, values.collect()).await?;
    }
    Ok(())
}
