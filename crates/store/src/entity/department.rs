//! A department (部门): a tree; its rows are what other departments may not see.

use sea_orm::entity::prelude::*;

/// One row of `department`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "department")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The department above and the name while it is not deleted: unique.
    pub live_name: Option<String>,
    /// The department above, 0 for the root.
    pub parent_id: i64,
    /// Its own code, unique among its siblings; its id where it has none.
    pub code: Option<String>,
    /// Its place among its siblings.
    pub position: i64,
    /// A remark.
    pub remark: Option<String>,
    /// When it was made, milliseconds since the epoch.
    pub created_at: i64,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
