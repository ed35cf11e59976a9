//! 通知渠道 (extensions; T/TSAC 002-2025, 5.7 消息通知管理): where a department is told that something went wrong.

use baigong_api_kit::Nothing;
use baigong_core::{
    Platform,
    warn_channels::{self, ChannelChange, NewChannel, Settings, ShownChannel},
};
use baigong_model::{Result, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{HIDDEN, ListQuery, time},
};

/// What both making and changing a channel take.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ChannelFields {
    /// 最低通知级别: 0 info, 1 warning, 2 error; 0 when absent
    least_level: Option<i64>,
    /// 是否启用; true when absent
    is_active: Option<bool>,
    /// 邮件服务器
    smtp_host: Option<String>,
    /// 端口; 465 with tls, otherwise 587 when absent
    smtp_port: Option<i64>,
    /// tls, starttls or none; starttls when absent
    smtp_security: Option<String>,
    /// 登录用户; "" for nobody
    smtp_username: Option<String>,
    /// 发件人
    mail_from: Option<String>,
    /// 收件人, at most 50
    mail_to: Option<Vec<String>>,
    /// 是否通知任务创建人; true when absent
    tell_creator: Option<bool>,
    /// 接收地址 of a webhook or group robot; what warn-channel/query shows of it (it ends in ******) leaves it
    url: Option<Secret<String>>,
    /// 密码（密文）of the mail server, or the key that messages are signed with; "" for none, ****** leaves it
    secret: Option<Secret<String>>,
}

impl ChannelFields {
    fn into_change(self, name: Option<String>) -> ChannelChange {
        ChannelChange {
            name,
            least_level: self.least_level,
            is_active: self.is_active,
            host: self.smtp_host,
            port: self.smtp_port,
            security: self.smtp_security,
            username: self.smtp_username,
            key: self.secret,
            from: self.mail_from,
            to: self.mail_to,
            tells_creator: self.tell_creator,
            url: self.url,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WarnChannelCreate {
    /// 部门 ID
    dep_id: i64,
    /// 渠道名称
    channel_name: String,
    /// 报警方式: 0 邮件, 1 短信, 2 IM
    warn_type: i64,
    /// mail, webhook, wecom, dingtalk or feishu; mail for 0 and webhook otherwise when absent
    format: Option<String>,
    #[serde(flatten)]
    fields: ChannelFields,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WarnChannelCreated {
    /// 渠道 ID
    channel_id: i64,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: WarnChannelCreate) -> Result<WarnChannelCreated> {
    let new = NewChannel {
        department_id: body.dep_id,
        warn_type: body.warn_type,
        format: body.format,
        change: body.fields.into_change(Some(body.channel_name)),
    };
    Ok(WarnChannelCreated { channel_id: warn_channels::create(&platform, &caller, new).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WarnChannelUpdate {
    /// 渠道 ID
    channel_id: i64,
    /// 渠道名称
    channel_name: Option<String>,
    #[serde(flatten)]
    fields: ChannelFields,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: WarnChannelUpdate) -> Result<Nothing> {
    let change = body.fields.into_change(body.channel_name);
    warn_channels::update(&platform, &caller, body.channel_id, change).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WarnChannelId {
    /// 渠道 ID
    channel_id: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: WarnChannelId) -> Result<Nothing> {
    warn_channels::delete(&platform, &caller, body.channel_id).await?;
    Ok(Nothing {})
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WarnChannelTested {
    /// 通知 ID: notice/list tells how it went
    notice_id: i64,
}

pub(crate) async fn test(platform: Platform, caller: Caller, body: WarnChannelId) -> Result<WarnChannelTested> {
    Ok(WarnChannelTested { notice_id: warn_channels::test(&platform, &caller, body.channel_id).await? })
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WarnChannel {
    /// 渠道 ID
    channel_id: i64,
    /// 部门 ID
    dep_id: i64,
    /// 渠道名称
    channel_name: String,
    /// 报警方式: 0 邮件, 1 短信, 2 IM
    warn_type: i32,
    /// mail, webhook, wecom, dingtalk or feishu
    format: String,
    /// 最低通知级别
    least_level: i32,
    /// 是否启用
    is_active: bool,
    /// 邮件服务器
    smtp_host: String,
    /// 端口
    smtp_port: u16,
    /// tls, starttls or none
    smtp_security: &'static str,
    /// 登录用户
    smtp_username: String,
    /// 发件人
    mail_from: String,
    /// 收件人
    mail_to: Vec<String>,
    /// 是否通知任务创建人
    tell_creator: bool,
    /// 接收地址: the host only, the rest is a secret
    url: String,
    /// ****** where there is one, "" where there is none
    secret: &'static str,
    /// 创建时间
    create_time: String,
    /// 是否删除
    is_deleted: bool,
}

fn shown(platform: &Platform, channel: ShownChannel) -> WarnChannel {
    let has_key = channel.has_key();
    let ShownChannel { row, settings } = channel;
    let (mail, url) = match settings {
        Settings::Mail(mail) => (Some(mail), String::new()),
        Settings::Webhook { origin, .. } => (None, format!("{origin}/{HIDDEN}")),
    };
    let mail = mail.as_ref();
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    WarnChannel {
        channel_id: row.id,
        dep_id: row.department_id,
        channel_name: row.name,
        warn_type: row.warn_type,
        format: row.format,
        least_level: row.least_level,
        is_active: row.is_active,
        smtp_host: text(mail.map(|mail| &mail.host)),
        smtp_port: mail.map_or(0, |mail| mail.port),
        smtp_security: mail.map_or("", |mail| mail.security.as_str()),
        smtp_username: text(mail.and_then(|mail| mail.username.as_ref())),
        mail_from: text(mail.map(|mail| &mail.from)),
        mail_to: mail.map(|mail| mail.to.clone()).unwrap_or_default(),
        tell_creator: mail.is_some_and(|mail| mail.tells_creator),
        url,
        secret: if has_key { HIDDEN } else { "" },
        create_time: time(platform, row.created_at),
        is_deleted: row.deleted_at.is_some(),
    }
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: WarnChannelId) -> Result<WarnChannel> {
    let channel = warn_channels::query(&platform, &caller, body.channel_id).await?;
    Ok(shown(&platform, channel))
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WarnChannelList {
    /// 渠道列表
    channels: Vec<WarnChannel>,
    /// 总数
    total: u64,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: ListQuery) -> Result<WarnChannelList> {
    let page = warn_channels::list(&platform, &caller, &body.input()?).await?;
    let page = page.map(|channel| shown(&platform, channel));
    Ok(WarnChannelList { channels: page.rows, total: page.total })
}
