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
    /// `*` for all, else the permissions' words with spaces between.
    pub permissions: String,
    /// "all" or "department-and-below".
    pub data_scope: String,
    /// When it was made.
    pub created_at: i64,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
