//! Something that a robot is asked to do with itself.

use sea_orm::entity::prelude::*;

/// One row of `robot_operation`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "robot_operation")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its department.
    pub department_id: i64,
    /// The robot.
    pub robot_id: i64,
    /// `restart`, `reboot`, `shutdown` or `upgrade`.
    pub kind: String,
    /// `planned`, `waiting`, `accepted`, then `done`, `failed`, `refused`, `expired` or `cancelled`.
    pub state: String,
    /// What the robot says of it.
    pub detail: String,
    /// How long running tasks may go on first, in seconds.
    pub drain_seconds: i64,
    /// The rolling upgrade it belongs to.
    pub rollout_id: Option<i64>,
    /// The version of an upgrade.
    pub version_id: Option<i64>,
    /// Which wave of its rolling upgrade, from 0.
    pub wave: i64,
    /// The version that the robot ran when it was asked.
    pub version_before: Option<String>,
    /// Who wants it.
    pub created_by: i64,
    /// Since when.
    pub created_at: i64,
    /// When the robot was first asked.
    pub asked_at: Option<i64>,
    /// When it was over.
    pub ended_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
