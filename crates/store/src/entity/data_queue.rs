//! A data queue (数据队列).

use sea_orm::entity::prelude::*;

/// One row of `data_queue`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "data_queue")]
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
    /// A remark.
    pub remark: Option<String>,
    /// How long an item is held before it is given to another.
    pub lease_seconds: i64,
    /// How often an item is tried.
    pub max_attempts: i32,
    /// The priority of items that come without: 0 high, 1 middle, 2 low.
    pub default_priority: i32,
    /// Where items go on to that ended well.
    pub success_queue_id: Option<i64>,
    /// Where items go on to that ended badly.
    pub failure_queue_id: Option<i64>,
    /// How many items may wait or be held in it; none for no limit.
    pub max_items: Option<i64>,
    /// The only robots whose tasks take items: ids with spaces between; all where it is empty.
    pub robots: String,
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
