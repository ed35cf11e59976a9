//! Whole rows, read by place.

use std::sync::LazyLock;

use baigong_model::Result;
use sea_orm::QueryResult;

use crate::{entity::queue_item, sql};

/// The columns that [`from_row`] reads.
pub(super) static COLUMNS: LazyLock<String> = LazyLock::new(sql::columns::<queue_item::Entity>);

/// By the places of [`COLUMNS`].
pub(super) fn from_row(row: &QueryResult) -> Result<queue_item::Model> {
    let mut next = sql::Cursor::over(row);
    Ok(queue_item::Model {
        id: next.get()?,
        queue_id: next.get()?,
        state: next.get()?,
        priority: next.get()?,
        payload: next.get()?,
        reference: next.get()?,
        attempts: next.get()?,
        fence: next.get()?,
        holder: next.get()?,
        output: next.get()?,
        reason: next.get()?,
        created_at: next.get()?,
        available_at: next.get()?,
        expires_at: next.get()?,
        lease_until: next.get()?,
        ended_at: next.get()?,
        is_secret: next.get()?,
        origin_id: next.get()?,
    })
}
