//! What came of an instant of a trigger: tasks, or a skip with its reason.

use sea_orm::entity::prelude::*;

/// One row of `trigger_firing`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trigger_firing")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The trigger.
    pub trigger_id: i64,
    /// The instant; with the trigger unique.
    pub fire_at: i64,
    /// See `baigong_model::FiringOutcome`.
    pub outcome: String,
    /// See `baigong_model::SkipReason`; none where it fired in time.
    pub reason: Option<String>,
    /// The reason in words: which day off, which year.
    pub detail: Option<String>,
    /// The tasks it made: JSON list of ids.
    pub task_ids: String,
    /// The last instant, where one row stands for a run of missed ones.
    pub until_at: Option<i64>,
    /// How many instants it stands for, where they were counted.
    pub instants: Option<i64>,
    /// When this was decided.
    pub recorded_at: i64,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
