//! What came of one instant of a trigger of this robot's own: of a time, a key, a file.

use sea_orm::entity::prelude::*;

/// One row of `local_firing`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "local_firing")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The trigger.
    pub trigger_id: i64,
    /// What tells this instant from every other of the trigger.
    pub instant: String,
    /// `fired`, `skipped` or `known` (a file that was there before the trigger).
    pub outcome: String,
    /// Why it was skipped, or which file came.
    pub detail: String,
    /// The tasks that were made, as JSON.
    pub task_ids: String,
    /// When it was decided.
    pub fired_at: i64,
    /// Whether the platform knows of it, or need not.
    pub is_told: bool,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
