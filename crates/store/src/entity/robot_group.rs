//! A robot group (机器人组).

use sea_orm::entity::prelude::*;

/// One row of `robot_group`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "robot_group")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its department.
    pub department_id: i64,
    /// The pool that holds its robots.
    pub pool_id: i64,
    /// Its name.
    pub name: String,
    /// Department and name while it is not deleted: unique.
    pub live_name: Option<String>,
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
