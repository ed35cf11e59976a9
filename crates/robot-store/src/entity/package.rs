//! A package version that was brought to this robot.

use sea_orm::entity::prelude::*;

/// One row of `package`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "package")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The package's name.
    pub name: String,
    /// The version.
    pub version: String,
    /// Name and version; none once it is deleted.
    pub live_name: Option<String>,
    /// The word for its kind.
    pub kind: String,
    /// Of the zip, hexadecimal: the zip's name on disk.
    pub sha256: String,
    /// Of the zip, in bytes.
    pub size: i64,
    /// What the check found out, as JSON.
    pub info: String,
    /// Whether a run that was broken off may be started again.
    pub retry_safe: bool,
    /// When it came.
    pub created_at: i64,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
