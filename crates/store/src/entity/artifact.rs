//! A file that a task left behind.

use sea_orm::entity::prelude::*;

/// One row of `artifact`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "artifact")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The task.
    pub task_id: i64,
    /// Which run of it.
    pub fence: i64,
    /// Its path below the artifacts folder, with `/`.
    pub name: String,
    /// In bytes.
    pub size: i64,
    /// Hexadecimal.
    pub sha256: String,
    /// Where it lies among the blobs.
    pub blob_key: String,
    /// When it came.
    pub created_at: i64,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
