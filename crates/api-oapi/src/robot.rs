//! 机器人管理 (3.4).

use baigong_api_kit::Nothing;
use baigong_core::{Platform, robots};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Caller,
    agent::{self, Agent, id_of},
    wire::{PageQuery, Rows},
};

#[derive(Deserialize, JsonSchema)]
pub(crate) struct RobotQuery {
    /// 全局搜索: a part of the name
    tx: Option<String>,
    #[serde(flatten)]
    page: PageQuery,
}

pub(crate) async fn list(platform: Platform, caller: Caller, query: RobotQuery) -> Result<Rows<Agent>> {
    let filter = robots::Filter::all(query.page.input(query.tx)?);
    let page = robots::list(&platform, &caller, &filter).await?.map(|row| (row.robot.id, row.state));
    Ok(agent::shown(&platform, page).await?.into())
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotUpdate {
    /// 机器人 id
    id: String,
    /// 机器人别名
    robot_alias: Option<String>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: RobotUpdate) -> Result<Nothing> {
    robots::rename(&platform, &caller, id_of(&body.id, "robot")?, false, body.robot_alias).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct RobotDetail {
    /// 机器人 id
    id: String,
}

pub(crate) async fn detail(platform: Platform, caller: Caller, query: RobotDetail) -> Result<Agent> {
    let details = robots::query_live(&platform, &caller, id_of(&query.id, "robot")?).await?;
    agent::one(&platform, details.robot.id, details.state).await
}
