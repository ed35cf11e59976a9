//! What applications tell me: notices to me, and announcements of applications in which I have a role.

use baigong_core::{Platform, messages};
use baigong_model::{Page, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{Listed, time},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageList {
    /// From 1
    page: Option<i64>,
    /// 1 to 1000, 100 when absent
    page_size: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    /// Its id
    id: i64,
    /// The application that tells it
    application_id: i64,
    /// Whether it is for everybody of the application
    is_announcement: bool,
    /// Its title
    title: String,
    /// Its text
    content: String,
    /// From when on it is shown
    valid_from: String,
    /// Until when it is shown
    valid_until: String,
    /// When it was told
    created_at: String,
}

/// What is valid now, newest first.
pub(crate) async fn list(platform: Platform, caller: Caller, body: MessageList) -> Result<Listed<Message>> {
    let page = Page::new(body.page, body.page_size)?;
    let found = messages::shown(&platform, &caller, page).await?.map(|row| Message {
        id: row.id,
        application_id: row.application_id,
        is_announcement: row.is_announcement,
        title: row.title,
        content: row.content,
        valid_from: time(row.valid_from),
        valid_until: time(row.valid_until),
        created_at: time(row.created_at),
    });
    Ok(Listed { items: found.rows, total: found.total })
}
