//! Who changed what, written with the change itself.

use sea_orm::entity::prelude::*;

/// One row of `audit`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// When.
    pub at: i64,
    /// Who; none for the platform itself.
    pub user_id: Option<i64>,
    /// Their username, or "platform", or "robot 7".
    pub username: String,
    /// From where.
    pub address: Option<String>,
    /// What: "create", "delete", "cancel", …
    pub action: String,
    /// To what kind of thing.
    pub kind: String,
    /// To which.
    pub object_id: Option<i64>,
    /// In which department.
    pub department_id: Option<i64>,
    /// JSON, without secrets.
    pub detail: String,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
