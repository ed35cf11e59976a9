//! A running platform node. Its robots count as online while its lease lasts.

use sea_orm::entity::prelude::*;

/// One row of `node`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "node")]
pub struct Model {
    /// Made anew at each start.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// When it started.
    pub started_at: i64,
    /// Until when it counts as alive.
    pub lease_until: i64,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
