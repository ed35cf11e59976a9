//! A batch of log lines of a task, as its robot sent them: one row.

use sea_orm::entity::prelude::*;

/// One row of `task_log`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task_log")]
pub struct Model {
    /// The task.
    #[sea_orm(primary_key, auto_increment = false)]
    pub task_id: i64,
    /// Which run of it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub fence: i64,
    /// The number of the first line.
    #[sea_orm(primary_key, auto_increment = false)]
    pub first_sequence: i64,
    /// The number of the last line.
    pub last_sequence: i64,
    /// Which levels occur, one bit each.
    pub levels: i32,
    /// JSON list of `[time, level, text]`.
    pub lines: String,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
