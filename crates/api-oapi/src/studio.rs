//! 设计器管理 (3.5): designers, which are agents of their own type.

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

pub(crate) async fn list(platform: Platform, caller: Caller, query: PageQuery) -> Result<Rows<Agent>> {
    let filter = robots::Filter { studios: true, ..robots::Filter::all(query.input(None)?) };
    let page = robots::list(&platform, &caller, &filter).await?.map(|row| (row.robot.id, row.state));
    Ok(agent::shown(&platform, page).await?.into())
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StudioUpdate {
    /// 设计器 id
    id: String,
    /// 设计器别名
    studio_alias: Option<String>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: StudioUpdate) -> Result<Nothing> {
    robots::rename(&platform, &caller, id_of(&body.id, "robot")?, true, body.studio_alias).await?;
    Ok(Nothing {})
}
