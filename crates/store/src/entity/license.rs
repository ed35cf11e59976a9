//! An imported license.

use sea_orm::entity::prelude::*;

/// One row of `license`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "license")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The number its issuer gave it: imported once.
    pub serial: String,
    /// For whom it was issued.
    pub customer: String,
    /// The whole file, JSON, as it was imported and verified.
    pub document: String,
    /// Who imported it.
    pub created_by: i64,
    /// When.
    pub created_at: i64,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
