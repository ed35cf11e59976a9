//! The public key that a user registered: what is revealed to them is encrypted under it.

use sea_orm::entity::prelude::*;

/// One row of `user_key`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_key")]
pub struct Model {
    /// The user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    /// 04‖x‖y in hexadecimal.
    pub public_key: String,
    /// When it was registered.
    pub created_at: i64,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
