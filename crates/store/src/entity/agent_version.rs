//! A version of the agent's program.

use sea_orm::entity::prelude::*;

/// One row of `agent_version`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agent_version")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its department.
    pub department_id: i64,
    /// Its number: "0.2.0".
    pub name: String,
    /// The kind of machine it runs on: "linux-x86_64".
    pub system: String,
    /// Number and system while it is not deleted: unique in the department.
    pub live_name: Option<String>,
    /// Of the program, hexadecimal.
    pub sha256: String,
    /// Of the program, in bytes.
    pub size: i64,
    /// Where the program lies among the blobs.
    pub blob_key: String,
    /// A signature over number and hash, for robots that believe only a key of theirs.
    pub signature: Option<String>,
    /// A remark.
    pub remark: Option<String>,
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
