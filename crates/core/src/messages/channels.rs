//! The channels that messages leave by: the platform's own mail server, where it is configured, and the warn channels.

use baigong_model::{Error, Page, Permission, Result};
use baigong_store::{Tx, entity::warn_channel, warn_channels as rows};

use super::outgoing::OWN_SERVER;
use crate::{Caller, ListInput, Platform, departments::Tree, warn_channels::Format};

/// A channel as others name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Its id; 0 of the platform's own mail server.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// `MC00007`.
    pub code: String,
    /// `mail`, `dingTalk`, `vx`, `feishu`, `sms` or `webhook`.
    pub kind: &'static str,
}

impl Channel {
    fn of(row: &warn_channel::Model) -> Self {
        let kind = match (row.format.parse(), row.warn_type) {
            (Ok(Format::Mail), _) => "mail",
            (Ok(Format::Dingtalk), _) => "dingTalk",
            (Ok(Format::Wecom), _) => "vx",
            (Ok(Format::Feishu), _) => "feishu",
            (Ok(Format::Webhook) | Err(()), 1) => "sms",
            (Ok(Format::Webhook) | Err(()), _) => "webhook",
        };
        Self { id: row.id, name: row.name.clone(), code: code(row.id), kind }
    }
}

fn code(id: i64) -> String {
    format!("MC{id:05}")
}

/// The channels in use that the caller sees, by id.
pub async fn channels(platform: &Platform, caller: &Caller) -> Result<Vec<Channel>> {
    caller.need(Permission::WarnRead)?;
    let own = platform.config.smtp.as_ref().map(|smtp| Channel {
        id: OWN_SERVER,
        name: smtp.from.clone(),
        code: code(OWN_SERVER),
        kind: "mail",
    });
    let page = Page::new(None, Some(1000))?;
    let filter = ListInput::all(page).filter(platform, caller).await?;
    let found = rows::list(&platform.store, &filter, page).await?;
    Ok(own.into_iter().chain(found.iter().filter(|row| row.is_active).map(Channel::of)).collect())
}

/// The channel `id`.
pub async fn channel(platform: &Platform, caller: &Caller, id: i64) -> Result<Channel> {
    let found = channels(platform, caller).await?.into_iter().find(|channel| channel.id == id);
    found.ok_or_else(|| match id {
        OWN_SERVER => no_mail_channel(),
        id => Error::not_found("warn channel", id),
    })
}

fn no_mail_channel() -> Error {
    Error::conflict("no mail channel is configured")
}

/// The channels with these codes.
pub(super) async fn named(platform: &Platform, caller: &Caller, codes: &[String]) -> Result<Vec<Channel>> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let known = channels(platform, caller).await?;
    let one = |code: &String| {
        let found = known.iter().find(|channel| channel.code == *code).cloned();
        found.ok_or_else(|| Error::not_found("warn channel", code))
    };
    codes.iter().map(one).collect()
}

/// The channel that mails go by: the platform's own server, or the nearest mail channel from `department` upwards.
pub(super) async fn for_mail(platform: &Platform, tx: &Tx, tree: &Tree, department: i64) -> Result<i64> {
    if platform.config.smtp.is_some() {
        return Ok(OWN_SERVER);
    }
    let found = nearest(tx, tree, department, |row| row.warn_type == 0).await?;
    found.ok_or_else(no_mail_channel)
}

/// The channel that short messages and calls go by: the nearest of type SMS from `department` upwards.
pub(super) async fn for_texts(tx: &Tx, tree: &Tree, department: i64) -> Result<i64> {
    let is_gateway = |row: &warn_channel::Model| row.warn_type == 1 && row.format == Format::Webhook.as_str();
    let found = nearest(tx, tree, department, is_gateway).await?;
    found.ok_or_else(|| Error::conflict("no SMS channel is configured"))
}

async fn nearest(
    tx: &Tx,
    tree: &Tree,
    department: i64,
    fits: impl Fn(&warn_channel::Model) -> bool,
) -> Result<Option<i64>> {
    let active = rows::active(tx).await?;
    let way = tree.upwards(department);
    let near = |row: &&warn_channel::Model| way.iter().position(|it| *it == row.department_id);
    let best = active.iter().filter(|row| fits(row)).filter_map(|row| Some((near(&row)?, row.id))).min();
    Ok(best.map(|(_, id)| id))
}
