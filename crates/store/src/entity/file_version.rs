//! A version of a file: the bytes of one upload.

use sea_orm::entity::prelude::*;

/// One row of `file_version`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "file_version")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The file.
    pub file_id: i64,
    /// From 1, in the order of the uploads.
    pub number: i64,
    /// In bytes.
    pub size: i64,
    /// Of the bytes, hexadecimal.
    pub sha256: String,
    /// Where they lie among the blobs; none once they are removed.
    pub blob_key: Option<String>,
    /// Who uploaded it: a user, 0 for the platform.
    pub created_by: i64,
    /// When it was uploaded.
    pub created_at: i64,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
