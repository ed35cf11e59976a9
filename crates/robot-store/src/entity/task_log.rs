//! Consecutive lines of a run's log.

use sea_orm::entity::prelude::*;

/// One row of `task_log`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task_log")]
pub struct Model {
    /// Its id: later lines have higher ones.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The task.
    pub task_id: i64,
    /// Which run.
    pub fence: i64,
    /// The number of the first line.
    pub first_sequence: i64,
    /// The lines as JSON.
    pub lines: String,
    /// Whether the platform has them, or is not told of them from here.
    pub is_told: bool,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
