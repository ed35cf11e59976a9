//! A rolling upgrade: a version that robots get one wave after the other.

use sea_orm::entity::prelude::*;

/// One row of `agent_rollout`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agent_rollout")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its department.
    pub department_id: i64,
    /// Its name.
    pub name: String,
    /// Its name while it is not deleted: unique.
    pub live_name: Option<String>,
    /// The version.
    pub version_id: i64,
    /// `running`, `stopped` or `done`.
    pub state: String,
    /// Why it was stopped.
    pub reason: Option<String>,
    /// How many robots a wave has: the next begins when it is over.
    pub wave_size: i64,
    /// How many robots may be upgrading at the same time.
    pub most_at_once: i64,
    /// How long running tasks may go on first, in seconds.
    pub drain_seconds: i64,
    /// Whether robots may get an older version than theirs.
    pub allows_older: bool,
    /// Who began it.
    pub created_by: i64,
    /// When.
    pub created_at: i64,
    /// When it was over.
    pub ended_at: Option<i64>,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
