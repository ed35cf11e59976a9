//! A trigger of this robot's own.

use sea_orm::entity::prelude::*;

/// One row of `local_trigger`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "local_trigger")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The name; none once it is deleted.
    pub live_name: Option<String>,
    /// What makes it fire, as JSON.
    pub cause: String,
    /// The process it starts.
    pub process_id: i64,
    /// What its tasks are given over what the process gives, as JSON.
    pub in_parameters: String,
    /// 0 high, 1 middle, 2 low.
    pub priority: i32,
    /// Whether its tasks are recorded.
    pub is_record: bool,
    /// Minutes; 0 for no limit.
    pub max_run_minutes: i64,
    /// Whether it fires.
    pub is_activated: bool,
    /// The next instant of one that fires at times, milliseconds since the epoch.
    pub next_fire_at: Option<i64>,
    /// When it was made.
    pub created_at: i64,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
