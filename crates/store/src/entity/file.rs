//! A file (文件). Its bytes are those of its versions.

use sea_orm::entity::prelude::*;

/// One row of `file`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "file")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its department.
    pub department_id: i64,
    /// The folder it lies in.
    pub folder_id: i64,
    /// Its name.
    pub name: String,
    /// Folder and name while it is not deleted: unique.
    pub live_name: Option<String>,
    /// The number of the version in force.
    pub version: i64,
    /// Of the password that a download needs, argon2id; none where it needs none.
    pub password_hash: Option<String>,
    /// When the password was last set or taken off.
    pub password_at: Option<i64>,
    /// Words to find it by.
    pub tag: Option<String>,
    /// Who made it: a user, 0 for the platform.
    pub created_by: i64,
    /// When it was made.
    pub created_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
