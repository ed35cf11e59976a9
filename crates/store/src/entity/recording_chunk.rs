//! A chunk of a recording: its bytes lie sealed among the blobs, or are lost.

use sea_orm::entity::prelude::*;

/// One row of `recording_chunk`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recording_chunk")]
pub struct Model {
    /// The recording.
    #[sea_orm(primary_key, auto_increment = false)]
    pub recording_id: i64,
    /// Its number, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    /// When it begins.
    pub started_at: i64,
    /// When it ends.
    pub ended_at: i64,
    /// The bytes among the blobs, sealed; 0 when it is lost.
    pub size: i64,
    /// Where they lie; none when it is lost.
    pub blob_key: Option<String>,
    /// Why it is lost.
    pub lost: Option<String>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
