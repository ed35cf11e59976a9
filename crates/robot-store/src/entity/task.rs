//! A task: of this robot, or of its platform and run here.

use sea_orm::entity::prelude::*;

/// One row of `task`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Whether it was made on this robot.
    pub is_own: bool,
    /// The process it runs.
    pub process_id: i64,
    /// Its name.
    pub process_name: String,
    /// The package version, of an own task.
    pub package_id: Option<i64>,
    /// Which task of the package.
    pub task_name: Option<String>,
    /// 0 high, 1 middle, 2 low.
    pub priority: i32,
    /// Whether its screen is recorded.
    pub is_record: bool,
    /// As JSON.
    pub in_parameters: String,
    /// As JSON; none until it has ended.
    pub out_parameters: Option<String>,
    /// See `TaskState`.
    pub state: String,
    /// Whether a run of it is, or may be, under way.
    pub is_held: bool,
    /// The last lease: of an own task below zero, one less for each.
    pub fence: i64,
    /// Why it ended as it did.
    pub message: Option<String>,
    /// 0 for no limit.
    pub max_run_minutes: i64,
    /// 0 for no limit.
    pub max_wait_minutes: i64,
    /// Until when it waits at most.
    pub wait_until: Option<i64>,
    /// Since when it is paused.
    pub paused_at: Option<i64>,
    /// Whether a run that was broken off may be started again.
    pub retry_safe: bool,
    /// When it was made, or came.
    pub created_at: i64,
    /// When its last run began.
    pub started_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// Grows with every change of an own task.
    pub revision: i64,
    /// Up to which of them the platform knows.
    pub told_revision: i64,
    /// The id of an own task on the platform.
    pub platform_id: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
