//! A token of the robot's own interface.

use sea_orm::entity::prelude::*;

/// One row of `token`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token")]
pub struct Model {
    /// Of its text.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// When it was last used.
    pub used_at: i64,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
