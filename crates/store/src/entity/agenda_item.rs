//! Something on a person's agenda (日程).

use sea_orm::entity::prelude::*;

/// One row of `agenda_item`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agenda_item")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Whose agenda it is on.
    pub user_id: i64,
    /// The application that put it there.
    pub application_id: i64,
    /// What it is.
    pub content: String,
    /// Its first day: `2026-11-22`.
    pub start_date: String,
    /// Its last day.
    pub end_date: String,
    /// Whether its person is reminded of it.
    pub is_reminded: bool,
    /// By what: `1` mail, `2` short message, `3` inside Baigong, with commas between.
    pub remind_ways: String,
    /// At what time of its first day: `23:00`.
    pub remind_time: String,
    /// The zone of that time, where it is not the server's.
    pub time_zone: Option<String>,
    /// When they are to be reminded; none when they have been, or will not be.
    pub remind_at: Option<i64>,
    /// What of the last reminder could not be sent.
    pub remind_error: Option<String>,
    /// When it was put there.
    pub created_at: i64,
    /// When it was taken off.
    pub deleted_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
