//! A notice: something somebody is told of, over one channel.

use sea_orm::entity::prelude::*;

/// One row of `notice`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The department it is about.
    pub department_id: i64,
    /// What it tells of, once; receivers get it too, to tell a second delivery from a second event.
    pub idempotency_key: String,
    /// See `baigong_model::NoticeKind`.
    pub kind: String,
    /// 0 info, 1 warning, 2 error.
    pub level: i32,
    /// What it is about: of a task's end, the task.
    pub object_id: Option<i64>,
    /// The process of the task.
    pub process_id: Option<i64>,
    /// JSON object of texts that go into the message; no secrets.
    pub detail: String,
    /// 0 mail, 1 SMS, 2 IM; none for whatever the department has.
    pub warn_type: Option<i32>,
    /// Who started the task, or asked for it; 0 for the platform.
    pub created_by: i64,
    /// The channel it goes over, once that is known.
    pub channel_id: Option<i64>,
    /// See `baigong_model::NoticeState`.
    pub state: String,
    /// Notices of the same key close to one another are told in one message.
    pub storm_key: Option<String>,
    /// How many notices its message stands for.
    pub occurrences: i64,
    /// The notice whose message tells of this one too.
    pub merged_into: Option<i64>,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is tried next; none once that is over.
    pub next_try: Option<i64>,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it happened.
    pub created_at: i64,
    /// When the other side took it.
    pub sent_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
