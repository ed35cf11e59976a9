//! 日程 (3.8): what is on the agendas of people, and their reminders.

use baigong_core::{
    Platform,
    agenda::{self, Item, NewItem},
};
use baigong_model::{Page, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{Data, Paged},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgendaPut {
    /// 日程 id: changes that item; makes one when absent
    id: Option<i64>,
    /// 用户工号
    user_name: String,
    /// 日程内容
    content: String,
    /// 是否提醒
    remind: bool,
    /// 提醒方式: 1 邮箱, 2 短信, 3 站内信, with commas between; 3 when absent
    remind_way: Option<String>,
    /// 提醒时间: 23:00, on the first day; needed with remind
    remind_time: Option<String>,
    /// 日程开始日期: yyyy-MM-dd
    start_date: String,
    /// 日程结束日期: yyyy-MM-dd
    end_date: String,
    /// 时区 (extension): the IANA name of the user's zone; the server's when absent
    time_zone: Option<String>,
}

/// Answers the id of the item.
pub(crate) async fn put(platform: Platform, caller: Caller, body: AgendaPut) -> Result<Data<i64>> {
    let item = NewItem {
        username: body.user_name,
        content: body.content,
        start_date: body.start_date,
        end_date: body.end_date,
        is_reminded: body.remind,
        remind_ways: body.remind_way,
        remind_time: body.remind_time,
        time_zone: body.time_zone,
    };
    agenda::put(&platform, &caller, body.id, item).await.map(Data::done)
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct AgendaNamed {
    /// 日程 id
    id: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: AgendaNamed) -> Result<Data<()>> {
    agenda::delete(&platform, &caller, body.id).await?;
    Ok(Data::of(()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgendaList {
    /// 用户工号
    user_name: String,
    /// 当前页, from 1
    page_num: Option<i64>,
    /// 每页数量, 1 to 1000
    page_size: i64,
    /// 日程开始日期: what is on any day from this one
    start_date: String,
    /// 日程结束日期: to this one
    end_date: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgendaItem {
    /// 日程 id
    id: i64,
    /// 用户工号
    user_name: String,
    /// 日程内容
    content: String,
    /// 是否提醒
    remind: bool,
    /// 提醒方式
    remind_way: String,
    /// 提醒时间
    remind_time: String,
    /// 日程开始日期
    start_date: String,
    /// 日程结束日期
    end_date: String,
    /// 时区 (extension): "" for the server's
    time_zone: String,
    /// 提醒失败原因 (extension): what of the reminder could not be sent
    remind_error: String,
}

impl From<Item> for AgendaItem {
    fn from(Item { row, username }: Item) -> Self {
        Self {
            id: row.id,
            user_name: username,
            content: row.content,
            remind: row.is_reminded,
            remind_way: row.remind_ways,
            remind_time: row.remind_time,
            start_date: row.start_date,
            end_date: row.end_date,
            time_zone: row.time_zone.unwrap_or_default(),
            remind_error: row.remind_error.unwrap_or_default(),
        }
    }
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: AgendaList) -> Result<Paged<AgendaItem>> {
    let page = Page::new(body.page_num, Some(body.page_size))?;
    let days = (body.start_date.as_str(), body.end_date.as_str());
    let found = agenda::list(&platform, &caller, &body.user_name, days, page).await?;
    Ok(Paged::of(page, found.map(AgendaItem::from)))
}

pub(crate) async fn info(platform: Platform, caller: Caller, body: AgendaNamed) -> Result<Data<AgendaItem>> {
    agenda::query(&platform, &caller, body.id).await.map(|item| Data::of(item.into()))
}
