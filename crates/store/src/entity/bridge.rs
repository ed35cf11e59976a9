//! A bridge: a foreign platform or robot that is seen and worked from here.

use sea_orm::entity::prelude::*;

/// One row of `bridge`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bridge")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its department: what comes from there belongs to it.
    pub department_id: i64,
    /// Its name.
    pub name: String,
    /// Department and name while it is not deleted: unique.
    pub live_name: Option<String>,
    /// What it speaks: "tsac", "oapi" or "robot".
    pub kind: String,
    /// Where it is: `https://host:port`.
    pub url: String,
    /// As whom we come; "" for a robot.
    pub username: String,
    /// JSON of the secrets, sealed.
    pub sealed: String,
    /// The robot of ours that stands for it.
    pub robot_id: i64,
    /// The group of that robot.
    pub robot_group_id: i64,
    /// Whether it is in use.
    pub is_active: bool,
    /// "new", "reachable", "unreachable" or "refused".
    pub state: String,
    /// What went wrong last.
    pub detail: Option<String>,
    /// When it last answered.
    pub reached_at: Option<i64>,
    /// How often in a row it did not.
    pub failures: i32,
    /// When it is looked at next. A node that looks at it moves this on first: nobody else does meanwhile.
    pub turn_at: i64,
    /// When its processes and robots were last listed.
    pub listed_at: Option<i64>,
    /// Who made it.
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
