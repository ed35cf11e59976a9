//! 获取应用下所有的机器人列表.

use baigong_core::{Platform, applications, robot_scenes};
use baigong_model::{Page, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{Listed, Paging, Signature},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotList {
    /// 应用 ID: the application's accessKeyId
    #[serde(rename = "appID")]
    app_id: String,
    /// 页数 (extension), from 1
    page_num: Option<i64>,
    /// 页数大小 (extension), 1 to 1000; all when absent
    page_size: Option<i64>,
    #[serde(flatten)]
    _signature: Signature,
}

/// 机器人信息
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Robot {
    /// 机器人 id
    id: i64,
    /// 机器人名
    name: String,
    /// 机器人头像: ours have none
    logo: String,
    /// 机器人下属渠道列表: its scenes
    channel_list: Vec<Channel>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Channel {
    /// 场景 id
    id: i64,
    /// 机器人 Id
    robot_id: i64,
    /// 场景名称
    name: String,
    /// 场景描述
    description: String,
    /// 1 默认, 2 非默认
    r#type: i64,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: RobotList) -> Result<Listed<Robot>> {
    let application = applications::by_key(&platform, &caller, &body.app_id).await?;
    let listed = applications::robots(&platform, &caller, &[application.id]).await?.remove(&application.id);
    let listed = listed.unwrap_or_default();
    let total = listed.len();
    let (offset, size) = part(body.page_num, body.page_size, total)?;
    let listed: Vec<_> = listed.into_iter().skip(offset).take(size).collect();
    let ids: Vec<i64> = listed.iter().map(|robot| robot.id).collect();
    let mut scenes = robot_scenes::of(&platform, &ids).await?;
    let channel = |scene: baigong_core::rows::robot_scene::Model| Channel {
        id: scene.id,
        robot_id: scene.robot_id,
        name: scene.name,
        description: scene.description.unwrap_or_default(),
        r#type: if scene.is_default { 1 } else { 2 },
    };
    let data = listed.into_iter().map(|robot| Robot {
        channel_list: scenes.remove(&robot.id).unwrap_or_default().into_iter().map(channel).collect(),
        id: robot.id,
        name: robot.name,
        logo: String::new(),
    });
    let data: Vec<Robot> = data.collect();
    let page_size = i64::try_from(size).unwrap_or(i64::MAX);
    Ok(Listed { data, paging: Paging { page_num: body.page_num.unwrap_or(1), page_size, total: total as u64 } })
}

/// Which rows a page has: all of them where none is asked for.
fn part(page_num: Option<i64>, page_size: Option<i64>, total: usize) -> Result<(usize, usize)> {
    if page_num.is_none() && page_size.is_none() {
        return Ok((0, total));
    }
    let page = Page::new(page_num, page_size)?;
    let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    Ok((whole(page.offset()), whole(page.size())))
}
