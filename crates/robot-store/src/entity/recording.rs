//! A recording of a run's screen that lies on this robot.

use sea_orm::entity::prelude::*;

/// One row of `recording`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recording")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The task.
    pub task_id: i64,
    /// Which run.
    pub fence: i64,
    /// Where it lies.
    pub path: String,
    /// When it begins.
    pub started_at: i64,
    /// When it ends; none while it is made.
    pub ended_at: Option<i64>,
    /// In bytes.
    pub size: i64,
    /// In the words of whoever records.
    pub state: String,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
