//! `run`: the variable that every flow has and none declares. One table for the check and for the run.

use indexmap::IndexMap;

use crate::value::Value;

/// Its name.
pub(crate) const NAME: &str = "run";
/// Its fields.
pub(crate) const FIELDS: [&str; 2] = ["taskId", "id"];

/// Which run it is: what a flow sees as `run.taskId` and `run.id`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunIdentity {
    /// The task's id; 0 for a run without a platform.
    pub task_id: i64,
    /// A text that no other run has, on no platform.
    pub id: String,
}

impl RunIdentity {
    /// The value of `run`.
    pub(crate) fn value(&self) -> Value {
        let values = [Value::Integer(self.task_id), Value::Text(self.id.as_str().into())];
        let fields: IndexMap<String, Value> = FIELDS.iter().map(|name| (*name).to_owned()).zip(values).collect();
        // Two small fields are never too large.
        Value::object(fields).unwrap_or_default()
    }
}
