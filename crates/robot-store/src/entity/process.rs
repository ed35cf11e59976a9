//! A process that was made on this robot.

use sea_orm::entity::prelude::*;

/// One row of `process`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "process")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The name; none once it is deleted.
    pub live_name: Option<String>,
    /// A remark.
    pub remark: Option<String>,
    /// The package version that is activated.
    pub package_id: Option<i64>,
    /// For every run unless a task says otherwise, as JSON.
    pub in_parameters: String,
    /// Which task of the package is run.
    pub task_name: Option<String>,
    /// When it was made.
    pub created_at: i64,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
