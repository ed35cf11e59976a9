//! A pool: the set of robots that may run a task. Every task has one: a group's, a robot's own, or a list's.

use sea_orm::entity::prelude::*;

/// One row of `robot_pool`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "robot_pool")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// "group:…" and "robot:…" with a unique part, or "list:1,5,9".
    pub pool_key: String,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
