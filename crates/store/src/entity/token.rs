//! A token of a signed-in user. Only its hash is stored.

use sea_orm::entity::prelude::*;

/// One row of `token`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token")]
pub struct Model {
    /// SHA-256 of the token, hexadecimal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// Whose it is; the owner of the application where it is an application's.
    pub user_id: i64,
    /// The application that it was given to.
    pub application_id: Option<i64>,
    /// Whether it is good only for getting others.
    pub is_refresh: bool,
    /// When it was given.
    pub created_at: i64,
    /// When it was last used, to the minute.
    pub used_at: i64,
    /// When it ends, however much it is used.
    pub expires_at: i64,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
