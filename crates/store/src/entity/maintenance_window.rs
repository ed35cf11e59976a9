//! A maintenance window: a time in which robots get no tasks.

use sea_orm::entity::prelude::*;

/// One row of `maintenance_window`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "maintenance_window")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its department.
    pub department_id: i64,
    /// Its name.
    pub name: String,
    /// Department and name while it is not deleted: unique.
    pub live_name: Option<String>,
    /// A remark.
    pub remark: Option<String>,
    /// Whom it covers: `robot`, `group` or `department`.
    pub target_kind: String,
    /// The id of that robot, group or department.
    pub target_id: i64,
    /// When it begins, where it comes once.
    pub starts_at: Option<i64>,
    /// When it ends, where it comes once.
    pub ends_at: Option<i64>,
    /// When it begins, where it comes again and again.
    pub cron_expression: Option<String>,
    /// How long it then lasts.
    pub duration_minutes: Option<i64>,
    /// The IANA zone of the expression.
    pub time_zone: String,
    /// What happens to tasks that run when it begins: `leave`, `pause` or `cancel`.
    pub on_running: String,
    /// Who made it: a user, 0 for the platform.
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
