//! Keys the platform made for itself, by name: the transport key pair, the signing key of download addresses.

use sea_orm::entity::prelude::*;

/// One row of `platform_key`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "platform_key")]
pub struct Model {
    /// Its name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// The key, sealed under the key file in the data folder.
    pub value: String,
    /// When it was made.
    pub created_at: i64,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
