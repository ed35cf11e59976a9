//! That a user has a role of an application in a department.

use sea_orm::entity::prelude::*;

/// One row of `application_user`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application_user")]
pub struct Model {
    /// The role.
    #[sea_orm(primary_key, auto_increment = false)]
    pub role_id: i64,
    /// Who has it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    /// Where they have it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub department_id: i64,
    /// The application whose role it is.
    pub application_id: i64,
    /// When it was given.
    pub created_at: i64,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
