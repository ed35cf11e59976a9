//! 消息通知与公告 (3.5): shown inside the platform while they are valid; notices are sent over channels too where these are named.

use baigong_core::{
    Platform,
    messages::{self, NewMessage},
};
use baigong_model::{Error, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Caller,
    wire::{Data, beginning, end},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AnnouncementPush {
    /// 操作人员工号: in whose name it is told
    user_name: String,
    /// 消息标题
    title: String,
    /// 消息内容
    content: String,
    /// 有效期开始时间: a day, or yyyy-MM-dd HH:mm:ss
    available_time_start: String,
    /// 有效期结束时间: a day, which is included, or yyyy-MM-dd HH:mm:ss
    available_time_end: String,
}

impl AnnouncementPush {
    fn message(self, platform: &Platform) -> Result<NewMessage> {
        let absent = |field: &str| Error::InvalidTime { field: field.to_owned() };
        let (from, until) = ("availableTimeStart", "availableTimeEnd");
        Ok(NewMessage {
            username: self.user_name,
            title: self.title,
            content: self.content,
            valid_from: beginning(platform, from, Some(&self.available_time_start))?.ok_or_else(|| absent(from))?,
            valid_until: end(platform, until, Some(&self.available_time_end))?.ok_or_else(|| absent(until))?,
            ..NewMessage::default()
        })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NoticePush {
    #[serde(flatten)]
    message: AnnouncementPush,
    /// 接收用户 id 集合, with commas between
    user_ids: Option<String>,
    /// 接收角色 id 集合: roles of the application
    role_ids: Option<String>,
    /// 接收部门 id 集合: with all departments below
    dept_ids: Option<String>,
    /// 外部消息通道编号集合; shown inside the platform only when absent
    channel_codes: Option<String>,
}

impl NoticePush {
    fn message(self, platform: &Platform) -> Result<NewMessage> {
        Ok(NewMessage {
            users: ids("userIds", self.user_ids)?,
            roles: ids("roleIds", self.role_ids)?,
            departments: ids("deptIds", self.dept_ids)?,
            channels: parts(self.channel_codes),
            ..self.message.message(platform)?
        })
    }
}

/// What stands between commas.
fn parts(text: Option<String>) -> Vec<String> {
    let text = text.unwrap_or_default();
    text.split([',', '，']).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn ids(field: &str, text: Option<String>) -> Result<Vec<i64>> {
    let wrong = |_| Error::invalid(field, "must be numbers with commas between");
    parts(text).iter().map(|part| part.parse().map_err(wrong)).collect()
}

pub(crate) async fn push(platform: Platform, caller: Caller, body: NoticePush) -> Result<Data<i64>> {
    let ids = messages::tell(&platform, &caller, vec![body.message(&platform)?]).await?;
    Ok(Data::of(ids[0]))
}

pub(crate) async fn push_batch(platform: Platform, caller: Caller, body: Vec<NoticePush>) -> Result<Data<Vec<i64>>> {
    let new = body.into_iter().map(|it| it.message(&platform)).collect::<Result<_>>()?;
    messages::tell(&platform, &caller, new).await.map(Data::of)
}

pub(crate) async fn announce(platform: Platform, caller: Caller, body: AnnouncementPush) -> Result<Data<i64>> {
    let ids = messages::announce(&platform, &caller, vec![body.message(&platform)?]).await?;
    Ok(Data::of(ids[0]))
}

pub(crate) async fn announce_batch(
    platform: Platform,
    caller: Caller,
    body: Vec<AnnouncementPush>,
) -> Result<Data<Vec<i64>>> {
    let new = body.into_iter().map(|it| it.message(&platform)).collect::<Result<_>>()?;
    messages::announce(&platform, &caller, new).await.map(Data::of)
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct MessageNamed {
    /// 通知 id or 公告 id
    id: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: MessageNamed) -> Result<Data<()>> {
    delete_batch(platform, caller, vec![body.id]).await
}

pub(crate) async fn delete_batch(platform: Platform, caller: Caller, body: Vec<i64>) -> Result<Data<()>> {
    messages::take_back(&platform, &caller, false, body).await?;
    Ok(Data::of(()))
}

pub(crate) async fn delete_announcement(platform: Platform, caller: Caller, body: MessageNamed) -> Result<Data<()>> {
    delete_announcements(platform, caller, vec![body.id]).await
}

pub(crate) async fn delete_announcements(platform: Platform, caller: Caller, body: Vec<i64>) -> Result<Data<()>> {
    messages::take_back(&platform, &caller, true, body).await?;
    Ok(Data::of(()))
}
