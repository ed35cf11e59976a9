//! Telling people what happened. A notice is stored in the transaction of what it tells of ([`warn`]; ends of tasks do so
//! by themselves, in the store's step); background work finds its channels ([`routing`]), words it ([`words`]) and hands
//! it out to be sent ([`deliveries`]). How a message travels is not known here.

mod deliveries;
mod routing;
pub mod words;

pub use deliveries::{Delivery, due, settle};

use baigong_model::{NoticeKind, NoticeState, Page, PageOf, Permission, Result, ids::DepartmentId};
use baigong_store::{Tx, entity::notice, notices as rows, notices::NewNotice};
use futures_util::FutureExt;

use crate::{
    Caller, Platform, departments,
    retention::{AT_ONCE, in_batches},
};

/// For how long notices are kept.
const KEPT: i64 = 90 * 24 * 3_600_000;

/// Something that a department is told over whatever channels it has.
#[derive(Debug, Clone)]
pub struct Warning {
    /// What it is.
    pub kind: NoticeKind,
    /// The department it is about.
    pub department_id: DepartmentId,
    /// What it is about: the calendar, the licence, the trigger.
    pub object_id: Option<i64>,
    /// What it tells of, once: the same word again is not told again. It is kept for 90 days.
    pub once: String,
    /// The texts that its message asks for ([`words`]), by name. No secrets.
    pub texts: Vec<(&'static str, String)>,
}

/// Stores a warning in the transaction of what it tells of.
pub async fn warn(tx: &Tx, warning: Warning, now: i64) -> Result<()> {
    let Warning { kind, department_id, object_id, once, texts } = warning;
    let texts = texts.into_iter().map(|(name, text)| (name.to_owned(), text.into()));
    let notice = NewNotice {
        idempotency_key: format!("{}.{once}", kind.as_str()),
        kind,
        department_id,
        object_id,
        process_id: None,
        detail: serde_json::Value::Object(texts.collect()).to_string(),
        warn_type: None,
        created_by: 0,
        channel_id: None,
        at: now,
    };
    rows::insert_many(tx, &[notice]).await
}

/// Which notices are wanted.
#[derive(Debug, Clone)]
pub struct NoticeQuery {
    /// Only of this department and all below.
    pub department_id: Option<DepartmentId>,
    /// Only in this state.
    pub state: Option<NoticeState>,
    /// Only of this kind.
    pub kind: Option<NoticeKind>,
    /// Only over this channel.
    pub channel_id: Option<i64>,
    /// Which page.
    pub page: Page,
}

/// A page of notices, newest first: what was told to whom, and what could not be.
pub async fn list(platform: &Platform, caller: &Caller, query: NoticeQuery) -> Result<PageOf<notice::Model>> {
    caller.need(Permission::WarnRead)?;
    let scope = departments::scope_of(platform, caller, query.department_id).await?;
    let filter = rows::Filter { scope, state: query.state, kind: query.kind, channel_id: query.channel_id };
    let total = rows::count(&platform.store, &filter).await?;
    Ok(PageOf { rows: rows::list(&platform.store, &filter, query.page).await?, total })
}

/// Removes what is long over.
pub async fn forget(platform: &Platform) -> Result<u64> {
    let before = platform.now() - KEPT;
    in_batches(platform, move |tx| async move { rows::outbox::forget(tx, before, AT_ONCE).await }.boxed()).await
}

#[cfg(test)]
pub(crate) mod tests;
