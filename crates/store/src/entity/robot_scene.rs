//! A scene of a robot (场景): a name under which front ends list it.

use sea_orm::entity::prelude::*;

/// One row of `robot_scene`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "robot_scene")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The robot.
    pub robot_id: i64,
    /// Its name.
    pub name: String,
    /// Robot and name while it is not deleted: unique.
    pub live_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it is the one that every robot has.
    pub is_default: bool,
    /// When it was made.
    pub created_at: i64,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
