//! A credential (凭据): an account of another system, for flows.

use sea_orm::entity::prelude::*;

/// One row of `credential`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credential")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its department.
    pub department_id: i64,
    /// Its name.
    pub name: String,
    /// Department and name while it is not deleted: unique.
    pub live_name: Option<String>,
    /// The account.
    pub username: String,
    /// The account's password, sealed.
    pub password: String,
    /// Whether every robot may have it; else those of `credential_robot`.
    pub is_global: bool,
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
