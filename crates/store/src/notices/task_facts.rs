//! What a message about a task says of it, in names that people know.

use std::collections::HashMap;

use baigong_model::Result;

use crate::{sql, write::Store};

/// A task as a message names it.
#[derive(Debug, Clone)]
pub struct TaskFacts {
    /// The task.
    pub id: i64,
    /// Its process.
    pub process_name: String,
    /// Its department.
    pub department_name: String,
    /// The robot that had it.
    pub robot_name: Option<String>,
    /// When it started.
    pub started_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// Why it ended as it did.
    pub message: Option<String>,
}

/// These tasks, as far as they are there.
pub async fn of(store: &Store, tasks: &[i64]) -> Result<HashMap<i64, TaskFacts>> {
    if tasks.is_empty() {
        return Ok(HashMap::new());
    }
    let on = store.reader();
    let text = format!(
        "SELECT task.id, process.name, department.name, robot.name, task.started_at, task.ended_at, task.message
         FROM task JOIN process ON process.id = task.process_id JOIN department ON department.id = task.department_id
         LEFT JOIN robot ON robot.id = task.robot_id WHERE task.id IN {}",
        sql::places(on, 1, tasks.len(), 0)
    );
    let rows = sql::rows(on, &text, tasks.iter().map(|id| (*id).into()).collect()).await?;
    rows.iter()
        .map(|row| {
            let mut next = sql::Cursor::over(row);
            let facts = TaskFacts {
                id: next.get()?,
                process_name: next.get()?,
                department_name: next.get()?,
                robot_name: next.get()?,
                started_at: next.get()?,
                ended_at: next.get()?,
                message: next.get()?,
            };
            Ok((facts.id, facts))
        })
        .collect()
}
