//! A role: a set of permissions and how far they reach.

use sea_orm::entity::prelude::*;

/// One row of `role`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "role")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The name while it is not deleted: unique.
    pub live_name: Option<String>,
    /// `*` for all, else the permissions' words with spaces between.
    pub permissions: String,
    /// The word of a `DataScope`.
    pub data_scope: String,
    /// The departments of the data scope "custom": ids with spaces between.
    pub departments: String,
    /// Whether the platform keeps it: nobody changes it.
    pub is_built_in: bool,
    /// A remark.
    pub remark: Option<String>,
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
