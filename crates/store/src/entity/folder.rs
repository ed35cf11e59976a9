//! A folder of files (文件夹). Each department has a tree of its own, whose root is the folder "/".

use sea_orm::entity::prelude::*;

/// One row of `folder`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "folder")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its department.
    pub department_id: i64,
    /// The folder above; none for a root.
    pub parent_id: Option<i64>,
    /// Its name; "" for a root.
    pub name: String,
    /// The whole path: "/对账/2026".
    pub path: String,
    /// Department and path while it is not deleted: unique.
    pub live_path: Option<String>,
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
