//! A task (任务): one run of a process.

use sea_orm::entity::prelude::*;

/// One row of `task`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its department: the process's.
    pub department_id: i64,
    /// What it runs.
    pub process_id: i64,
    /// The package version it runs.
    pub package_id: i64,
    /// The trigger that made it.
    pub trigger_id: Option<i64>,
    /// The robots that may run it.
    pub pool_id: i64,
    /// The robot that has or had it.
    pub robot_id: Option<i64>,
    /// See `baigong_model::TaskState`.
    pub state: String,
    /// 0 high, 1 middle, 2 low.
    pub priority: i32,
    /// Grows with each assignment.
    pub fence: i64,
    /// 0 platform, 1 robot, 2 API.
    pub create_mode: i32,
    /// The user who started it.
    pub created_by: i64,
    /// Whether it is recorded.
    pub is_record: bool,
    /// Whether a failure is told.
    pub is_warn: bool,
    /// 0 mail, 1 SMS, 2 IM.
    pub warn_type: Option<i32>,
    /// JSON list of name and value.
    pub in_parameters: String,
    /// Which task of the package it runs; none where the package has just one.
    pub task_name: Option<String>,
    /// JSON list of name and value.
    pub out_parameters: Option<String>,
    /// Why it ended as it did.
    pub message: Option<String>,
    /// Where it is.
    pub current_step: Option<String>,
    /// 0 for no limit.
    pub max_run_minutes: i64,
    /// 0 for no limit.
    pub max_wait_minutes: i64,
    /// Whether it may be run again after its robot vanished.
    pub retry_safe: bool,
    /// How often it is tried again after a run that reported a failure.
    pub fail_try_times: i32,
    /// How many runs failed and were followed by another try.
    pub failures: i32,
    /// Since when it is paused.
    pub paused_at: Option<i64>,
    /// Whether it is paused because its robot is (paused, or in a maintenance window), and goes on with it.
    pub paused_with_robot: bool,
    /// When it was made.
    pub created_at: i64,
    /// When it was last given to a robot.
    pub assigned_at: Option<i64>,
    /// When the robot was last allowed to start.
    pub started_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// Until when its robot holds it.
    pub lease_until: Option<i64>,
    /// When it will have waited too long.
    pub wait_until: Option<i64>,
    /// When it will have run too long.
    pub run_until: Option<i64>,
    /// When it was taken out of the lists.
    pub deleted_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
