//! That somebody made, changed or read an asset.

use sea_orm::entity::prelude::*;

/// One row of `asset_access`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "asset_access")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The asset.
    pub asset_id: i64,
    /// When.
    pub at: i64,
    /// "create", "edit" or "read".
    pub action: String,
    /// The user who did it.
    pub user_id: Option<i64>,
    /// The robot that did it.
    pub robot_id: Option<i64>,
    /// The process whose task did it.
    pub process_id: Option<i64>,
    /// The task.
    pub task_id: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
