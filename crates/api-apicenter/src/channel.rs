//! 消息通道 (3.5): what messages leave the platform by.

use baigong_core::{Platform, messages};
use baigong_model::{PageOf, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{Data, PageQuery, Paged},
};

#[derive(Deserialize, JsonSchema)]
pub(crate) struct AllChannels {}

/// A channel as the first list prints it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Channel {
    /// 通道名称
    name: String,
    /// 通道编码
    code: String,
    /// 通道类型: mail 邮件, dingTalk 钉钉, vx 企业微信, feishu 飞书, sms 短信, webhook
    #[serde(rename = "type")]
    kind: &'static str,
}

impl From<messages::Channel> for Channel {
    fn from(it: messages::Channel) -> Self {
        Self { name: it.name, code: it.code, kind: it.kind }
    }
}

pub(crate) async fn list_all(platform: Platform, caller: Caller, _: AllChannels) -> Result<Data<Vec<Channel>>> {
    let channels = messages::channels(&platform, &caller).await?;
    Ok(Data::of(channels.into_iter().map(Channel::from).collect()))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct ChannelList {
    #[serde(flatten)]
    page: PageQuery,
    /// 通道名称: a part of it
    name: Option<String>,
    /// 通道类型
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct ListedChannel {
    /// 通道 id; 0 of the platform's own mail server
    id: i64,
    #[serde(flatten)]
    channel: Channel,
}

impl From<messages::Channel> for ListedChannel {
    fn from(it: messages::Channel) -> Self {
        Self { id: it.id, channel: it.into() }
    }
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: ChannelList) -> Result<Paged<ListedChannel>> {
    let page = body.page.page()?;
    let mut channels = messages::channels(&platform, &caller).await?;
    let name = body.name.unwrap_or_default().to_lowercase();
    channels.retain(|it| it.name.to_lowercase().contains(&name));
    channels.retain(|it| body.kind.as_deref().is_none_or(|kind| kind.is_empty() || kind == it.kind));
    let total = channels.len() as u64;
    let of_page = |(place, _): &(usize, _)| {
        let place = *place as u64;
        (page.offset()..page.offset() + page.size()).contains(&place)
    };
    let rows = channels.into_iter().enumerate().filter(of_page).map(|(_, it)| it.into()).collect();
    Ok(Paged::of(page, PageOf { rows, total }))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct ChannelNamed {
    /// 通道 id: the platform's own mail server when absent
    id: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct ChannelInfo {
    #[serde(flatten)]
    channel: ListedChannel,
    /// 模板 (extension): always [], templates are the gateway's
    templates: Vec<String>,
}

pub(crate) async fn info(platform: Platform, caller: Caller, body: ChannelNamed) -> Result<Data<ChannelInfo>> {
    let channel = messages::channel(&platform, &caller, body.id.unwrap_or_default()).await?;
    Ok(Data::of(ChannelInfo { channel: channel.into(), templates: Vec::new() }))
}
