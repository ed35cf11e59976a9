//! A version of a process package (流程包).

use sea_orm::entity::prelude::*;

/// One row of `package`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "package")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its department.
    pub department_id: i64,
    /// The package's name.
    pub name: String,
    /// The version.
    pub version: String,
    /// Name and version while it is not deleted: unique.
    pub live_name: Option<String>,
    /// What it holds: "flow", "command", "robot.yaml", …
    pub kind: String,
    /// Of the zip, hexadecimal.
    pub sha256: String,
    /// Of the zip, in bytes.
    pub size: i64,
    /// Where the zip lies among the blobs.
    pub blob_key: String,
    /// What the check found: tasks and parameters, as JSON.
    pub info: String,
    /// Whether a started task may be run again after its robot vanished.
    pub retry_safe: bool,
    /// Who uploaded it.
    pub created_by: i64,
    /// When.
    pub created_at: i64,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
