//! Scenes: the names under which front ends list a robot.

use baigong_api_kit::Nothing;
use baigong_core::{Platform, robot_scenes};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Caller;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SceneCreate {
    /// The robot
    robot_id: i64,
    /// The scene's name, unique for the robot
    name: String,
    /// What it is for
    description: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct SceneCreated {
    /// Its id
    id: i64,
}

pub(crate) async fn create_scene(platform: Platform, caller: Caller, body: SceneCreate) -> Result<SceneCreated> {
    let scene = (body.name.as_str(), body.description);
    Ok(SceneCreated { id: robot_scenes::create(&platform, &caller, body.robot_id, scene).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SceneId {
    /// The robot
    robot_id: i64,
    /// The scene
    id: i64,
}

pub(crate) async fn delete_scene(platform: Platform, caller: Caller, body: SceneId) -> Result<Nothing> {
    robot_scenes::delete(&platform, &caller, body.robot_id, body.id).await?;
    Ok(Nothing {})
}
