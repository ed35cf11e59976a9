//! A process (流程): what is run, where, with which package version.

use sea_orm::entity::prelude::*;

/// One row of `process`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "process")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its department.
    pub department_id: i64,
    /// The robots that run it unless a task says otherwise.
    pub robot_group_id: i64,
    /// The activated package version.
    pub package_id: Option<i64>,
    /// Its name.
    pub name: String,
    /// Department and name while it is not deleted: unique.
    pub live_name: Option<String>,
    /// A remark.
    pub remark: Option<String>,
    /// Whether its runs are recorded.
    pub is_record: bool,
    /// In-parameters of every run, JSON list of name and value.
    pub in_parameters: String,
    /// Which task of the package every run is, unless it names another; none where the package has just one.
    pub task_name: Option<String>,
    /// How often a task is tried again after a run that reported a failure.
    pub fail_try_times: i32,
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
