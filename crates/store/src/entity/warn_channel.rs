//! A warn channel (消息通知): where a department wants to be told.

use sea_orm::entity::prelude::*;

/// One row of `warn_channel`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "warn_channel")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its department: it also serves the departments below that have none of their own.
    pub department_id: i64,
    /// Who made it: a user, 0 for the platform.
    pub created_by: i64,
    /// Its name.
    pub name: String,
    /// Department and name while it is not deleted: unique.
    pub live_name: Option<String>,
    /// 0 mail, 1 SMS, 2 IM.
    pub warn_type: i32,
    /// How it is spoken to: "mail", "webhook", "wecom", "dingtalk", "feishu".
    pub format: String,
    /// The least grave level it takes: 0 info, 1 warning, 2 error.
    pub least_level: i32,
    /// Whether it is in use.
    pub is_active: bool,
    /// JSON, without secrets.
    pub settings: String,
    /// JSON of its secrets, sealed.
    pub sealed: Option<String>,
    /// When it was made.
    pub created_at: i64,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
