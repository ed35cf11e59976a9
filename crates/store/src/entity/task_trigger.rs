//! A trigger (调度): when a process runs by itself.

use sea_orm::entity::prelude::*;

/// One row of `task_trigger`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task_trigger")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its department.
    pub department_id: i64,
    /// What it runs.
    pub process_id: i64,
    /// Its name.
    pub name: String,
    /// Department and name while it is not deleted: unique.
    pub live_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it fires.
    pub is_activated: bool,
    /// 0 high, 1 middle, 2 low.
    pub priority: i32,
    /// 0 one task on every robot of the group, 1 one task on any of them, 2 one task on any of the listed robots.
    pub assign_type: i32,
    /// The group of robots; the process's where there is none.
    pub robot_group_id: Option<i64>,
    /// The pool of the listed robots.
    pub robot_list_pool_id: Option<i64>,
    /// Over those that the process sets: JSON list of name and value.
    pub in_parameters: String,
    /// Another task of the package than the process's.
    pub task_name: Option<String>,
    /// Whether its tasks are recorded.
    pub is_record: bool,
    /// Whether a failure is told.
    pub is_warn: bool,
    /// 0 mail, 1 SMS, 2 IM.
    pub warn_type: Option<i32>,
    /// 0 for no limit.
    pub max_run_minutes: i64,
    /// 0 for no limit.
    pub max_wait_minutes: i64,
    /// 0 by time, 1 by a data queue.
    pub trigger_type: i32,
    /// The cron expression as it was given.
    pub cron: String,
    /// The IANA zone in which the expression is read.
    pub time_zone: String,
    /// Whether days on which the calendar does not work are skipped.
    pub uses_calendar: bool,
    /// The calendar.
    pub calendar_id: Option<i64>,
    /// The queue whose items it waits for.
    pub queue_id: Option<i64>,
    /// How many items have to be ready.
    pub queue_threshold: i64,
    /// See `baigong_model::MisfirePolicy`.
    pub misfire_policy: String,
    /// See `baigong_model::OverlapPolicy`.
    pub overlap_policy: String,
    /// Not before then.
    pub start_at: Option<i64>,
    /// Not after then.
    pub end_at: Option<i64>,
    /// Grows with each change of what it is: what was worked out for an older one is not written.
    pub version: i64,
    /// Whether its queue has been below the threshold since it last fired.
    pub is_armed: bool,
    /// The next instant that is not decided; none while it does not fire by time.
    pub next_fire_at: Option<i64>,
    /// The last instant that is decided: none before it is decided again, however the clock goes.
    pub decided_until: Option<i64>,
    /// The user who made it; 0 for the platform.
    pub created_by: i64,
    /// When it was made.
    pub created_at: i64,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
