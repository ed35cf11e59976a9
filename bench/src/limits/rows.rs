//! The rows that the platform writes, and the plain statements that write them: the same text on both engines.

use sea_orm::Value;

/// A kind of row.
#[derive(Debug, Clone)]
pub(crate) enum Row {
    /// A queued task.
    Task,
    /// A waiting item of a data queue.
    QueueItem,
    /// A batch of log lines, as JSON text.
    Log(String),
}

impl Row {
    /// An INSERT of `count` rows with the ids from `first` on. `numbered` places are PostgreSQL's; SQLite is quickest with
    /// plain ones, since it looks through the names of all numbered places for each of them.
    pub(crate) fn insert(&self, first: i64, count: usize, numbered: bool) -> (String, Vec<Value>) {
        let (table, columns) = self.columns();
        let width = columns.split(',').count();
        let mut values = Vec::with_capacity(count * width);
        for id in (first..).take(count) {
            self.values(id, &mut values);
        }
        (format!("INSERT INTO {table} ({columns}) VALUES {}", places(count, width, numbered)), values)
    }

    fn columns(&self) -> (&'static str, &'static str) {
        match self {
            Self::Task => (
                "task",
                "id, department_id, process_id, package_id, pool_id, state, priority, fence, create_mode, created_by, \
                 is_record, is_warn, in_parameters, max_run_minutes, max_wait_minutes, retry_safe, created_at",
            ),
            Self::QueueItem => {
                ("queue_item", "id, queue_id, state, priority, payload, attempts, fence, created_at, available_at")
            }
            Self::Log(_) => ("task_log", "task_id, fence, first_sequence, last_sequence, levels, lines"),
        }
    }

    fn values(&self, id: i64, values: &mut Vec<Value>) {
        const NOW: i64 = 1_800_000_000_000;
        match self {
            Self::Task => {
                values.extend([id.into(), 1_i64.into(), 1_i64.into(), 1_i64.into(), 1_i64.into(), "queued".into()]);
                values.extend([1_i32.into(), 0_i64.into(), 2_i32.into(), 1_i64.into(), false.into(), false.into()]);
                values.extend(["[]".into(), 0_i64.into(), 0_i64.into(), false.into(), NOW.into()]);
            }
            Self::QueueItem => {
                values.extend([id.into(), 1_i64.into(), "new".into(), 1_i32.into(), PAYLOAD.into()]);
                values.extend([0_i32.into(), 0_i64.into(), NOW.into(), NOW.into()]);
            }
            Self::Log(lines) => {
                values.extend([1_i64.into(), 1_i64.into(), (id * 100).into(), (id * 100 + 99).into()]);
                values.extend([4_i32.into(), lines.as_str().into()]);
            }
        }
    }
}

/// What an item of a data queue carries here.
pub(crate) const PAYLOAD: &str = r#"{"code":"600000","quantity":1200,"difference":"12.50"}"#;

fn places(rows: usize, columns: usize, numbered: bool) -> String {
    let place = |number: usize| if numbered { format!("${number}") } else { "?".to_owned() };
    let row = |row: usize| {
        let places: Vec<String> = (1..=columns).map(|column| place(row * columns + column)).collect();
        format!("({})", places.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_has_a_place_for_each_value() {
        for row in [Row::Task, Row::QueueItem, Row::Log("[]".into())] {
            let (text, values) = row.insert(5, 3, true);
            assert!(text.ends_with(&format!("${})", values.len())), "{text}");
            let (text, values) = row.insert(5, 3, false);
            assert_eq!(text.matches('?').count(), values.len(), "{text}");
        }
    }
}
