//! 获取应用列表.

use baigong_core::{ListInput, Platform, applications, departments};
use baigong_model::{Page, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{Listed, Paging, Signature, time},
};

/// The usual length of a page.
const PAGE_SIZE: i64 = 100;
/// What stands for a secret: it is not stored, so that nobody can be shown it.
const HIDDEN: &str = "******";

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AppList {
    /// 页数, from 1
    page_num: Option<i64>,
    /// 页数大小, 1 to 1000, 100 when absent
    page_size: Option<i64>,
    #[serde(flatten)]
    _signature: Signature,
}

/// 应用信息
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct App {
    /// 应用 ID
    id: i64,
    /// 应用名称
    name: String,
    /// 应用描述
    description: String,
    /// 应用创建时间
    create_time: String,
    /// 应用的公司 ID: the department at the top
    company_id: i64,
    /// 应用 accessKeyId
    access_key_id: String,
    /// 应用 accessKeySecret: always ******, it is shown once when it is made
    access_key_secret: String,
    /// 应用中绑定的机器人: those that the caller sees
    app_robot_response_list: Vec<AppRobot>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AppRobot {
    /// 机器人 ID
    robot_id: i64,
    /// 机器人名称
    robot_name: String,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: AppList) -> Result<Listed<App>> {
    let page = Page::new(body.page_num, Some(body.page_size.unwrap_or(PAGE_SIZE)))?;
    let found = applications::list(&platform, &caller, &ListInput::all(page)).await?;
    let ids: Vec<i64> = found.rows.iter().map(|row| row.id).collect();
    let mut robots = applications::robots(&platform, &caller, &ids).await?;
    let company_id = departments::tree(&platform).await?.parents_first().next().map_or(0, |top| top.id);
    let robot = |it: applications::ListedRobot| AppRobot { robot_id: it.id, robot_name: it.name };
    let data = found.rows.into_iter().map(|row| App {
        app_robot_response_list: robots.remove(&row.id).unwrap_or_default().into_iter().map(robot).collect(),
        id: row.id,
        name: row.name,
        description: row.description.unwrap_or_default(),
        create_time: time(&platform, row.created_at),
        company_id,
        access_key_id: row.access_key_id,
        access_key_secret: HIDDEN.into(),
    });
    let paging = Paging {
        page_num: body.page_num.unwrap_or(1),
        page_size: body.page_size.unwrap_or(PAGE_SIZE),
        total: found.total,
    };
    Ok(Listed { data: data.collect(), paging })
}
