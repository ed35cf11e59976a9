//! 机器人启停 (extensions after 5.1.4): robots that are started, paused, resumed and stopped from the platform.

use baigong_api_kit::Nothing;
use baigong_core::{Platform, robots};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Caller;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotControl {
    /// 机器人 ID
    robot_id: i64,
}

pub(crate) async fn start(platform: Platform, caller: Caller, body: RobotControl) -> Result<Nothing> {
    robots::start(&platform, &caller, body.robot_id).await?;
    Ok(Nothing {})
}

pub(crate) async fn pause(platform: Platform, caller: Caller, body: RobotControl) -> Result<Nothing> {
    robots::pause(&platform, &caller, body.robot_id).await?;
    Ok(Nothing {})
}

pub(crate) async fn resume(platform: Platform, caller: Caller, body: RobotControl) -> Result<Nothing> {
    robots::resume(&platform, &caller, body.robot_id).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotStop {
    /// 机器人 ID
    robot_id: i64,
    /// 强制停止: true cancels what it runs; absent or false lets it end
    force: Option<bool>,
}

pub(crate) async fn stop(platform: Platform, caller: Caller, body: RobotStop) -> Result<Nothing> {
    robots::stop(&platform, &caller, body.robot_id, body.force.unwrap_or(false)).await?;
    Ok(Nothing {})
}
