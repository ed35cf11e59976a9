//! A recording (录屏) of a task's screen; a run may have several. Its bytes come in chunks.

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
    /// Which run of it.
    pub fence: i64,
    /// Which file of the run, from 1.
    pub part: i32,
    /// The robot whose screen it shows.
    pub robot_id: i64,
    /// When it begins.
    pub started_at: i64,
    /// When what is here of it ends.
    pub ended_at: i64,
    /// The key of its chunks, sealed to the platform.
    pub sealed_key: String,
    /// How many chunks it has, lost ones too; none until it has ended.
    pub chunks: Option<i32>,
    /// Whether it was ended in order: one that was broken off can be watched up to where it broke.
    pub in_order: bool,
    /// When it was begun here.
    pub created_at: i64,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
