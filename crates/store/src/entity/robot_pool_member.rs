//! Which robots are in which pool.

use sea_orm::entity::prelude::*;

/// One row of `robot_pool_member`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "robot_pool_member")]
pub struct Model {
    /// The pool.
    #[sea_orm(primary_key, auto_increment = false)]
    pub pool_id: i64,
    /// The robot.
    #[sea_orm(primary_key, auto_increment = false)]
    pub robot_id: i64,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
