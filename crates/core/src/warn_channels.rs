//! Warn channels (T/TSAC 002-2025, 5.7 消息通知管理; extensions of the interface): where a department wants to be told. A
//! channel serves its department and those below that have none of their own. What it needs to be believed by the other
//! side is sealed; it is opened only to send.

mod change;
mod way;

pub use change::{ChannelChange, NewChannel, create, update};
pub(crate) use way::open;
pub use way::{Format, Mail, MailSettings, Security, Settings, Way, Webhook};

use baigong_model::{Error, NoticeKind, PageOf, Permission, Result, ids::DepartmentId};
use baigong_store::{audits, entity::warn_channel, notices, warn_channels as rows};
use futures_util::FutureExt;
use serde_json::json;

use crate::{Caller, ListInput, Platform};

/// A channel as it may be shown.
#[derive(Debug, Clone)]
pub struct ShownChannel {
    /// Its row; what is sealed in it is not for showing.
    pub row: warn_channel::Model,
    /// How it is spoken to, without secrets.
    pub settings: Settings,
}

impl ShownChannel {
    fn of(row: warn_channel::Model) -> Result<Self> {
        let settings = serde_json::from_str(&row.settings).map_err(Error::internal)?;
        Ok(Self { row, settings })
    }

    /// Whether it has a password of the mail server, or a key that posts are signed with.
    #[must_use]
    pub fn has_key(&self) -> bool {
        let has_key = match &self.settings {
            Settings::Mail(_) => true,
            Settings::Webhook { has_key, .. } => *has_key,
        };
        has_key && self.row.sealed.is_some()
    }
}

/// A channel, deleted or not.
pub async fn query(platform: &Platform, caller: &Caller, id: i64) -> Result<ShownChannel> {
    caller.need(Permission::WarnRead)?;
    let row = rows::find(&platform.store, caller.scope(), id).await?;
    ShownChannel::of(row.ok_or_else(|| Error::not_found("warn channel", id))?)
}

/// A page of channels, oldest first.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<ShownChannel>> {
    caller.need(Permission::WarnRead)?;
    let filter = input.filter(platform, caller).await?;
    let total = rows::count(&platform.store, &filter).await?;
    let found = rows::list(&platform.store, &filter, input.page).await?;
    Ok(PageOf { rows: found.into_iter().map(ShownChannel::of).collect::<Result<_>>()?, total })
}

/// Deletes a channel. What was to be sent over it is given up.
pub async fn delete(platform: &Platform, caller: &Caller, id: i64) -> Result<()> {
    caller.need(Permission::WarnWrite)?;
    let (now, caller) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            let row = rows::find_live(tx, caller.scope(), id).await?;
            let mut row = row.ok_or_else(|| Error::not_found("warn channel", id))?;
            // Its secrets go with it.
            (row.deleted_at, row.live_name, row.sealed) = (Some(now), None, None);
            let department: DepartmentId = row.department_id;
            let audit = caller.audit(now, "delete", "warn channel", Some(id), Some(department), &json!({}));
            rows::update(tx, row).await?;
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    deleted.await
}

/// Sends a message over a channel to try it out; answers the notice, whose state tells how it went.
pub async fn test(platform: &Platform, caller: &Caller, id: i64) -> Result<i64> {
    caller.need(Permission::WarnWrite)?;
    let (now, caller) = (platform.now(), caller.clone());
    let mut draw = [0; 8];
    platform.random.fill(&mut draw);
    let key = format!("test.{id}.{}", hex::encode(draw));
    let tested = platform.store.write(move |tx| {
        async move {
            let row = rows::find_live(tx, caller.scope(), id).await?;
            let row = row.ok_or_else(|| Error::not_found("warn channel", id))?;
            let notice = notices::NewNotice {
                idempotency_key: key.clone(),
                kind: NoticeKind::Test,
                department_id: row.department_id,
                object_id: Some(id),
                process_id: None,
                detail: json!({ "channel": row.name }).to_string(),
                warn_type: Some(row.warn_type),
                created_by: caller.id(),
                channel_id: Some(id),
                at: now,
            };
            notices::insert_many(tx, &[notice]).await?;
            let audit = caller.audit(now, "test", "warn channel", Some(id), Some(row.department_id), &json!({}));
            audits::insert_many(tx, &[audit]).await?;
            notices::id_of(tx, &key).await
        }
        .boxed()
    });
    tested.await
}

#[cfg(test)]
mod tests;
