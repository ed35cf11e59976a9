//! A recording (录屏) of a task's screen; a run may have several.

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
    /// When it ends.
    pub ended_at: i64,
    /// In bytes.
    pub size: i64,
    /// Hexadecimal.
    pub sha256: String,
    /// Where it lies among the blobs.
    pub blob_key: String,
    /// Whether it was ended in order: one that was broken off can be watched up to where it broke.
    pub is_complete: bool,
    /// When it came.
    pub created_at: i64,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
