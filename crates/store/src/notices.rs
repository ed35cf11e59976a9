//! The outbox of what people are told: rows are written in the transaction of what they tell of. Here they are written
//! and read; [`outbox`] is how they leave.

pub mod outbox;
pub mod task_facts;

use std::collections::BTreeSet;

use baigong_model::{NoticeKind, NoticeState, Page, Result};
use sea_orm::{ColumnTrait, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Value};

use crate::{
    entity::{
        notice::{Column, Entity, Model},
        task,
    },
    error::translate,
    scope::Scope,
    sql,
    write::Store,
};

/// Something to tell.
#[derive(Debug, Clone)]
pub struct NewNotice {
    /// What it tells of, once: a second row of the same key is not written.
    pub idempotency_key: String,
    /// What it is.
    pub kind: NoticeKind,
    /// The department it is about.
    pub department_id: i64,
    /// What it is about.
    pub object_id: Option<i64>,
    /// The process of the task.
    pub process_id: Option<i64>,
    /// JSON object of texts for the message; no secrets.
    pub detail: String,
    /// 0 mail, 1 SMS, 2 IM; none for whatever the department has.
    pub warn_type: Option<i32>,
    /// Who started the task, or asked for it; 0 for the platform.
    pub created_by: i64,
    /// The one channel it is meant for, if it is meant for one.
    pub channel_id: Option<i64>,
    /// When it happened.
    pub at: i64,
}

impl NewNotice {
    /// The end of a task that asked for a warning; none for an end that nobody is warned of.
    pub(crate) fn of_end(row: &task::Model, kind: NoticeKind, at: i64) -> Self {
        Self {
            idempotency_key: format!("task.{}.{}.{}", row.id, row.fence, kind.as_str()),
            kind,
            department_id: row.department_id,
            object_id: Some(row.id),
            process_id: Some(row.process_id),
            detail: "{}".into(),
            warn_type: row.warn_type,
            created_by: row.created_by,
            channel_id: None,
            at,
        }
    }
}

/// Writes notices; one whose key is there already is left out.
pub async fn insert_many(tx: &Tx, notices: &[NewNotice]) -> Result<()> {
    const COLUMNS: usize = 14;
    for notices in notices.chunks(500) {
        let text = format!(
            "INSERT INTO notice (idempotency_key, kind, level, department_id, object_id, process_id, detail, warn_type,
             created_by, channel_id, state, occurrences, attempts, created_at)
             VALUES {} ON CONFLICT (idempotency_key) DO NOTHING",
            sql::places(tx, notices.len(), COLUMNS, 0)
        );
        let values = notices.iter().flat_map(|notice| -> [Value; COLUMNS] {
            [
                notice.idempotency_key.as_str().into(),
                notice.kind.as_str().into(),
                (notice.kind.level() as i32).into(),
                notice.department_id.into(),
                notice.object_id.into(),
                notice.process_id.into(),
                notice.detail.as_str().into(),
                notice.warn_type.into(),
                notice.created_by.into(),
                notice.channel_id.into(),
                NoticeState::New.as_str().into(),
                1i64.into(),
                0i32.into(),
                notice.at.into(),
            ]
        });
        sql::run(tx, &text, values.collect()).await?;
    }
    Ok(())
}

/// Which notices of a list.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Only what this sees.
    pub scope: Scope,
    /// Only in this state.
    pub state: Option<NoticeState>,
    /// Only of this kind.
    pub kind: Option<NoticeKind>,
    /// Only over this channel.
    pub channel_id: Option<i64>,
}

impl Filter {
    fn query(&self) -> sea_orm::Select<Entity> {
        let mut query = Entity::find().filter(self.scope.condition(Column::DepartmentId, Column::CreatedBy));
        if let Some(state) = self.state {
            query = query.filter(Column::State.eq(state.as_str()));
        }
        if let Some(kind) = self.kind {
            query = query.filter(Column::Kind.eq(kind.as_str()));
        }
        if let Some(channel) = self.channel_id {
            query = query.filter(Column::ChannelId.eq(channel));
        }
        query
    }
}

/// A page of notices, newest first.
pub async fn list(store: &Store, filter: &Filter, page: Page) -> Result<Vec<Model>> {
    sql::page(filter.query().order_by_desc(Column::Id), page, store.reader()).await
}

/// How many notices a list holds.
pub async fn count(store: &Store, filter: &Filter) -> Result<u64> {
    filter.query().count(store.reader()).await.map_err(translate)
}

/// How many are not sent yet.
pub async fn count_pending(store: &Store) -> Result<u64> {
    let states: BTreeSet<&str> = [NoticeState::New, NoticeState::Waiting].map(NoticeState::as_str).into();
    Entity::find().filter(Column::State.is_in(states)).count(store.reader()).await.map_err(translate)
}

/// The notice that was just written under this key.
pub async fn id_of(tx: &Tx, idempotency_key: &str) -> Result<i64> {
    let ids = sql::column(tx, "SELECT id FROM notice WHERE idempotency_key = $1", vec![idempotency_key.into()]).await?;
    ids.first().copied().ok_or_else(|| baigong_model::Error::not_found("notice", idempotency_key))
}
