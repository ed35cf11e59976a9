//! A file in the robot's folder of files.

use sea_orm::entity::prelude::*;

/// One row of `file`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "file")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The folder: `/对账/2026`.
    pub folder_path: String,
    /// Its name.
    pub name: String,
    /// The whole path; none once it is deleted.
    pub live_path: Option<String>,
    /// A PHC string, where it has a password.
    pub password_hash: Option<String>,
    /// In bytes.
    pub size: i64,
    /// What is about to happen to it on disk, as JSON: finished or undone at the next start.
    pub intent: Option<String>,
    /// Whether its first upload has come through.
    pub is_made: bool,
    /// When it was last changed.
    pub updated_at: i64,
    /// When it was made.
    pub created_at: i64,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
