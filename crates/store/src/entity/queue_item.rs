//! An item of a data queue.

use sea_orm::entity::prelude::*;

/// One row of `queue_item`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "queue_item")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The queue.
    pub queue_id: i64,
    /// One of the states that `queue_items` names.
    pub state: String,
    /// 0 high, 1 middle, 2 low.
    pub priority: i32,
    /// Its data, JSON; sealed where it is secret.
    pub payload: String,
    /// Unique in the queue.
    pub reference: Option<String>,
    /// How often it was taken.
    pub attempts: i32,
    /// Grows with each taking.
    pub fence: i64,
    /// Who holds it: "task 7" or "user 3".
    pub holder: Option<String>,
    /// What came out, JSON; sealed where it is secret.
    pub output: Option<String>,
    /// Why it failed.
    pub reason: Option<String>,
    /// When it was pushed.
    pub created_at: i64,
    /// Not before then.
    pub available_at: i64,
    /// Not after then.
    pub expires_at: Option<i64>,
    /// Until when its holder has it.
    pub lease_until: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// Whether its data and its output are kept sealed.
    pub is_secret: bool,
    /// The item it was forwarded from.
    pub origin_id: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
