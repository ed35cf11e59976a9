//! A message of an application: a notice (消息通知) to some people, or an announcement (公告) to all of its users.

use sea_orm::entity::prelude::*;

/// One row of `message`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The application that tells it.
    pub application_id: i64,
    /// Whether it is for all users of the application.
    pub is_announcement: bool,
    /// Its title.
    pub title: String,
    /// Its text.
    pub content: String,
    /// From when on it is shown.
    pub valid_from: i64,
    /// Until when it is shown; not at that time any more.
    pub valid_until: i64,
    /// In whose name it is told.
    pub created_by: i64,
    /// When it was told.
    pub created_at: i64,
    /// When it was taken back.
    pub deleted_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
